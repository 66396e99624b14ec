import type { EpochMs } from './time.ts'

/**
 * The deployment's time, as far as it can be known from afar: what was heard of it last, and the monotonic time since. The
 * own wall clock has no part in it, so that one that is wrong neither ends a token early nor lets it live on.
 */
export class AuthorityTime {
  #heard: { readonly at: EpochMs; readonly monotonicMs: number } | undefined

  /** `undefined` until it was heard for the first time. */
  at(monotonicMs: number): EpochMs | undefined {
    return this.#heard && this.#heard.at + (monotonicMs - this.#heard.monotonicMs)
  }

  /**
   * Takes in what an answer says of the time at which it was written. That was between the question and now, so what is
   * known already is only moved as far as it lies outside of that.
   */
  heard(answeredAt: EpochMs, { beganMs, arrivedMs }: { beganMs: number; arrivedMs: number }): void {
    const latestAt = answeredAt + (arrivedMs - beganMs)
    const expectedAt = this.at(arrivedMs) ?? answeredAt
    const at = Math.min(Math.max(expectedAt, answeredAt), latestAt)
    this.#heard = { at, monotonicMs: arrivedMs }
  }
}
