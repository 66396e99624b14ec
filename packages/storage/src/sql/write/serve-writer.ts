import { parentPort, workerData } from 'node:worker_threads'
import type { LogPlace, Position } from '@chatelaine/core'
import { StorageError } from '../../storage-error.ts'
import type { DamagedRow } from '../seal.ts'
import type { BatchResult, WriterMessage, WriterOrder, WriteRequest } from './requests.ts'

/** What writes to a database, one batch after the other. */
export interface Committer {
  /** The end of the log. */
  readonly position: Position
  /**
   * Writes what can be written and answers every request. What it throws ends the thread.
   * @param known what the log has to hold besides what was written here, where others write too
   */
  commit(requests: readonly WriteRequest[], known: readonly LogPlace[]): BatchResult | Promise<BatchResult>
  close(): void | Promise<void>
}

/** What a committer tells besides its answers. */
export interface CommitterEvents {
  readonly onDamaged: (row: DamagedRow) => void
  readonly onFault: (message: string) => void
}

/**
 * Makes this thread the one that writes: opens a committer with what the thread was started with, and gives it what the
 * answering thread asks for. The committer derives its keys from the ring itself, so that nothing that is sealed or
 * signed costs the answering thread anything.
 */
export async function serveWriter(
  open: (data: unknown, events: CommitterEvents) => Committer | Promise<Committer>,
): Promise<void> {
  const port = parentPort!

  function say(message: WriterMessage): void {
    port.postMessage(message)
  }

  async function obey(committer: Committer, order: WriterOrder): Promise<void> {
    if (order.order === 'write') {
      say({ say: 'answered', batch: await committer.commit(order.requests, order.known) })
    } else {
      await committer.close()
      port.close()
    }
  }

  try {
    const committer = await open(workerData, {
      onDamaged: (row) => say({ say: 'damaged', row }),
      onFault: (message) => say({ say: 'fault', message }),
    })
    // What it throws ends the thread, as the answering thread expects.
    port.on('message', (order: WriterOrder) => void obey(committer, order))
    say({ say: 'ready', position: committer.position })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    say({ say: 'refused', key: error instanceof StorageError ? error.key : undefined, message })
    port.close()
  }
}
