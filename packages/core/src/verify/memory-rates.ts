import type { RateCounter } from '../ports.ts'
import {
  addDebt,
  admit,
  debtAt,
  outcomeOf,
  refund,
  standingOf,
  type RateBucket,
  type RateDebt,
  type RateOutcome,
  type RateState,
} from '../domain/rate.ts'
import type { EpochMs } from '../domain/time.ts'

/** Each new counter has so many others looked at, so that those that have drained are met sooner than new ones come. */
const sweptByEach = 2
const sweptAtOnceMax = 100_000

/**
 * Rates counted in this process. Bounded: of more counters than `max` the one begun longest ago is forgotten, which
 * admits at most its limit once more.
 */
export class MemoryRates implements RateCounter {
  readonly #max: number
  readonly #states = new Map<string, RateState>()
  #sweeping = this.#states.entries()

  constructor(max: number) {
    this.#max = max
  }

  /** How many have not drained. Of more than `sweptAtOnceMax` it may count some that have. */
  countAt(now: EpochMs): number {
    this.#sweep(Math.min(this.#states.size, sweptAtOnceMax), now)
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

  /** Adds what others admitted by themselves, up to the limit of each. */
  tell(debts: readonly RateDebt[], now: EpochMs): void {
    for (const { key, rate, debt } of debts) this.#keep(key, addDebt(rate, this.#states.get(key), debt, now))
  }

  /** What was counted under this key last; `undefined` where nothing was, or it is forgotten. */
  stateOf(key: string): RateState | undefined {
    return this.#states.get(key)
  }

  /** Forgets those of the next `count` counters that have drained, which is the same as if they had never been. */
  #sweep(count: number, now: EpochMs): void {
    for (let swept = 0; swept < count; swept += 1) {
      let next = this.#sweeping.next()
      if (next.done === true) {
        this.#sweeping = this.#states.entries()
        next = this.#sweeping.next()
        if (next.done === true) return
      }
      const [key, state] = next.value
      if (debtAt(state, now) === 0) this.#states.delete(key)
    }
  }

  #keep(key: string, state: RateState): void {
    if (!this.#states.has(key)) this.#makeRoom(state.at)
    this.#states.set(key, state)
  }

  #makeRoom(now: EpochMs): void {
    this.#sweep(sweptByEach, now)
    if (this.#states.size < this.#max) return
    for (const oldest of this.#states.keys()) {
      this.#states.delete(oldest)
      return
    }
  }
}
