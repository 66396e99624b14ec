import { existsSync, statSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { StorageError } from '../../storage-error.ts'
import type { CheckData, CheckVerdict } from './thread.ts'

/** How long opening waits for the check. Small databases are through by then; for a large one it goes on beside. */
const waitMs = 1_000

/** A check of a database that may still be under way. */
export interface Checking {
  /** @throws StorageError `damaged`, if that is known by now. */
  waitAWhile(): Promise<void>
  /** Leaves off. */
  stop(): Promise<void>
}

/** Begins to look a database through; what is found after the waiting is over is told as a fault. */
export function beginCheck(file: string, onFault: (message: string) => void): Checking {
  if (!existsSync(file) || statSync(file).size === 0) return { waitAWhile: async () => {}, stop: async () => {} }
  const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: { file } satisfies CheckData })
  worker.unref()
  let isWaitedFor = true
  const verdict = new Promise<string | undefined>((resolve) => {
    worker.on('message', ({ damage }: CheckVerdict) => resolve(damage))
    worker.on('error', (error) => resolve(error instanceof Error ? error.message : String(error)))
    worker.on('exit', () => resolve(undefined))
  })
  void tellLater()
  async function tellLater(): Promise<void> {
    const damage = await verdict
    if (damage !== undefined && !isWaitedFor) onFault(`the database is damaged: ${damage}`)
  }

  return {
    async waitAWhile() {
      const timer = new AbortController()
      const damage = await Promise.race([
        verdict,
        setTimeout(waitMs, undefined, { signal: timer.signal }).catch(() => undefined),
      ])
      timer.abort()
      isWaitedFor = false
      if (damage === undefined) return
      throw new StorageError('damaged', `The database is damaged (${damage}). Restore the newest backup.`)
    },
    async stop() {
      isWaitedFor = true
      await worker.terminate()
    },
  }
}
