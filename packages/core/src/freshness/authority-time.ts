import type { Moment } from './lease.ts'
import type { EpochMs } from '../domain/time.ts'

/** A machine whose clock is further off than this is not ready: its logs and its people would be told another time. */
export const clockOffMaxMs = 500

/**
 * The deployment's time, as far as it can be known from afar: what was heard of it last, and the monotonic time since. The
 * own wall clock only tells whether the monotonic one has stood still: a wrong one neither ends a token early nor lets it
 * live on.
 */
export class AuthorityTime {
  #heard: { readonly at: EpochMs; readonly moment: Moment } | undefined

  /** `undefined` until it was heard for the first time. */
  at(monotonicMs: number): EpochMs | undefined {
    return this.#heard && this.#heard.at + (monotonicMs - this.#heard.moment.monotonicMs)
  }

  /**
   * Whether both of the machine's clocks say that about the same time has passed since it was heard. If not, one of them
   * was set, or stood still while the machine slept, and nobody knows what has expired meanwhile.
   */
  isCertain(moment: Moment): boolean {
    return this.#heard === undefined || agree(this.#heard.moment, moment)
  }

  /**
   * Takes in what an answer says of the time at which it was written. That was between the question and now, so what is
   * known already is only moved as far as it lies outside of that. Where the clocks disagree about how long that was, the
   * answer says nothing.
   */
  heard(answeredAt: EpochMs, { began, arrived }: { began: Moment; arrived: Moment }): void {
    if (!agree(began, arrived)) return
    const latestAt = answeredAt + (arrived.monotonicMs - began.monotonicMs)
    const expectedAt = this.at(arrived.monotonicMs) ?? answeredAt
    const at = Math.min(Math.max(expectedAt, answeredAt), latestAt)
    this.#heard = { at, moment: arrived }
  }
}

function agree(from: Moment, to: Moment): boolean {
  const monotonicMs = to.monotonicMs - from.monotonicMs
  const wallMs = to.wallAt - from.wallAt
  return Math.abs(wallMs - monotonicMs) <= clockOffMaxMs
}
