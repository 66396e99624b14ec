import type { LogEntry, Position } from '../log/change.ts'
import type { LogFollower } from '../ports.ts'
import type { EpochMs } from '../domain/time.ts'

/**
 * What the instances of one deployment need of their database to keep their memories right beside each other. A single
 * process that is its database's only writer needs none of it: it hears of every change before anybody else.
 */

/** What a storage offers beside its ports when other processes write to its log too. */
export interface SharedLog {
  readonly feed: LogFeed
  readonly instances: Instances
  /**
   * Calls with the place from which on nothing may be said to be in force, since this process has not written it into
   * its journal yet; with `undefined` when everything may. The listener neither throws nor waits.
   */
  onWithheld(listener: LogFollower['withheld']): void
}

/** So long after an instance last knew that it had heard everything it may still answer from memory. */
export const instanceLeaseMs = 2_000

/** By so much more one instance's clock may have advanced than another's within one lease. */
export const leaseMarginMs = 250

/** A place in the log with the chain there, by which it is told from the same place of a log that went another way. */
export interface LogPlace extends Position {
  readonly chain: string
}

/** The log as instances read it to keep up with each other. */
export interface LogFeed {
  /**
   * The entries behind this place, in order, at most so many, with the authority's time while it read them. Sees every
   * commit that ended before the call. `resync` when the place is of another epoch, when what followed it is gone, or when
   * the log ends before it or holds another entry there: whoever gives the chain of the place is told that the log was
   * put back, and from then on `readEnd` rejects until all is taken away again of which this process knows that it was.
   * @throws `unavailable` (rejects) within the deadline when the database cannot say.
   */
  readAfter(place: Position | LogPlace, limit: number): Promise<FeedPage>
  /**
   * The end of the log, which every commit is part of that ended before the call.
   * @throws `unavailable` (rejects), also while the log was put back so lately that others may still have to take away
   *   again what they know of.
   */
  readEnd(): Promise<FeedEnd>
  /**
   * Calls whenever there may be something new in the log. A hint and no more: it may be missing, late or for nothing.
   * What an instance writes into its row is no reason to call, or instances would keep each other busy for ever.
   */
  onHint(listener: () => void): void
}

export type FeedPage =
  | {
      readonly outcome: 'entries'
      readonly entries: readonly LogEntry[]
      /** Whether there was more than was asked for. */
      readonly isMore: boolean
      /** At the last of the entries; without any, at the place that was asked from. */
      readonly chain: string
      readonly authorityAt: EpochMs
    }
  | {
      readonly outcome: 'resync'
      /** Whether the log does not hold the place: somebody put the database back to an earlier state. */
      readonly isPutBack: boolean
    }

export interface FeedEnd {
  readonly position: Position
  readonly chain: string
  readonly authorityAt: EpochMs
}

/** What each instance says of itself to the others. */
export interface InstanceState {
  /** Random for each start of a process. */
  readonly id: string
  /** What its memory has applied. */
  readonly applied: Position
  /** Raised with every update, so that others can tell who is still there without comparing clocks. */
  readonly beat: number
  readonly verifiers: VerifierState
}

/** The SDK verifiers that read the feed from one instance. */
export interface VerifierState {
  readonly count: number
  /** The lowest place that any of them has acknowledged; `null` when there is none. */
  readonly lowestSeq: number | null
  /** The longest lease that one of them may still hold; 0 when there is none. */
  readonly longestLeaseMs: number
}

/** The table `verifiers`: the instances that may answer from memory. */
export interface Instances {
  /**
   * Adds this instance, durably, or replaces what it left there. Once this is answered every `list` that begins sees it.
   * @throws `unavailable` (rejects)
   */
  join(state: InstanceState): Promise<void>
  /**
   * Replaces what the instance says of itself. `false` when that is not there, or older than it was told last: then it may
   * not answer from memory until it has joined anew.
   * @param lastBeat known to stand there, unless a later one does; a table that nobody can put back need not look at it
   * @throws `unavailable` (rejects)
   */
  update(state: InstanceState, lastBeat: number): Promise<boolean>
  /** All that are there. Sees every `join` and `update` that was answered before the call. @throws `unavailable` (rejects) */
  list(): Promise<readonly InstanceState[]>
  /**
   * Removes an instance if it still stands at this beat: itself when it has stopped answering from memory, or another
   * that was watched unchanged for longer than the lease and its margin. @throws `unavailable` (rejects)
   */
  remove(id: string, beat: number): Promise<void>
  /**
   * Calls when what `list` answers next may lack rows that were there: the connection to the database was lost and made
   * anew. Before anything is answered over the new one. The listener neither throws nor waits.
   */
  onReconnect(listener: () => void): void
}
