import type { EpochMs } from '../domain/time.ts'

/** Time, passed in. `monotonicMs` never goes back and has no fixed origin. */
export interface Clock {
  now(): EpochMs
  monotonicMs(): number
}

/** Time that passes. */
export interface Timer {
  /** Calls once after so long, unless it is cancelled before; returns how. Keeps no process from ending. */
  after(delayMs: number, call: () => void): () => void
}
