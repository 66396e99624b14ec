import { AuthorityClock } from './authority-clock.ts'
import { clockOffMaxMs } from './authority-time.ts'
import { Barrier, type OwnRow } from './barrier.ts'
import type { Position } from '../log/change.ts'
import type { Others } from './freshness.ts'
import {
  instanceLeaseMs,
  leaseMarginMs,
  type Instances,
  type InstanceState,
  type LogFeed,
  type SharedLog,
  type VerifierState,
} from './instances.ts'
import { Lease, momentOf } from './lease.ts'
import { LogReader, readEveryMs } from './log-reader.ts'
import type { Clock, LogSource, Timer } from '../ports.ts'
import { callAt, Rounds } from './rounds.ts'

/** After a step of the reader failed it is tried again so soon. */
const tryAgainMs = 50

const noVerifiers: VerifierState = { count: 0, lowestSeq: null, longestLeaseMs: 0 }

export interface InstanceOptions {
  /** Random for each start of a process. */
  readonly id: string
  readonly shared: SharedLog
  /** The machine's own clocks. */
  readonly clock: Clock
  readonly timer: Timer
  /** What to say of the SDK verifiers that read from this instance; that there are none, unless given. */
  readonly verifiers?: () => VerifierState
  /** Told of the other instances whenever they were looked at. Must not throw. */
  readonly onLooked?: (others: readonly InstanceState[]) => void
  /** Told of everyone who has passed the barrier, how long it took. Must not throw. */
  readonly onPassed?: (tookMs: number) => void
  /** Told when the log could not be read or the others not be looked at. Must not throw. */
  readonly onTrouble?: (error: unknown) => void
  /** Told when the database was put back to a state before this place, which was applied here. Must not throw. */
  readonly onPutBack?: (applied: Position) => void
}

/** Puts together what makes this process one of several. It is none of them before `join`. */
export function makeInstance(options: InstanceOptions): Instance {
  const { id, shared, clock, timer, verifiers = () => noVerifiers, onTrouble = () => undefined } = options
  const { onPutBack = () => undefined } = options
  const { feed, instances } = shared
  const { onLooked, onPassed } = options
  const told = { ...(onLooked && { onLooked }), ...(onPassed && { onPassed }) }
  const authority = new AuthorityClock(clock)
  const lease = new Lease()
  const ownRow = (): OwnRow | undefined => reader.row
  const barrier = new Barrier({ id, instances, clock, timer, ownRow, onTrouble, ...told })
  const onRowLost = (): void => barrier.holdBack()
  const reader = new LogReader({
    id,
    feed,
    instances,
    clock,
    lease,
    authority,
    verifiers,
    onRowLost,
    onPutBack,
  })
  shared.onWithheld((fromSeq) => reader.withhold(fromSeq))
  return new Instance({ id, feed, instances, clock, timer, authority, lease, reader, barrier, onTrouble })
}

export interface InstanceParts {
  readonly id: string
  readonly feed: LogFeed
  readonly instances: Instances
  readonly clock: Clock
  readonly timer: Timer
  readonly authority: AuthorityClock
  readonly lease: Lease
  readonly reader: LogReader
  readonly barrier: Barrier
  readonly onTrouble: (error: unknown) => void
}

/** This process as one of several that answer for the same store and write to the same log. */
export class Instance implements Others {
  readonly #parts: InstanceParts
  readonly #rounds: Rounds
  #heardMs = -Infinity

  constructor(parts: InstanceParts) {
    this.#parts = parts
    this.#rounds = new Rounds(parts.timer, () => this.#read())
  }

  /** The time of the deployment. */
  get clock(): Clock {
    return this.#parts.authority
  }

  get source(): LogSource {
    return this.#parts.reader
  }

  /** How many instances there are, this one included, as they were last looked at. */
  get count(): number {
    return this.#parts.barrier.othersCount + 1
  }

  /** What the other instances say of themselves. @throws `unavailable` (rejects) */
  async others(): Promise<readonly InstanceState[]> {
    const { id, instances } = this.#parts
    return (await instances.list()).filter((one) => one.id !== id)
  }

  /** How long ago it was known that nothing is new. */
  get lagMs(): number {
    return this.#parts.clock.monotonicMs() - this.#heardMs
  }

  /**
   * Joins the others, so that it answers from memory from now on.
   * @throws `unavailable` (rejects) when the database does not let it.
   */
  async join(): Promise<void> {
    await this.#parts.reader.step()
    this.#heardMs = this.#parts.clock.monotonicMs()
    this.#parts.feed.onHint(() => this.#rounds.wake())
    this.#rounds.wake()
    this.#parts.barrier.start()
  }

  /** Stops answering from memory at once, so that nobody waits for it any more. It goes on hearing of changes. */
  async leave(): Promise<void> {
    try {
      await this.#parts.reader.leave()
    } catch (error) {
      // The others will notice that its row stands still.
      this.#parts.onTrouble(error)
    }
  }

  /** Ends the work in the background. To be called when nobody waits any more. */
  async close(): Promise<void> {
    await Promise.all([this.#rounds.stop(), this.#parts.barrier.stop()])
  }

  /** Why no requests should be sent here, in words for the operator; `undefined` when they may. */
  unreadyBecause(): string | undefined {
    if (!this.mayAnswer()) return 'the log of changes was not read to its end for two seconds'
    const { aheadMs } = this.#parts.authority
    if (Math.abs(aheadMs) <= clockOffMaxMs) return undefined
    const side = aheadMs > 0 ? 'ahead of' : 'behind'
    return `the clock of this machine is ${Math.abs(aheadMs)} ms ${side} that of the database`
  }

  mayAnswer(): boolean {
    return this.#parts.lease.holds(momentOf(this.#parts.clock)) && this.knowsTime()
  }

  knowsTime(): boolean {
    return this.#parts.authority.isCertain()
  }

  hurry(): void {
    this.#rounds.wake()
  }

  onceSurelyOver(call: () => void): () => void {
    return callAt(this.nowMs() + instanceLeaseMs + leaseMarginMs, this.#parts.clock, this.#parts.timer, call)
  }

  nowMs(): number {
    return this.#parts.clock.monotonicMs()
  }

  pass(position: Position, committedMs: number): Promise<void> {
    return this.#parts.barrier.pass(position, committedMs)
  }

  async #read(): Promise<number> {
    const beganMs = this.#parts.clock.monotonicMs()
    try {
      await this.#parts.reader.step()
      this.#heardMs = beganMs
    } catch (error) {
      this.#parts.onTrouble(error)
      return tryAgainMs
    }
    return Math.max(0, readEveryMs - (this.#parts.clock.monotonicMs() - beganMs))
  }
}
