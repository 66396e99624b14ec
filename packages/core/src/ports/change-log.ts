import type { Account } from '../domain/account.ts'
import type { AccountId, ProjectId } from '../domain/id.ts'
import type { Project } from '../domain/project.ts'
import type { Settings } from '../domain/settings.ts'
import type { EpochMs } from '../domain/time.ts'
import type { Token } from '../domain/token.ts'
import type { ExportLine } from '../log/chain.ts'
import type { Change, LogEntry, Position } from '../log/change.ts'
import type { SignedBeginning } from '../log/export.ts'
import type { Once, OnceRecord } from './once-store.ts'
import type { Page, PagePosition } from './page.ts'

/** The one way to change anything. */
export interface ChangeLog {
  /**
   * Writes all of the changes and their rows of the log in one transaction, durably, or nothing at all. Every conflict
   * and every limit is an outcome, never thrown.
   * @throws `unavailable` when the disk fails, when the fate of the commit is unknown, or when
   *   more than `pendingCommitsMax` commits wait already.
   */
  commit(changes: readonly Change[], once?: Once): Promise<CommitOutcome>
  /** The log for people: newest first. */
  read(query: LogQuery): Promise<Page<LogEntry>>
  /**
   * The log with its proof, from the first to the last entry in the time that is asked for: in between, entries that
   * the filters leave out are there by their bare hash, except those that begin an epoch. It goes on to the signed head
   * behind its last entry. Where it ends is settled when it begins; it is read as it is taken, and no further.
   * @param at when it is made, as it says of itself
   */
  export(filters: LogFilters, at: EpochMs): Promise<LogExport>
  /** The public halves of every key that signed here, also of those that have retired. */
  auditKeys(): Promise<readonly AuditKey[]>
}

/**
 * Where this process hears of every change. A process that is the only writer offers it with its storage, and its
 * followers have seen the entries before their commit is answered; where others write too, `LogReader` offers it.
 */
export interface LogSource {
  /** Calls the follower with each committed entry, in order, none twice, none left out. */
  follow(follower: LogFollower): void
  /** The last entry that followers have seen. */
  position(): Position
}

export interface LogFollower {
  /** Must not throw and must not wait. */
  applied(entries: readonly LogEntry[]): void
  /** Everything remembered may be wrong: another epoch, or a commit whose fate was unknown. Begin anew from here. */
  reset(position: Position): void
  /**
   * From this entry on nothing may be said to be in force, though it be applied: whoever writes does not answer, or
   * restoring a backup could still undo it. `undefined`: everything may. Must not throw and must not wait.
   */
  withheld(fromSeq: number | undefined): void
}

export type CommitOutcome =
  /** The place of its last entry, and what was written. */
  | {
      readonly outcome: 'committed'
      readonly epoch: string
      readonly seq: number
      readonly written: readonly Written[]
    }
  /** A guard does not hold, or what was to be replaced has changed. */
  | { readonly outcome: 'conflict' }
  | { readonly outcome: 'taken'; readonly field: 'username' | 'email' | 'external_id' | 'identity' }
  | { readonly outcome: 'permanent-limit'; readonly inUse: number; readonly max: number }
  | { readonly outcome: 'live-limit'; readonly inUse: number; readonly max: number }
  | { readonly outcome: 'administrator-exists' }
  | { readonly outcome: 'last-administrator' }
  /** A request with the same idempotency key was committed before. */
  | { readonly outcome: 'repeated'; readonly first: OnceRecord }

/** What one change left behind, with the serial and `changedSeq` that the store gave it. */
export type Written =
  | { readonly type: 'token'; readonly token: Token }
  | { readonly type: 'account'; readonly account: Account }
  | { readonly type: 'project'; readonly project: Project }
  | { readonly type: 'settings'; readonly settings: Settings }
  | { readonly type: 'none' }

/** All of them must hold; those that are not given hold always. */
export interface LogFilters {
  /** An account or a token. */
  readonly actorId?: string
  readonly subjectId?: string
  readonly action?: string
  /** At this instant or later. */
  readonly from?: EpochMs
  /** Before this instant. */
  readonly until?: EpochMs
}

export interface LogQuery extends LogFilters {
  /** Only what concerns this account or project: what it did, what was done to it or to its tokens. */
  readonly concerning?: AccountId | ProjectId
  readonly limit: number
  readonly after?: PagePosition
}

/** What `verifyExport` checks. */
export interface LogExport {
  readonly beginning: SignedBeginning
  readonly lines: AsyncIterable<ExportLine>
}

/** The public half of a key that signed heads of the log. */
export interface AuditKey {
  readonly keyId: string
  /** base64 of the raw 32 bytes (RFC 8032). */
  readonly publicKey: string
}
