import type { Clock, EpochMs, Timer } from '@chatelaine/core'
import type { Chance, Schedule } from './schedule.ts'

/** The wall clocks of all machines begin near this instant. */
export const beginningAt: EpochMs = Date.UTC(2026, 10, 22, 10)

/** What a process runs on: its clocks, and whether it runs at all. What reaches it while it does not waits. */
export class Machine {
  /** How often it was stopped: what took long while this changed may have taken long because of it. */
  pauses = 0
  /** When it could reach its database last, after it could not: connections are made anew. */
  connections = 1
  isCutOff = false
  /** Whether whatever it sends or is sent is long on its way. */
  isSlow = false
  readonly clock: Clock
  readonly timer: Timer
  readonly #schedule: Schedule
  readonly #chance: Chance
  /** How fast its clocks go. */
  readonly #rate: number
  #wallAheadMs = 0
  #sleptMs = 0
  #fellAsleepMs: number | undefined
  #wasSetBack = false
  #isStopped = false
  #isDead = false
  #inbox: (() => void)[] = []

  constructor(schedule: Schedule, chance: Chance, rate: number) {
    this.#schedule = schedule
    this.#chance = chance
    this.#rate = rate
    this.clock = {
      now: () => beginningAt + Math.floor(schedule.nowMs * rate + this.#wallAheadMs),
      monotonicMs: () => ((this.#fellAsleepMs ?? schedule.nowMs) - this.#sleptMs) * rate,
    }
    this.timer = {
      after: (delayMs, call) => {
        let isCancelled = false
        const due = (): void => this.deliver(() => void (isCancelled || call()))
        const cancel = schedule.after(delayMs / rate, due)
        return () => {
          isCancelled = true
          cancel()
        }
      },
    }
  }

  get isRunning(): boolean {
    return !this.#isStopped && !this.#isDead
  }

  get isDead(): boolean {
    return this.#isDead
  }

  /** Something reaches it: an answer, or the end of a timer. */
  deliver(work: () => void): void {
    if (this.#isDead) return
    if (this.#isStopped) this.#inbox.push(work)
    else work()
  }

  /** Nothing runs for so long. When it sleeps, its monotonic clock stands still too. */
  stop(forMs: number, isAsleep = false): void {
    if (!this.isRunning) return
    this.pauses += 1
    this.#isStopped = true
    if (isAsleep && !this.#wasSetBack) this.#fellAsleepMs = this.#schedule.nowMs
    this.#schedule.after(forMs, () => this.#goOn())
  }

  crash(): void {
    this.#isDead = true
    this.#inbox = []
  }

  /**
   * Somebody sets its clock; but not back on a machine that sleeps at times. Together these two can make both clocks say
   * that no time has passed, as when both are stopped from outside, and against that nothing is promised.
   */
  setWall(byMs: number): void {
    if (byMs < 0 && (this.#sleptMs > 0 || this.#fellAsleepMs !== undefined)) return
    this.#wasSetBack ||= byMs < 0
    this.#wallAheadMs += byMs
  }

  /** It cannot reach its database for so long. */
  cutOff(forMs: number): void {
    if (this.isCutOff) return
    this.isCutOff = true
    this.#schedule.after(forMs, () => {
      this.isCutOff = false
      this.connections += 1
    })
  }

  slowDown(forMs: number): void {
    this.isSlow = true
    this.#schedule.after(forMs, () => void (this.isSlow = false))
  }

  #goOn(): void {
    if (this.#fellAsleepMs !== undefined) this.#sleptMs += this.#schedule.nowMs - this.#fellAsleepMs
    this.#fellAsleepMs = undefined
    this.#isStopped = false
    // In whatever order the sockets and timers come, and what each sets free before the next, as an event loop does.
    const waiting = this.#inbox.splice(0).map((work) => ({ work, place: this.#chance.next() }))
    waiting.sort((a, b) => a.place - b.place)
    for (const { work } of waiting) this.#schedule.after(0, () => this.deliver(work))
  }

  get rate(): number {
    return this.#rate
  }
}
