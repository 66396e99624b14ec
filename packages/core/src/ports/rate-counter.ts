import type { RateBucket, RateOutcome } from '../domain/rate.ts'
import type { EpochMs } from '../domain/time.ts'

/** Counts rates. It may forget, and then admits at most what promise 5 says; it never says yes for what it refused. */
export interface RateCounter {
  /**
   * Takes the cost from every bucket, or from none. A counter in this process answers at once.
   * @throws `unavailable` (rejects) never: a counter that is out of reach is replaced by a share of the limit.
   */
  take(buckets: readonly RateBucket[], cost: number, now: EpochMs): RateOutcome | Promise<RateOutcome>
  /**
   * Gives back a cost that was taken at `takenAt` for what failed afterwards, less what has drained since: so it never
   * admits more than if nothing had been taken. What cannot be given back drains by itself.
   * @throws `unavailable` (rejects) never.
   */
  giveBack(buckets: readonly RateBucket[], cost: number, takenAt: EpochMs, now: EpochMs): void | Promise<void>
}
