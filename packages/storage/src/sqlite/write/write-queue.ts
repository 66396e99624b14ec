import { Failure, type LogEntry, type LogFollower, type Position } from '@chatelaine/core'
import type { BatchResult, WriteAnswer, WriteRequest, WriteResults } from './requests.ts'
import type { WriterEvents, WriterThread } from './writer-thread.ts'

/** Requests that wait for the writer or are with it; beyond so many the answer is `unavailable`. */
export const pendingCommitsMax = 4_096

/** Requests that are written in one transaction. */
const requestsPerBatchMax = 512

export interface WriteQueueOptions {
  /** Starts a writer, the first one and each that follows one which ended by itself. */
  readonly startWriter: (events: WriterEvents) => Promise<{ writer: WriterThread; position: Position }>
  readonly onDamaged: WriterEvents['onDamaged']
  readonly onFault: (message: string) => void
  readonly onWritten: (written: Written) => void
}

/** What is measured of one commit. */
export interface Written {
  readonly commitMs: number
  /** How long after the commit its entries were applied in this thread; only where one of them takes away. */
  readonly takingAppliedMs: number | undefined
}

const fateUnknown = 'The writer failed, and it is not known whether this was written. Look before you try again.'

interface Pending {
  readonly request: WriteRequest
  readonly resolve: (result: WriteResults[keyof WriteResults]) => void
  readonly reject: (error: Error) => void
}

/**
 * What waits to be written. While the writer is busy with one batch the next one gathers; followers see the entries of
 * a batch before its answers are given.
 */
export class WriteQueue {
  readonly #options: WriteQueueOptions
  readonly #followers: LogFollower[] = []
  #waiting: Pending[] = []
  #withWriter: readonly Pending[] = []
  #writer: WriterThread | undefined
  #starting: Promise<void> | undefined
  #position: Position = { epoch: '', seq: 0 }
  #lastCommitMs = 0
  #drained: Promise<void> | undefined
  #onEmpty: (() => void) | undefined

  private constructor(options: WriteQueueOptions) {
    this.#options = options
  }

  /** @throws StorageError */
  static async open(options: WriteQueueOptions): Promise<WriteQueue> {
    const queue = new WriteQueue(options)
    await queue.#start()
    return queue
  }

  get position(): Position {
    return this.#position
  }

  /** Requests that are not answered yet. */
  get length(): number {
    return this.#waiting.length + this.#withWriter.length
  }

  /** How long the last batch took, with its flush to the disk. */
  get lastCommitMs(): number {
    return this.#lastCommitMs
  }

  follow(follower: LogFollower): void {
    this.#followers.push(follower)
  }

  /** @throws `unavailable` (rejects). */
  write<Do extends WriteRequest['do']>(request: Extract<WriteRequest, { do: Do }>): Promise<WriteResults[Do]> {
    if (this.#drained !== undefined) return Promise.reject(unavailable('This server is stopping.'))
    if (this.length >= pendingCommitsMax) {
      return Promise.reject(unavailable('Too many changes wait to be written. Try again in a second.'))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve: resolve as Pending['resolve'], reject })
      this.#send()
    })
  }

  /** Takes no more, and waits until what was asked for before is answered. */
  async drain(): Promise<void> {
    this.#drained ??= new Promise((resolve) => (this.#onEmpty = resolve))
    this.#resolveWhenEmpty()
    await this.#drained
  }

  /** Drains, and ends the thread. */
  async close(): Promise<void> {
    await this.drain()
    await this.#starting
    await this.#writer?.close()
    this.#writer = undefined
  }

  #send(): void {
    if (this.#withWriter.length > 0 || this.#waiting.length === 0 || this.#starting !== undefined) return
    if (this.#writer === undefined) return this.#startAgain()
    this.#withWriter = this.#waiting.slice(0, requestsPerBatchMax)
    this.#waiting = this.#waiting.slice(requestsPerBatchMax)
    try {
      this.#writer.write(this.#withWriter.map(({ request }) => request))
    } catch (error) {
      this.#sendSeparately(this.#withWriter, this.#writer, error)
    }
  }

  /** One of them holds what cannot be sent; the others must not suffer for it. */
  #sendSeparately(batch: readonly Pending[], writer: WriterThread, error: unknown): void {
    const sendable = batch.filter((pending) => isSendable(pending.request))
    for (const pending of batch) if (!sendable.includes(pending)) pending.reject(toError(error))
    this.#withWriter = sendable
    if (sendable.length > 0) writer.write(sendable.map(({ request }) => request))
    else this.#sendNext()
  }

  #sendNext(): void {
    this.#withWriter = []
    this.#send()
    this.#resolveWhenEmpty()
  }

  #onBatch({ answers, reset, entries, commitMs, committedAtNs }: BatchResult): void {
    this.#lastCommitMs = commitMs
    if (reset !== undefined) this.#reset(reset)
    if (entries.length > 0) this.#apply(entries)
    if (committedAtNs !== undefined) {
      const takes = entries.some(({ effect }) => effect === 'takes')
      this.#options.onWritten({ commitMs, takingAppliedMs: takes ? msSince(committedAtNs) : undefined })
    }
    for (const [index, pending] of this.#withWriter.entries()) settle(pending, answers[index])
    this.#sendNext()
  }

  #apply(entries: readonly LogEntry[]): void {
    for (const follower of this.#followers) follower.applied(entries)
    const { epoch, seq } = entries.at(-1)!
    this.#position = { epoch, seq }
  }

  #reset(position: Position): void {
    this.#position = position
    for (const follower of this.#followers) follower.reset(position)
  }

  /** What was with the writer may have been written or not; what waits goes to its successor. */
  #onCrash(error: Error): void {
    this.#options.onFault(`the writer ended: ${error.message}`)
    this.#writer = undefined
    this.#startAgain()
  }

  #startAgain(): void {
    const lost = this.#withWriter
    this.#starting = this.#start()
      .then(() => this.#reset(this.#position))
      .catch((error: unknown) => {
        this.#options.onFault(`no writer can be started: ${toError(error).message}`)
        for (const { reject } of this.#waiting.splice(0)) reject(unavailable('Nothing can be written at the moment.'))
      })
      .finally(() => {
        for (const { reject } of lost) reject(unavailable(fateUnknown))
        this.#starting = undefined
        this.#sendNext()
      })
  }

  async #start(): Promise<void> {
    const { startWriter, onDamaged, onFault } = this.#options
    const { writer, position } = await startWriter({
      onBatch: (batch) => this.#onBatch(batch),
      onCrash: (error) => this.#onCrash(error),
      onDamaged,
      onFault,
    })
    this.#writer = writer
    this.#position = position
  }

  #resolveWhenEmpty(): void {
    if (this.length === 0) this.#onEmpty?.()
  }
}

function settle({ resolve, reject }: Pending, answer: WriteAnswer | undefined): void {
  if (answer === undefined) reject(new Error('the writer left a request without an answer'))
  else if (answer.is === 'done') resolve(answer.result)
  else if (answer.is === 'unavailable') reject(unavailable(answer.message))
  else reject(Object.assign(new Error(answer.message), { stack: answer.stack }))
}

function msSince(ns: bigint): number {
  return Number(process.hrtime.bigint() - ns) / 1_000_000
}

function unavailable(message: string): Failure {
  return new Failure('unavailable', message, { retryAfterSeconds: 1 })
}

function isSendable(request: WriteRequest): boolean {
  try {
    structuredClone(request)
    return true
  } catch {
    return false
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
