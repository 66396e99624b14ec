import { AuthorityTime } from './authority-time.ts'
import { momentOf, type Moment } from './lease.ts'
import type { Clock } from '../ports.ts'
import type { EpochMs } from '../domain/time.ts'

/** An answer that took longer says too little of the time. */
const answerMsMax = 500

/**
 * The deployment's time as a clock: that of the database, as it was heard last, and the monotonic time since. So it is
 * the same for all instances, and nobody who sets the clock of a machine makes a token live longer.
 */
export class AuthorityClock implements Clock {
  readonly #own: Clock
  readonly #time = new AuthorityTime()

  /** @param own the machine's own clocks; its time of day serves until the authority was heard. */
  constructor(own: Clock) {
    this.#own = own
  }

  now(): EpochMs {
    const at = this.#time.at(this.#own.monotonicMs())
    return at === undefined ? this.#own.now() : Math.floor(at)
  }

  monotonicMs(): number {
    return this.#own.monotonicMs()
  }

  /** To be called as soon as the answer is there, with the moment at which it was asked for. */
  heard(authorityAt: EpochMs, asked: Moment): void {
    const arrived = momentOf(this.#own)
    const tookMs = arrived.monotonicMs - asked.monotonicMs
    // Of an answer that was long on its way nobody knows when it was true; what was heard before is nearer. A machine that
    // slept meanwhile learns that from its wall clock alone.
    if (tookMs > answerMsMax || Math.abs(arrived.wallAt - asked.wallAt) > answerMsMax) return
    this.#time.heard(authorityAt, { began: asked, arrived })
  }

  /** See `AuthorityTime.isCertain`. */
  isCertain(): boolean {
    return this.#time.isCertain(momentOf(this.#own))
  }

  /** By how much the machine's own time of day is ahead of the deployment's; negative when it is behind. */
  get aheadMs(): number {
    const own = momentOf(this.#own)
    return Math.round(own.wallAt - (this.#time.at(own.monotonicMs) ?? own.wallAt))
  }
}
