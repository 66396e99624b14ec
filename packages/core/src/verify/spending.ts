import type { Peer } from '../domain/caller.ts'
import type { Decision } from './decide.ts'
import type { Remembered } from '../freshness/memory.ts'
import type { Clock, RateCounter } from '../ports.ts'
import type { RateOutcome } from '../domain/rate.ts'
import type { EpochMs } from '../domain/time.ts'
import type { Token } from '../domain/token.ts'
import type { UsageRecorder } from './usage.ts'
import type { UseBudget } from './use-budget.ts'
import type { UseRecorder } from './uses.ts'
import type { Verdict } from './verifier.ts'

export interface SpendingParts {
  readonly budget: UseBudget
  readonly rates: RateCounter
  readonly uses: UseRecorder
  readonly usage: UsageRecorder
  readonly clock: Clock
  /** Told of each use of a secret whose rotation is over. */
  readonly onRetiredSecret: (token: Token, peer: Peer) => void
}

/**
 * What a valid verification takes: one of the token's uses where they are counted, its cost from every rate that bounds
 * it, and, of a new secret, its first use. They are taken in this order, and whatever was taken is given back when one
 * of the next refuses or fails: a refused verification spends nothing and begins nothing.
 */
export class Spending {
  readonly #parts: SpendingParts

  constructor(parts: SpendingParts) {
    this.#parts = parts
  }

  /**
   * Settles a verdict for whoever presented the token, counts how it ended, and notes the use. At once where nothing has
   * to be asked of the store or of another process.
   * @throws `unavailable` (rejects) when the uses left cannot be told, or a first use cannot be noted.
   */
  settle<Prepared>(
    verdict: Verdict<Prepared>,
    cost: number,
    peer: Peer,
  ): Verdict<Prepared> | Promise<Verdict<Prepared>> {
    const { known, decision } = verdict
    if (known === undefined || decision.code !== 'valid') return this.#refuse(verdict, decision, peer)
    if (known.token.usesGranted === null) return this.#takeRate(verdict, known, cost, peer)
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
    return isSpent ? this.#takeRate(verdict, known, cost, peer) : this.#refuse(verdict, { code: 'uses_exceeded' }, peer)
  }

  #takeRate<Prepared>(
    verdict: Verdict<Prepared>,
    known: Remembered<Prepared>,
    cost: number,
    peer: Peer,
  ): Verdict<Prepared> | Promise<Verdict<Prepared>> {
    if (known.buckets.length === 0) return this.#begin(verdict, known, peer)
    const { rates, clock } = this.#parts
    const takenAt = clock.now()
    const outcome = rates.take(known.buckets, cost, takenAt)
    const conclude = (taken: RateOutcome): Verdict<Prepared> | Promise<Verdict<Prepared>> => {
      const rate = taken.standing
      if (taken.admitted) {
        return this.#begin({ ...verdict, decision: { code: 'valid', rate } }, known, peer, { cost, takenAt })
      }
      this.#giveBackUse(known)
      return this.#refuse(verdict, { code: 'rate_limited', retryAfterSeconds: taken.retryAfterSeconds, rate }, peer)
    }
    return outcome instanceof Promise ? outcome.then(conclude) : conclude(outcome)
  }

  #begin<Prepared>(
    verdict: Verdict<Prepared>,
    known: Remembered<Prepared>,
    peer: Peer,
    taken?: TakenRate,
  ): Verdict<Prepared> | Promise<Verdict<Prepared>> {
    const { noteFirstUse } = verdict
    return noteFirstUse === undefined
      ? this.#accept(verdict, known, peer)
      : this.#acceptFirst(verdict, noteFirstUse, known, peer, taken)
  }

  async #acceptFirst<Prepared>(
    { decision }: Verdict<Prepared>,
    noteFirstUse: (peer: Peer) => Promise<Verdict<Prepared>>,
    known: Remembered<Prepared>,
    peer: Peer,
    taken: TakenRate | undefined,
  ): Promise<Verdict<Prepared>> {
    let noted: Verdict<Prepared>
    try {
      noted = await noteFirstUse(peer)
    } catch (error) {
      await this.#giveBack(known, taken)
      throw error
    }
    if (noted.known !== undefined && noted.decision.code === 'valid') {
      return this.#accept({ ...noted, decision }, noted.known, peer)
    }
    await this.#giveBack(known, taken)
    return this.#refuse(noted, noted.decision, peer)
  }

  async #giveBack(known: Remembered<unknown>, taken: TakenRate | undefined): Promise<void> {
    const { rates, clock } = this.#parts
    this.#giveBackUse(known)
    if (taken !== undefined) await rates.giveBack(known.buckets, taken.cost, taken.takenAt, clock.now())
  }

  #giveBackUse({ token }: Remembered<unknown>): void {
    if (token.usesGranted !== null) this.#parts.budget.takeBack(token.id)
  }

  #accept<Prepared>(verdict: Verdict<Prepared>, known: Remembered<Prepared>, peer: Peer): Verdict<Prepared> {
    const { budget, uses, usage, clock } = this.#parts
    const now = clock.now()
    if (known.token.usesGranted !== null) budget.keep(known.token.id)
    uses.record(known, now, peer.ip, peer.client)
    usage.count(known, 'valid', now)
    return verdict
  }

  #refuse<Prepared>(verdict: Verdict<Prepared>, decision: Decision, peer: Peer): Verdict<Prepared> {
    const { usage, clock, onRetiredSecret } = this.#parts
    const { known } = verdict
    usage.count(known, decision.code, clock.now())
    // The token itself lives: what was revoked is the secret alone.
    if (decision.code === 'revoked' && known?.token.revokedAt === null) onRetiredSecret(known.token, peer)
    return verdict.decision === decision ? verdict : { ...verdict, decision }
  }
}

/** What one verification has taken from every rate of its token. */
interface TakenRate {
  readonly cost: number
  readonly takenAt: EpochMs
}
