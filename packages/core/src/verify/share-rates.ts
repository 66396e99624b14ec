import { MemoryRates } from './memory-rates.ts'
import type { RateCounter } from '../ports.ts'
import {
  debtAt,
  type RateBucket,
  type RateDebt,
  type RateLimit,
  type RateOutcome,
  type RateState,
} from '../domain/rate.ts'
import type { EpochMs } from '../domain/time.ts'

/** When to ask again for a cost that is within the limit, but beyond what one instance may admit of it by itself. */
const askAgainSeconds = 5

/**
 * Each instance's own part of every limit, for as long as instances cannot count together: together they admit no more
 * than the limit, or one each where there are more of them. It keeps what it admitted, so that whoever counts for all
 * can be told.
 */
export class ShareRates implements RateCounter {
  readonly #max: number
  readonly #liveInstances: () => number
  readonly #rates: MemoryRates
  readonly #admitted = new Map<string, { readonly rate: RateLimit; told: RateState | undefined }>()

  /**
   * @param max counters that are kept, as for `MemoryRates`
   * @param liveInstances how many instances answer at the moment, this one among them
   */
  constructor(max: number, liveInstances: () => number) {
    this.#max = max
    this.#liveInstances = liveInstances
    this.#rates = new MemoryRates(max)
  }

  countAt(now: EpochMs): number {
    return this.#rates.countAt(now)
  }

  take(buckets: readonly RateBucket[], cost: number, now: EpochMs): RateOutcome {
    const outcome = this.#rates.take(this.#sharesOf(buckets), cost, now)
    if (outcome.admitted) {
      for (const { key, rate } of buckets) this.#note(key, rate)
      return outcome
    }
    const isWithinLimits = buckets.every(({ rate }) => cost <= rate.limit)
    return outcome.retryAfterSeconds === null && isWithinLimits
      ? { ...outcome, retryAfterSeconds: askAgainSeconds }
      : outcome
  }

  giveBack(buckets: readonly RateBucket[], cost: number, takenAt: EpochMs, now: EpochMs): void {
    this.#rates.giveBack(this.#sharesOf(buckets), cost, takenAt, now)
  }

  /** What was admitted here, has not drained, and was not told yet. */
  untold(now: EpochMs): readonly UntoldDebt[] {
    const debts: UntoldDebt[] = []
    for (const [key, { rate, told }] of this.#admitted) {
      const state = this.#rates.stateOf(key)
      const debt = state === undefined ? 0 : debtAt(state, now)
      if (debt === 0) this.#admitted.delete(key)
      const untold = debt - (told === undefined ? 0 : debtAt(told, now))
      if (untold > 0) debts.push({ key, rate, debt: untold, state: state! })
    }
    return debts
  }

  /** To be called with what whoever counts for all has taken in. */
  told(debts: readonly UntoldDebt[]): void {
    for (const { key, state } of debts) {
      const admitted = this.#admitted.get(key)
      if (admitted !== undefined) admitted.told = state
    }
  }

  #sharesOf(buckets: readonly RateBucket[]): readonly RateBucket[] {
    const instances = Math.max(1, this.#liveInstances())
    return buckets.map(({ key, rate }) => ({ key, rate: shareOf(rate, instances) }))
  }

  #note(key: string, rate: RateLimit): void {
    const former = this.#admitted.get(key)
    if (former === undefined && this.#admitted.size >= this.#max) {
      for (const oldest of this.#admitted.keys()) {
        this.#admitted.delete(oldest)
        break
      }
    }
    this.#admitted.set(key, { rate, told: former?.told })
  }
}

/** What one instance admitted by itself of a whole limit. */
export interface UntoldDebt extends RateDebt {
  /** As the instance counted it when it was asked. */
  readonly state: RateState
}

function shareOf({ limit, windowSeconds }: RateLimit, instances: number): RateLimit {
  return { limit: Math.max(1, Math.floor(limit / instances)), windowSeconds }
}
