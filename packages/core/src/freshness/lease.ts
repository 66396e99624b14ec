import type { Clock } from '../ports.ts'
import type { EpochMs } from '../domain/time.ts'

/** Both clocks of the machine at once, so that neither a pause nor a clock that was set can hide from the other. */
export interface Moment {
  readonly monotonicMs: number
  readonly wallAt: EpochMs
}

export function momentOf(clock: Clock): Moment {
  return { monotonicMs: clock.monotonicMs(), wallAt: clock.now() }
}

/**
 * How long one may answer from memory after a confirmed read of the log. It runs from the start of that read, since
 * what was changed while the answer was on its way may be missing from it.
 */
export class Lease {
  #since: Moment | undefined
  #leaseMs = 0

  /** @param began when the read that confirms it began */
  confirm(began: Moment, leaseMs: number): void {
    this.#since = began
    this.#leaseMs = leaseMs
  }

  end(): void {
    this.#since = undefined
  }

  /** A clock that went back, the wall's or the other, ends it as one does that went too far. */
  holds({ monotonicMs, wallAt }: Moment): boolean {
    if (this.#since === undefined) return false
    const elapsedMs = monotonicMs - this.#since.monotonicMs
    const elapsedWallMs = wallAt - this.#since.wallAt
    return elapsedMs >= 0 && elapsedMs < this.#leaseMs && elapsedWallMs >= 0 && elapsedWallMs < this.#leaseMs
  }
}
