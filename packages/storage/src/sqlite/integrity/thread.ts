import { parentPort, workerData } from 'node:worker_threads'
import { findDamage } from './check.ts'

/** The thread that looks a database through, since a large one takes seconds. */
export interface CheckData {
  readonly file: string
}

/** What the thread says in the end. */
export interface CheckVerdict {
  readonly damage: string | undefined
}

const { file } = workerData as CheckData
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows; threads have none.
parentPort?.postMessage({ damage: findDamage(file) } satisfies CheckVerdict)
