import {
  Failure,
  type LogEntry,
  type LogFollower,
  type LogPlace,
  type LogSource,
  type Position,
} from '@chatelaine/core'
import { howToPutBack } from '../../storage-error.ts'
import type { BatchResult, Trouble, WriteAnswer, WriteRequest, WriteResults } from './requests.ts'
import type { WriterEvents, WriterThread } from './writer-thread.ts'

/** Requests that wait for the writer or are with it; beyond so many the answer is `unavailable`. */
export const pendingCommitsMax = 4_096

/** Requests that are written in one transaction. */
const requestsPerBatchMax = 512

/** A writer that has not answered for so long is told of, and nobody waits for what it is about to say. */
const batchLateMs = 1_000

/** While nothing can be written it is tried again so often, also when nobody asks. */
const tryAgainMs = 1_000

/** Why nothing can be written, for whoever asks whether this server is ready. */
const troubles = {
  database: 'the database cannot be written',
  journal: 'the journal cannot be written',
  'put-back': `the database was put back to an earlier state, and what was revoked since could not be revoked again: stop every instance; ${howToPutBack}`,
  'no-writer': 'the writer ended and no other could be started yet',
  late: 'the writer does not answer',
} as const satisfies Record<Trouble | 'no-writer' | 'late', string>

export interface WriteQueueOptions {
  /** Starts a writer, the first one and each that follows one which ended by itself. */
  readonly startWriter: (events: WriterEvents) => Promise<{ writer: WriterThread; position: Position }>
  /** Where the log ends in the database; `undefined` before it can be read. */
  readonly readPosition: () => Position | undefined
  readonly onDamaged: WriterEvents['onDamaged']
  readonly onFault: (message: string) => void
  readonly onWritten: (written: Written) => void
  /** What is known here of a log that others write to as well. */
  readonly known?: { readonly places: readonly LogPlace[]; wrote(place: LogPlace): void }
  /** Whoever has waited for so long is refused; without it, everybody waits until the writer answers. */
  readonly waitMsMax?: number
}

/** What is measured of one commit. */
export interface Written {
  readonly commitMs: number
  /** How long after the commit its entries were applied in this thread; only where one of them takes away. */
  readonly takingAppliedMs: number | undefined
}

const waitedTooLong = 'The database is too busy, or does not answer. Nothing was changed: try again in a second.'
const fateUnknown =
  'The writer failed or is late, and it is not known whether this was written. Look before you try again.'

interface Pending {
  readonly request: WriteRequest
  readonly resolve: (result: WriteResults[keyof WriteResults]) => void
  readonly reject: (error: Error) => void
  /** Its asker has been refused and is gone, so that it is not to be begun again. */
  isGivenUp: boolean
}

/**
 * What waits to be written. While the writer is busy with one batch the next one gathers; followers see the entries of
 * a batch before its answers are given.
 */
export class WriteQueue implements LogSource {
  readonly #options: WriteQueueOptions
  readonly #followers: LogFollower[] = []
  #waiting: Pending[] = []
  #withWriter: readonly Pending[] = []
  #writer: WriterThread | undefined
  #starting: Promise<void> | undefined
  #position: Position = { epoch: '', seq: 0 }
  #proven: Position = { epoch: '', seq: 0 }
  #lastCommitMs = 0
  #trouble: keyof typeof troubles | undefined
  #withheldFrom: number | undefined
  #lateTimer: NodeJS.Timeout | undefined
  #againTimer: NodeJS.Timeout | undefined
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

  position(): Position {
    return this.#position
  }

  /** How far the log has come for certain; further back only where a writer has taken that up. */
  get proven(): Position {
    return this.#proven
  }

  /** Requests that are not answered yet. */
  get length(): number {
    return this.#waiting.length + this.#withWriter.length
  }

  /** How long the last batch took, with its flush to the disk. */
  get lastCommitMs(): number {
    return this.#lastCommitMs
  }

  /** Why nothing can be written at the moment; `undefined` when it can. */
  get trouble(): string | undefined {
    return this.#trouble && troubles[this.#trouble]
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
    const { promise, resolve, reject } = Promise.withResolvers<WriteResults[Do]>()
    const pending: Pending = { request, resolve: resolve as Pending['resolve'], reject, isGivenUp: false }
    this.#waiting.push(pending)
    this.#send()
    return this.#inTime(pending, promise)
  }

  /** What the writer answers to whoever has been refused is heard by nobody. */
  async #inTime<T>(pending: Pending, answer: Promise<T>): Promise<T> {
    if (this.#options.waitMsMax === undefined) return answer
    const timer = setTimeout(() => {
      const place = this.#waiting.indexOf(pending)
      if (place >= 0) this.#waiting.splice(place, 1)
      pending.isGivenUp = true
      pending.reject(unavailable(place >= 0 ? waitedTooLong : fateUnknown))
      this.#resolveWhenEmpty()
    }, this.#options.waitMsMax)
    try {
      return await answer
    } finally {
      clearTimeout(timer)
    }
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
    clearTimeout(this.#againTimer)
    await this.#starting
    await this.#writer?.close()
    this.#writer = undefined
  }

  #send(): void {
    if (this.#withWriter.length > 0 || this.#waiting.length === 0 || this.#starting !== undefined) return
    if (this.#writer === undefined) return this.#startAgain()
    this.#withWriter = this.#waiting.slice(0, requestsPerBatchMax)
    this.#waiting = this.#waiting.slice(requestsPerBatchMax)
    this.#lateTimer = setTimeout(() => this.#withholdNew('late'), batchLateMs).unref()
    try {
      this.#writer.write(
        this.#withWriter.map(({ request }) => request),
        this.#known,
      )
    } catch (error) {
      this.#sendSeparately(this.#withWriter, this.#writer, error)
    }
  }

  /** One of them holds what cannot be sent; the others must not suffer for it. */
  #sendSeparately(batch: readonly Pending[], writer: WriterThread, error: unknown): void {
    const sendable = batch.filter((pending) => isSendable(pending.request))
    for (const pending of batch) if (!sendable.includes(pending)) pending.reject(toError(error))
    this.#withWriter = sendable
    if (sendable.length === 0) return this.#sendNext()
    writer.write(
      sendable.map(({ request }) => request),
      this.#known,
    )
  }

  get #known(): readonly LogPlace[] {
    return this.#options.known?.places ?? []
  }

  #sendNext(): void {
    clearTimeout(this.#lateTimer)
    this.#withWriter = []
    this.#send()
    this.#resolveWhenEmpty()
  }

  #onBatch({ answers, reset, entries, wrote, commitMs, committedAtNs, withheldFrom, trouble }: BatchResult): void {
    if (wrote !== undefined) this.#options.known?.wrote(wrote)
    this.#lastCommitMs = commitMs
    this.#withhold(trouble, withheldFrom)
    if (reset !== undefined) this.#reset(reset)
    if (entries.length > 0) this.#apply(entries)
    if (committedAtNs !== undefined) {
      const takes = entries.some(({ effect }) => effect === 'takes')
      this.#options.onWritten({ commitMs, takingAppliedMs: takes ? msSince(committedAtNs) : undefined })
    }
    const postponed = this.#withWriter.filter((one, index) => answers[index]?.is === 'postponed' && !one.isGivenUp)
    this.#waiting.unshift(...postponed)
    for (const [index, pending] of this.#withWriter.entries()) settle(pending, answers[index])
    this.#sendNext()
  }

  #apply(entries: readonly LogEntry[]): void {
    for (const follower of this.#followers) follower.applied(entries)
    const { epoch, seq } = entries.at(-1)!
    this.#position = { epoch, seq }
    this.#proven = this.#position
  }

  #reset(position: Position): void {
    this.#position = position
    for (const follower of this.#followers) follower.reset(position)
  }

  /** From this entry on nothing may be said to be in force, until this is called without one. */
  #withhold(trouble: keyof typeof troubles | undefined, fromSeq: number | undefined): void {
    this.#trouble = trouble
    this.#withheldFrom = fromSeq
    for (const follower of this.#followers) follower.withheld(fromSeq)
    clearTimeout(this.#againTimer)
    if (trouble === undefined || trouble === 'late' || this.#drained !== undefined) return
    this.#againTimer = setTimeout(() => void this.write({ do: 'try' }).catch(() => undefined), tryAgainMs).unref()
  }

  /** Whatever followers have not heard of yet is withheld, besides what was already. */
  #withholdNew(trouble: keyof typeof troubles): void {
    this.#withhold(trouble, Math.min(this.#withheldFrom ?? Infinity, this.#position.seq + 1))
  }

  /** What was with the writer may have been written or not; what waits goes to its successor. */
  #onCrash(error: Error): void {
    this.#options.onFault(`the writer ended: ${error.message}`)
    this.#writer = undefined
    clearTimeout(this.#lateTimer)
    // Readers see what was committed and not told of, and its lines may be missing until the next writer has looked.
    this.#withholdNew('no-writer')
    this.#reset(this.#positionInDatabase())
    this.#startAgain()
  }

  #positionInDatabase(): Position {
    try {
      return this.#options.readPosition() ?? this.#position
    } catch (error) {
      this.#options.onFault(`the end of the log cannot be read: ${toError(error).message}`)
      return this.#position
    }
  }

  #startAgain(): void {
    const lost = this.#withWriter
    this.#starting = this.#startFrom(this.#position)
      .catch((error: unknown) => {
        this.#options.onFault(`no writer can be started: ${toError(error).message}`)
        this.#withhold('no-writer', this.#withheldFrom)
        for (const { reject } of this.#waiting.splice(0)) reject(unavailable('Nothing can be written at the moment.'))
      })
      .finally(() => {
        for (const { reject } of lost) reject(unavailable(fateUnknown))
        this.#starting = undefined
        this.#sendNext()
      })
  }

  /** Takes up where the last writer ended; what it left without lines in the journal has them when its successor is ready. */
  async #startFrom({ epoch, seq }: Position): Promise<void> {
    await this.#start()
    if (this.#position.epoch !== epoch || this.#position.seq !== seq) this.#reset(this.#position)
    this.#withhold(undefined, undefined)
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
    this.#proven = position
  }

  #resolveWhenEmpty(): void {
    if (this.length === 0) this.#onEmpty?.()
  }
}

function settle({ resolve, reject }: Pending, answer: WriteAnswer | undefined): void {
  if (answer?.is === 'postponed') return
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
