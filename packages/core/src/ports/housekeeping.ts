import type { EpochMs } from '../domain/time.ts'

/** Upkeep that changes nothing anybody could ask about. No entry in the log. */
export interface Housekeeping {
  /** Removes sessions that are over, idempotency keys older than 24 hours, and notes of hand-offs that have ended. */
  removeOutdated(now: EpochMs): Promise<void>
  /** Seals every row anew that is not sealed under the current master key; answers how many there were. */
  reseal(): Promise<number>
}
