import type { AuthorityClock } from './authority-clock.ts'
import type { LogEntry, Position } from '../log/change.ts'
import {
  instanceLeaseMs,
  type Instances,
  type InstanceState,
  type LogFeed,
  type LogPlace,
  type VerifierState,
} from './instances.ts'
import type { OwnRow } from './barrier.ts'
import { Lease, momentOf } from './lease.ts'
import type { Clock, LogFollower, LogSource } from '../ports.ts'

/** The log is read at least so often, with or without a hint. */
export const readEveryMs = 250

/** Entries that are asked for at once. */
const entriesPerReadMax = 500

/** Whoever is further behind than so many entries begins anew, which is quicker. */
const entriesPerStepMax = 20 * entriesPerReadMax

/**
 * Whoever has not written its row for longer does not know what became of the table meanwhile. Nobody backs a database up
 * and puts it back in less.
 */
const rowFreshMs = 1_000

const nowhere: LogPlace = { epoch: '', seq: 0, chain: '' }

export interface LogReaderParts {
  /** Random for each start of a process. */
  readonly id: string
  readonly feed: LogFeed
  readonly instances: Instances
  /** The machine's own. */
  readonly clock: Clock
  readonly lease: Lease
  readonly authority: AuthorityClock
  /** What to say of the SDK verifiers that read from this instance. */
  readonly verifiers: () => VerifierState
  /**
   * Called when the row of this instance does not stand there as it was told last, was not written for long, or is written
   * anew: of the rows of others nobody knows then whether they are as they were told. Must not throw.
   */
  readonly onRowLost: () => void
  /** Called when the log does not hold what was applied here: the database was put back. Must not throw. */
  readonly onPutBack: (applied: Position) => void
}

/**
 * Hears of every change where other processes write too, and tells them how far it has come. Whoever follows it is told
 * of every entry in order; or that it must begin anew, when its place in the log is gone, somebody put the log back, or it
 * was missing among the instances.
 */
export class LogReader implements LogSource {
  readonly #parts: LogReaderParts
  readonly #followers: LogFollower[] = []
  #place = nowhere
  #beat = 0
  /** The last beat that is known to stand in the row. */
  #writtenBeat = 0
  readonly #row = new Lease()
  #isIn = false
  #hasLeft = false
  #underWay = Promise.resolve()

  constructor(parts: LogReaderParts) {
    this.#parts = parts
  }

  follow(follower: LogFollower): void {
    this.#followers.push(follower)
  }

  position(): Position {
    const { epoch, seq } = this.#place
    return { epoch, seq }
  }

  /** What stands in the row of this instance, as long as nobody touches it; `undefined` when it has none. */
  get row(): OwnRow | undefined {
    if (!this.#isIn || this.#hasLeft) return undefined
    return { beat: this.#writtenBeat, isFresh: this.#row.holds(momentOf(this.#parts.clock)) }
  }

  /**
   * Reads to the end of the log, tells the followers, then the other instances, and only then confirms the lease: whoever
   * sees that this instance's row stands still knows that its lease does too. Not to be called again before it has ended.
   * @throws `unavailable` (rejects) when the database cannot say; then the lease runs out by itself.
   */
  step(): Promise<void> {
    const step = this.#step()
    const end = (): void => undefined
    this.#underWay = step.then(end, end)
    return step
  }

  async #step(): Promise<void> {
    const { lease, clock } = this.#parts
    const began = momentOf(clock)
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      if (!this.#isIn) await this.#join()
      if ((await this.#readToEnd()) && (await this.#tellOthers())) {
        if (!this.#hasLeft) lease.confirm(began, instanceLeaseMs)
        return
      }
      lease.end()
      this.#isIn = false
      this.#parts.onRowLost()
    }
  }

  /** From this entry on nothing may be said to be in force; `undefined`: everything may. */
  withhold(fromSeq: number | undefined): void {
    for (const follower of this.#followers) follower.withheld(fromSeq)
  }

  /** Stops answering from memory, and then being waited for. It goes on reading whatever is committed here. */
  async leave(): Promise<void> {
    const { id, lease, instances } = this.#parts
    this.#hasLeft = true
    lease.end()
    // What it still writes into its row must not come after the row was removed.
    await this.#underWay
    // When the answer to the last update was lost, nobody knows which of the two stands there.
    const beats = new Set([this.#writtenBeat, this.#beat])
    await Promise.all([...beats].map((beat) => instances.remove(id, beat)))
  }

  /**
   * First the row, then the end of the log: whoever takes something away and does not see the row has committed before
   * the end was read, so that this memory, which is empty, begins behind it.
   */
  async #join(): Promise<void> {
    const { feed, instances, clock, authority, onRowLost } = this.#parts
    onRowLost()
    if (!this.#hasLeft) {
      const state = this.#nextState({ epoch: nowhere.epoch, seq: nowhere.seq })
      const began = momentOf(clock)
      await instances.join(state)
      this.#writtenBeat = state.beat
      this.#row.confirm(began, rowFreshMs)
    }
    const asked = momentOf(clock)
    const { position, chain, authorityAt } = await feed.readEnd()
    authority.heard(authorityAt, asked)
    this.#place = { ...position, chain }
    for (const follower of this.#followers) follower.reset(position)
    this.#isIn = true
  }

  /** `false` when there is no way to the end of the log from here. */
  async #readToEnd(): Promise<boolean> {
    const { feed, clock, authority, onPutBack } = this.#parts
    for (let read = 0; read < entriesPerStepMax;) {
      const asked = momentOf(clock)
      const page = await feed.readAfter(this.#place, entriesPerReadMax)
      if (page.outcome === 'resync') {
        if (page.isPutBack) onPutBack(this.position())
        return false
      }
      authority.heard(page.authorityAt, asked)
      if (!this.#apply(page.entries, page.chain)) return false
      if (!page.isMore) return true
      read += page.entries.length
    }
    return false
  }

  /** `false` when they do not follow on the place that was reached, though nothing should be able to bring that about. */
  #apply(entries: readonly LogEntry[], chain: string): boolean {
    const { epoch, seq } = this.#place
    if (entries.some((entry, index) => entry.epoch !== epoch || entry.seq !== seq + 1 + index)) return false
    if (entries.length === 0) return true
    this.#place = { epoch, seq: seq + entries.length, chain }
    for (const follower of this.#followers) follower.applied(entries)
    return true
  }

  /** `false` when the row is gone: somebody has counted on it that nothing is answered from this memory. */
  async #tellOthers(): Promise<boolean> {
    if (this.#hasLeft) return true
    const state = this.#nextState(this.position())
    const asked = momentOf(this.#parts.clock)
    if (!this.#row.holds(asked)) this.#parts.onRowLost()
    if (!(await this.#parts.instances.update(state, this.#writtenBeat))) return false
    this.#writtenBeat = state.beat
    this.#row.confirm(asked, rowFreshMs)
    return true
  }

  #nextState(applied: Position): InstanceState {
    this.#beat += 1
    const { id, verifiers } = this.#parts
    return { id, applied, beat: this.#beat, verifiers: verifiers() }
  }
}
