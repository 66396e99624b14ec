import type { Clock, Timer } from '@chatelaine/core'

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
}

/** The machine's own timers. */
export const systemTimer: Timer = {
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs).unref()
    return () => clearTimeout(timer)
  },
}
