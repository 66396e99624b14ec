import type { Position } from '../log/change.ts'
import { Failure } from '../domain/failure.ts'
import { instanceLeaseMs, leaseMarginMs, type Instances, type InstanceState } from './instances.ts'
import type { Clock, Timer } from '../ports.ts'
import { callAt, Rounds } from './rounds.ts'

/** After so long the lease of whoever has not applied an entry is certainly over. */
const surelyOverMs = instanceLeaseMs + leaseMarginMs

/** So many may wait before the barrier at once; of more, the answer is `unavailable`. */
export const waitingMax = 10_000

/** While somebody waits the other instances are looked at so often: at first, and when it has taken longer than usual. */
const lookSoonMs = 3
const lookLaterMs = 20
const usualMs = 60

/** While nobody waits they are looked at so often, so that those that are gone are noticed. */
const lookIdlyMs = 1_000

/** What an instance knows of its own row, by which it tells whether those of others are as they were told. */
export interface OwnRow {
  /** At least this beat stands there. */
  readonly beat: number
  /** Whether it was written so lately that nobody can have put the table back to what it was before. */
  readonly isFresh: boolean
}

export interface BarrierParts {
  /** This instance's own id: its own memory is waited for before. */
  readonly id: string
  readonly instances: Instances
  readonly clock: Clock
  readonly timer: Timer
  /** This instance's own row; `undefined` when it has none. */
  readonly ownRow: () => OwnRow | undefined
  /** Told of the other instances whenever they were looked at. Must not throw. */
  readonly onLooked?: (others: readonly InstanceState[]) => void
  /** Told of everyone who has passed, how long it took. */
  readonly onPassed?: (tookMs: number) => void
  /** Told when the others could not be looked at. Must not throw. */
  readonly onTrouble: (error: unknown) => void
}

/**
 * Holds back the answer that something was taken away until no other instance can accept it any more: each has applied
 * it, or has been without word for longer than its lease. It also removes the rows of those that are gone.
 */
export class Barrier {
  readonly #parts: BarrierParts
  readonly #rounds: Rounds
  readonly #waiting = new Set<Waiting>()
  #watched = new Map<string, Watched>()
  /** Every memory has applied everything up to here, or will have before its lease holds again. */
  #passed: Position | undefined
  #heldUntilMs = 0

  constructor(parts: BarrierParts) {
    const { timer, instances } = parts
    this.#parts = parts
    this.#rounds = new Rounds(timer, () => this.#look())
    this.holdBack()
    instances.onReconnect(() => this.holdBack())
  }

  /** How many other instances there were when they were last looked at. */
  get othersCount(): number {
    return this.#watched.size
  }

  /** How many wait now. */
  get waitingCount(): number {
    return this.#waiting.size
  }

  /** Begins to watch the other instances. */
  start(): void {
    this.#rounds.wake()
  }

  /** Nobody is watched any more; whoever still waits passes when the time has come. */
  stop(): Promise<void> {
    return this.#rounds.stop()
  }

  /**
   * Resolves when no other instance answers from a memory that has not applied this entry. Healthy, that takes
   * milliseconds; it never takes longer than the lease and its margin, whatever has failed.
   * @param committedMs when it was known to be committed, on this machine's monotonic clock
   * @throws `unavailable` (rejects) when more than `waitingMax` wait.
   */
  pass(position: Position, committedMs: number): Promise<void> {
    if (this.#hasPassed(position)) return Promise.resolve()
    if (this.#waiting.size >= waitingMax) {
      const message = 'Too many changes wait for the other instances. It is in force; ask again in a second.'
      return Promise.reject(new Failure('unavailable', message, { retryAfterSeconds: 1 }))
    }
    const { clock, timer } = this.#parts
    return new Promise((resolve) => {
      const waiting: Waiting = {
        position,
        committedMs,
        resolve,
        cancel: callAt(committedMs + surelyOverMs, clock, timer, () => this.#letPass(waiting)),
      }
      this.#waiting.add(waiting)
      this.#rounds.wake()
    })
  }

  /**
   * For one lease nobody passes because of what the others' rows say: an instance that still answers may have lost its
   * row together with the database that was connected before, or when the rows were put back to what they were.
   */
  holdBack(): void {
    this.#heldUntilMs = this.#parts.clock.monotonicMs() + surelyOverMs
  }

  async #look(): Promise<number> {
    const { id, instances, clock, onTrouble } = this.#parts
    // Only who has committed before the table is read is told what is in it.
    const asking = [...this.#waiting]
    const askedMs = clock.monotonicMs()
    const own = this.#parts.ownRow()
    try {
      const states = await instances.list()
      const others = states.filter((state) => state.id !== id)
      const standingBeat = states.find((state) => state.id === id)?.beat ?? 0
      // These rows may be older than they were: those of others may be missing among them. An instance that has left
      // meanwhile has removed its own.
      const isTold = own === undefined || (own.isFresh && standingBeat >= own.beat)
      if (!isTold && this.#parts.ownRow() !== undefined) this.holdBack()
      const nowMs = clock.monotonicMs()
      this.#parts.onLooked?.(others)
      if (nowMs >= this.#heldUntilMs) {
        for (const waiting of asking) if (hasEachApplied(others, waiting.position)) this.#letPass(waiting)
      }
      await Promise.all(this.#watch(others, askedMs, nowMs))
    } catch (error) {
      // Without the database everybody passes by time.
      onTrouble(error)
    }
    return this.#pauseMs()
  }

  #pauseMs(): number {
    if (this.#waiting.size === 0) return lookIdlyMs
    const nowMs = this.#parts.clock.monotonicMs()
    const isUsual = [...this.#waiting].some(({ committedMs }) => nowMs - committedMs < usualMs)
    return isUsual ? lookSoonMs : lookLaterMs
  }

  /** Notes who is still there, and removes the rows that stood still for too long. */
  #watch(others: readonly InstanceState[], askedMs: number, nowMs: number): Promise<void>[] {
    const before = this.#watched
    this.#watched = new Map()
    return others.flatMap(({ id, beat }) => {
      const known = before.get(id)
      const watched = known?.beat === beat ? known : { beat, sinceMs: nowMs }
      this.#watched.set(id, watched)
      // From the end of the look that first showed this beat to the beginning of the one that still does.
      return askedMs - watched.sinceMs > surelyOverMs ? [this.#parts.instances.remove(id, beat)] : []
    })
  }

  #letPass(waiting: Waiting): void {
    if (!this.#waiting.delete(waiting)) return
    const { position, committedMs, cancel, resolve } = waiting
    cancel()
    if (!this.#hasPassed(position)) this.#passed = position
    this.#parts.onPassed?.(this.#parts.clock.monotonicMs() - committedMs)
    resolve()
  }

  #hasPassed({ epoch, seq }: Position): boolean {
    return this.#passed?.epoch === epoch && this.#passed.seq >= seq
  }
}

interface Waiting {
  readonly position: Position
  readonly committedMs: number
  readonly resolve: () => void
  readonly cancel: () => void
}

interface Watched {
  readonly beat: number
  readonly sinceMs: number
}

function hasEachApplied(states: readonly InstanceState[], { epoch, seq }: Position): boolean {
  return states.every(({ applied }) => applied.epoch === epoch && applied.seq >= seq)
}
