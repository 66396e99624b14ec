import type { Clock, Timer } from '../ports.ts'

/** Work that is done again and again, never twice at once: after a while, or at once when somebody wakes it. */
export class Rounds {
  readonly #timer: Timer
  readonly #work: () => Promise<number>
  #cancel: (() => void) | undefined
  #running: Promise<void> | undefined
  #isWoken = false
  #isStopped = false

  /** @param work answers after how many milliseconds it is to be done again; it never throws. */
  constructor(timer: Timer, work: () => Promise<number>) {
    this.#timer = timer
    this.#work = work
  }

  /** Begins at once, or again as soon as the round that is under way has ended. */
  wake(): void {
    if (this.#isStopped) return
    this.#isWoken = true
    this.#running ??= this.#run()
  }

  /** Resolves when the round that is under way has ended; none begins afterwards. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancel?.()
    await this.#running
  }

  async #run(): Promise<void> {
    this.#cancel?.()
    let againAfterMs = 0
    while (this.#isWoken && !this.#isStopped) {
      this.#isWoken = false
      againAfterMs = await this.#work()
    }
    this.#running = undefined
    if (!this.#isStopped) this.#cancel = this.#timer.after(againAfterMs, () => this.wake())
  }
}

/** Calls once the monotonic clock has come so far, and not before it, though a timer may be early. Returns how to cancel. */
export function callAt(dueMs: number, clock: Clock, timer: Timer, call: () => void): () => void {
  let cancel = arm()
  function arm(): () => void {
    return timer.after(Math.max(0, Math.ceil(dueMs - clock.monotonicMs())), () => {
      if (clock.monotonicMs() >= dueMs) call()
      else cancel = arm()
    })
  }
  return () => cancel()
}
