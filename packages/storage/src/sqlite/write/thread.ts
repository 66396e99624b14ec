import { parentPort, workerData } from 'node:worker_threads'
import { StorageError } from '../../storage-error.ts'
import { GroupCommitter, type CommitterOptions } from './group-committer.ts'
import type { WriterMessage, WriterOrder } from '../../sql/write/requests.ts'

/**
 * The thread that owns the writing connection. It derives the keys from the ring itself, so that nothing that is sealed
 * or signed costs the answering thread anything.
 */
export type WriterData = Omit<CommitterOptions, 'onDamaged' | 'onFault'>

const port = parentPort!

function say(message: WriterMessage): void {
  port.postMessage(message)
}

function open(): GroupCommitter | undefined {
  try {
    return new GroupCommitter({
      ...(workerData as WriterData),
      onDamaged: (row) => say({ say: 'damaged', row }),
      onFault: (message) => say({ say: 'fault', message }),
    })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    say({ say: 'refused', key: error instanceof StorageError ? error.key : undefined, message })
    port.close()
    return undefined
  }
}

const committer = open()

if (committer !== undefined) {
  port.on('message', (order: WriterOrder) => {
    if (order.order === 'write') {
      say({ say: 'answered', batch: committer.commit(order.requests) })
    } else {
      committer.close()
      port.close()
    }
  })
  say({ say: 'ready', position: committer.position })
}
