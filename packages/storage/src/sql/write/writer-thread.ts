import { Worker } from 'node:worker_threads'
import type { LogPlace, Position } from '@chatelaine/core'
import type { DamagedRow } from '../seal.ts'
import { StorageError } from '../../storage-error.ts'
import type { BatchResult, WriteRequest, WriterMessage, WriterOrder } from './requests.ts'

export interface WriterEvents {
  onBatch(batch: BatchResult): void
  onDamaged(row: DamagedRow): void
  onFault(message: string): void
  /** The thread ended without being asked to. */
  onCrash(error: Error): void
}

/** The writer's thread as the answering thread sees it: one batch at a time goes in, and its result comes out. */
export class WriterThread {
  readonly #worker: Worker
  readonly #events: WriterEvents
  #state: 'starting' | 'running' | 'closing' = 'starting'

  private constructor(worker: Worker, events: WriterEvents) {
    this.#worker = worker
    this.#events = events
  }

  /**
   * Starts the thread, which opens the database.
   * @param program what runs in it, and calls `serveWriter` with this data
   * @returns the thread, and where the log ends
   * @throws StorageError when the database cannot be used as it stands.
   */
  static start(
    program: URL,
    data: unknown,
    events: WriterEvents,
  ): Promise<{ writer: WriterThread; position: Position }> {
    const worker = new Worker(program, { workerData: data })
    const writer = new WriterThread(worker, events)
    return new Promise((resolve, reject) => {
      worker.on('message', (message: WriterMessage) => {
        if (message.say === 'ready') resolve({ writer, position: message.position })
        else if (message.say === 'refused') reject(refusalOf(message))
        writer.#onMessage(message)
      })
      let cause = new Error('the thread of the writer ended')
      worker.on('error', (error) => (cause = error instanceof Error ? error : new Error(String(error))))
      worker.on('exit', () => {
        if (writer.#state === 'starting') reject(cause)
        else if (writer.#state === 'running') events.onCrash(cause)
      })
    })
  }

  /** @throws DataCloneError when a request holds what no thread can be given. */
  write(requests: readonly WriteRequest[], known: readonly LogPlace[]): void {
    this.#order({ order: 'write', requests, known })
  }

  /** Lets the thread finish what it was given, and end. */
  async close(): Promise<void> {
    this.#state = 'closing'
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.#order({ order: 'close' })
    await ended
  }

  #onMessage(message: WriterMessage): void {
    switch (message.say) {
      case 'ready':
        this.#state = 'running'
        break
      case 'refused':
        this.#state = 'closing'
        break
      case 'answered':
        this.#events.onBatch(message.batch)
        break
      case 'damaged':
        this.#events.onDamaged(message.row)
        break
      case 'fault':
        this.#events.onFault(message.message)
    }
  }

  #order(order: WriterOrder): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows; threads have none.
    this.#worker.postMessage(order)
  }
}

function refusalOf({ key, message }: Extract<WriterMessage, { say: 'refused' }>): Error {
  return key === undefined ? new Error(message) : new StorageError(key, message)
}
