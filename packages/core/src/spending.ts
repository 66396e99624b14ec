import type { Decision } from './decide.ts'
import type { Clock, RateCounter } from './ports.ts'
import type { RateOutcome } from './rate.ts'
import type { UseBudget } from './use-budget.ts'
import type { UsageRecorder } from './usage.ts'
import type { UseRecorder } from './uses.ts'
import type { Peer } from './caller.ts'
import type { Remembered } from './memory.ts'
import type { Verdict } from './verifier.ts'

export interface SpendingParts {
  readonly budget: UseBudget
  readonly rates: RateCounter
  readonly uses: UseRecorder
  readonly usage: UsageRecorder
  readonly clock: Clock
}

/**
 * What a valid verification takes: one of the token's uses where they are counted, and its cost from every rate that
 * bounds it. A use is taken first and given back if the rate refuses, so that a refused verification spends nothing.
 */
export class Spending {
  readonly #parts: SpendingParts

  constructor(parts: SpendingParts) {
    this.#parts = parts
  }

  /**
   * Settles a verdict for whoever presented the token, counts how it ended, and notes the use. At once where nothing has
   * to be asked of the store or of another process.
   * @throws `unavailable` (rejects) when the uses left cannot be told.
   */
  settle<Prepared>(
    verdict: Verdict<Prepared>,
    cost: number,
    peer: Peer,
  ): Verdict<Prepared> | Promise<Verdict<Prepared>> {
    const { known, decision } = verdict
    if (known === undefined || decision.code !== 'valid') return this.#refuse(verdict, decision)
    if (known.token.usesGranted === null) {
      return known.buckets.length === 0
        ? this.#accept(verdict, known, peer)
        : this.#takeRate(verdict, known, cost, peer)
    }
    const spent = this.#parts.budget.spend(known.token.id)
    return spent instanceof Promise
      ? spent.then((isSpent) => this.#afterUse(isSpent, verdict, known, cost, peer))
      : this.#afterUse(spent, verdict, known, cost, peer)
  }

  #afterUse<Prepared>(
    isSpent: boolean,
    verdict: Verdict<Prepared>,
    known: Remembered<Prepared>,
    cost: number,
    peer: Peer,
  ): Verdict<Prepared> | Promise<Verdict<Prepared>> {
    if (!isSpent) return this.#refuse(verdict, { code: 'uses_exceeded' })
    return known.buckets.length === 0 ? this.#accept(verdict, known, peer) : this.#takeRate(verdict, known, cost, peer)
  }

  #takeRate<Prepared>(
    verdict: Verdict<Prepared>,
    known: Remembered<Prepared>,
    cost: number,
    peer: Peer,
  ): Verdict<Prepared> | Promise<Verdict<Prepared>> {
    const { rates, clock } = this.#parts
    const outcome = rates.take(known.buckets, cost, clock.now())
    const conclude = (taken: RateOutcome): Verdict<Prepared> => {
      const rate = taken.standing
      if (taken.admitted) return this.#accept({ ...verdict, decision: { code: 'valid', rate } }, known, peer)
      if (known.token.usesGranted !== null) this.#parts.budget.takeBack(known.token.id)
      return this.#refuse(verdict, { code: 'rate_limited', retryAfterSeconds: taken.retryAfterSeconds, rate })
    }
    return outcome instanceof Promise ? outcome.then(conclude) : conclude(outcome)
  }

  #accept<Prepared>(verdict: Verdict<Prepared>, known: Remembered<Prepared>, peer: Peer): Verdict<Prepared> {
    const { uses, usage, clock } = this.#parts
    const now = clock.now()
    uses.record(known, now, peer.ip, peer.client)
    usage.count(known, 'valid', now)
    return verdict
  }

  #refuse<Prepared>(verdict: Verdict<Prepared>, decision: Decision): Verdict<Prepared> {
    const { usage, clock } = this.#parts
    usage.count(verdict.known, decision.code, clock.now())
    return verdict.decision === decision ? verdict : { ...verdict, decision }
  }
}
