import type { RateCounter } from './ports.ts'
import { admit, outcomeOf, refund, standingOf, type RateBucket, type RateOutcome, type RateState } from './rate.ts'
import type { EpochMs } from './time.ts'

/**
 * Rates counted in this process. Bounded: of more counters than `max` the one begun longest ago is forgotten, which
 * admits at most its limit once more.
 */
export class MemoryRates implements RateCounter {
  readonly #max: number
  readonly #states = new Map<string, RateState>()

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#states.size
  }

  take(buckets: readonly RateBucket[], cost: number, now: EpochMs): RateOutcome {
    const admissions = buckets.map((bucket) => admit(bucket.rate, this.#states.get(bucket.key), cost, now))
    const waitsMs = admissions.map((admission) => (admission.admitted ? 0 : admission.waitMs))
    if (waitsMs.every((waitMs) => waitMs === 0)) {
      for (const [index, admission] of admissions.entries()) {
        if (admission.admitted) this.#keep(buckets[index]!.key, admission.state)
      }
    }
    const standings = buckets.map(({ key, rate }) => standingOf(rate, this.#states.get(key), now))
    return outcomeOf(waitsMs, standings)
  }

  giveBack(buckets: readonly RateBucket[], cost: number, takenAt: EpochMs, now: EpochMs): void {
    for (const { key, rate } of buckets) {
      const state = this.#states.get(key)
      if (state !== undefined) this.#states.set(key, refund(rate, state, cost, takenAt, now))
    }
  }

  /** What was counted under this key last; `undefined` where nothing was, or it is forgotten. */
  stateOf(key: string): RateState | undefined {
    return this.#states.get(key)
  }

  #keep(key: string, state: RateState): void {
    if (!this.#states.has(key) && this.#states.size >= this.#max) {
      for (const oldest of this.#states.keys()) {
        this.#states.delete(oldest)
        break
      }
    }
    this.#states.set(key, state)
  }
}
