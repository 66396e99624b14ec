import type { Random, TokenKind } from '@chatelaine/token'
import type { Account, AccountRole, AccountStatus, Identity, Owner } from './domain/account.ts'
import type { AttemptCounters } from './sign-in/attempts.ts'
import type { ExportLine } from './log/chain.ts'
import type { Change, LogEntry, Position, SubjectType } from './log/change.ts'
import type { VerificationCode } from './verify/decide.ts'
import type { SignedBeginning } from './log/export.ts'
import type { Freshness } from './freshness/freshness.ts'
import type { AccountId, ProjectId, TokenId } from './domain/id.ts'
import type { OnceGate } from './log/once.ts'
import type { PolicyOverride } from './domain/policy.ts'
import type { Project, ProjectStatus } from './domain/project.ts'
import type { RateBucket, RateLimit, RateOutcome } from './domain/rate.ts'
import type { SecretAge } from './domain/rotation.ts'
import type { Session } from './domain/session.ts'
import type { Settings } from './domain/settings.ts'
import type { EpochMs } from './domain/time.ts'
import type { Origin, Token, TokenStatus } from './domain/token.ts'

/**
 * The ports: what the domain needs of the world, each by the promise that it makes. Every backend is held to the same
 * contract suites. Unless said otherwise a method rejects with the failure `unavailable` when the store cannot answer,
 * and reads see every change whose commit was answered before they began.
 *
 * Rows are sealed. A row whose seal does not fit what it holds was planted, altered or damaged: it is treated as
 * absent, its id is reported, and nothing else is affected.
 */

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
  | { readonly outcome: 'committed'; readonly seq: number; readonly written: readonly Written[] }
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

/** Marks a commit as the one and only for an idempotency key. Kept 24 hours, in the transaction of the change. */
export interface Once {
  /** Who asks: keys of different callers never meet. */
  readonly caller: string
  readonly key: string
  /** A keyed hash of what was asked. */
  readonly fingerprint: string
  readonly at: EpochMs
}

export interface OnceRecord extends Once {
  /** What the first request made. */
  readonly subjectType: SubjectType
  readonly subjectId: string
}

export interface OnceStore {
  /** What the key was used for; `undefined` when it was not, or 24 hours before `now`. */
  find(caller: string, key: string, now: EpochMs): Promise<OnceRecord | undefined>
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Where to go on; `undefined` at the end. */
  readonly next: PagePosition | undefined
}

/** Where a page ended: the value that the list is sorted by, and the serial, which settles ties. */
export interface PagePosition {
  readonly value: string | number | null
  readonly serial: number
}

export interface TokenStore {
  find(id: TokenId): Promise<Token | undefined>
  /**
   * A token with what its verification needs of its owner and of the project that is asked about, read at one moment.
   * `memberOf` is that project, if it is active and the token's account is a member. A token whose owner's row is
   * damaged, be it an account or a project, is as absent as one whose own row is; and so is one that shares the limits
   * of a token whose row is damaged or gone, or that has more than `ancestorsMax` above it.
   * @throws `unavailable` (rejects) when the settings' row is damaged or gone.
   */
  findStanding(id: TokenId, projectId?: ProjectId): Promise<StoredStanding | undefined>
  list(query: TokenQuery): Promise<Page<Token>>
  /** How many tokens the filters find; `stopAt` bounds the work. */
  count(filters: TokenFilters, stopAt: number): Promise<number>
  /** Tokens that are neither revoked nor expired at `now`, and whose digest was made under this master key. */
  listByKey(keyId: string, now: EpochMs, limit: number): Promise<readonly Token[]>
  /** Whether any token that this one made, or that such a one made, is neither revoked nor expired. */
  hasLiveDescendants(id: TokenId, now: EpochMs): Promise<boolean>
  /**
   * Tokens that were revoked or expired, whichever came first, before `endedBefore`; oldest first. A token that made
   * others is left out until those are gone, since they share its limits.
   */
  listEnded(endedBefore: EpochMs, limit: number): Promise<readonly Token[]>
  /**
   * Takes up to `count` of the uses that are left, durably: they are gone, used or not, when this process ends without
   * giving them back. Bookkeeping: no entry in the log.
   */
  reserveUses(id: TokenId, count: number): Promise<{ readonly reserved: number; readonly left: number }>
  /** Gives back uses that were reserved and not spent. */
  returnUses(id: TokenId, count: number): Promise<void>
  /**
   * Adds what was observed, in whatever order it comes: the latest use is the last. Of an old secret its own last use is
   * noted besides. Uses are also counted by the hour and the address that they came from, at most `addressesPerHourMax`
   * of a token and hour apart and all further ones together. Bookkeeping: no entry in the log. Tokens that are gone are
   * passed over.
   */
  recordUses(uses: readonly ObservedUse[]): Promise<void>
  /** From where a token was used within whole hours, as far as it is kept; of a token that is gone, from nowhere. */
  usedFrom(id: TokenId, hours: Hours, limit: number): Promise<UsedFrom>
  /** Removes what was counted by address in hours that began before this instant, in steps that let commits in between. */
  forgetAddressesBefore(at: EpochMs): Promise<void>
}

/** A token, with what its verification needs of others. */
export interface StoredStanding {
  readonly token: Token
  readonly owner: Owner | null
  readonly memberOf: ProjectId | null
  /** The tokens that made it, and that made those, nearest first, up to the first that a manager made. */
  readonly ancestors: readonly Ancestor[]
  readonly settings: Settings
  /** What the project of a project token has otherwise than the deployment. */
  readonly projectPolicy: PolicyOverride | undefined
}

export interface Ancestor {
  readonly id: TokenId
  readonly rateLimit: RateLimit | null
}

/** Counts rates. It may forget, and then admits at most what promise 5 says; it never says yes for what it refused. */
export interface RateCounter {
  /**
   * Takes the cost from every bucket, or from none. A counter in this process answers at once.
   * @throws `unavailable` (rejects) never: a counter that is out of reach is replaced by a share of the limit.
   */
  take(buckets: readonly RateBucket[], cost: number, now: EpochMs): RateOutcome | Promise<RateOutcome>
  /**
   * Gives back a cost that was taken at `takenAt` for what failed afterwards, less what has drained since: so it never
   * admits more than if nothing had been taken. What cannot be given back drains by itself.
   * @throws `unavailable` (rejects) never.
   */
  giveBack(buckets: readonly RateBucket[], cost: number, takenAt: EpochMs, now: EpochMs): void | Promise<void>
}

export interface TokenFilters {
  /** These two name one token; beside an account or a project, finding it costs no more than that one's tokens. */
  readonly serial?: number
  readonly uuid?: string
  readonly accountId?: AccountId
  readonly projectId?: ProjectId
  /** Only those that this account made or took over. */
  readonly createdBy?: AccountId
  readonly kind?: TokenKind
  readonly permanent?: boolean
  readonly statuses?: readonly TokenStatus[]
  readonly origin?: Origin
  /** Matches where the label contains it, or the start begins with it, without regard to case. */
  readonly text?: string
  /** Only those that expire before this instant. */
  readonly expiresBefore?: EpochMs
  /** Only those that were made before this instant and not used from then on, as far as uses are written. */
  readonly unusedSince?: EpochMs
  readonly neverUsed?: true
  /** Leaves this one out. */
  readonly exceptId?: TokenId
  /** The instant at which statuses are told. */
  readonly now: EpochMs
}

export const tokenSorts = ['created_at', 'label', 'expires_at', 'last_used_at'] as const
export type TokenSort = (typeof tokenSorts)[number]

export interface TokenQuery extends TokenFilters {
  readonly sort: TokenSort
  readonly descending: boolean
  readonly limit: number
  readonly after?: PagePosition
}

/** Uses of a token within one hour of UTC. */
export interface ObservedUse {
  readonly tokenId: TokenId
  /** Which of the token's secrets was presented, each time. */
  readonly secret: SecretAge
  readonly firstAt: EpochMs
  readonly lastAt: EpochMs
  /** From where each of them came, `null` when that is not known. */
  readonly lastIp: string | null
  readonly lastClient: string | null
  readonly count: number
  /** There where they came from several addresses, for which there was no room apart; `lastIp` is that of the last. */
  readonly isOfSeveral?: true
}

/** From the beginning of an hour of UTC to that of another, which is not part of it. */
export interface Hours {
  readonly from: EpochMs
  readonly until: EpochMs
}

export interface UsedFrom {
  /** Those with the most uses, the most first, and of as many those that come first by their text. */
  readonly addresses: readonly AddressUse[]
  /** How many known addresses there were, whether or not they are among these. */
  readonly addressCount: number
  /** Whether there were more, since in some hour there were too many to tell all of them apart. */
  readonly areMore: boolean
  /** How many uses came from addresses that are not among these. */
  readonly elsewhere: number
}

export interface AddressUse {
  /** `null` stands for all uses of which it is not known from where they came. */
  readonly ip: string | null
  /** What the last client there called itself. */
  readonly client: string | null
  readonly count: number
  readonly lastAt: EpochMs
  /** When a secret was last used there that a rotation had replaced. */
  readonly oldLastAt: EpochMs | null
}

export interface AccountStore {
  find(id: AccountId): Promise<Account | undefined>
  /** By user name without regard to case. */
  findByUsername(username: string): Promise<Account | undefined>
  /** By e-mail address without regard to case. */
  findByEmail(email: string): Promise<Account | undefined>
  /** By issuer and subject, both as they are. */
  findByIdentity(identity: Identity): Promise<Account | undefined>
  list(query: AccountQuery): Promise<Page<Account>>
  /** Whether there is an account with the role `admin`, active or disabled. */
  hasAdministrator(): Promise<boolean>
}

export interface AccountQuery {
  readonly role?: AccountRole
  readonly status?: AccountStatus
  readonly externalId?: string
  /** Matches where the user name, the e-mail address or the name contains it, without regard to case. */
  readonly text?: string
  readonly limit: number
  readonly after?: PagePosition
}

export interface ProjectStore {
  find(id: ProjectId): Promise<Project | undefined>
  /** By name, then by serial. */
  list(query: ProjectQuery): Promise<Page<Project>>
}

export interface ProjectQuery {
  /** These two name one project. */
  readonly serial?: number
  readonly uuid?: string
  readonly id?: ProjectId
  /** Only projects that this account is a member of. */
  readonly memberId?: AccountId
  readonly status?: ProjectStatus
  /** Matches where the name contains it, without regard to case. */
  readonly text?: string
  readonly limit: number
  readonly after?: PagePosition
}

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

/** What is settled for the whole deployment. */
export interface SettingsStore {
  /**
   * The settings in force; those of a new deployment are `initialSettings`.
   * @throws `unavailable` (rejects) when their row is damaged or gone: without it nobody knows what is allowed.
   */
  read(): Promise<Settings>
}

export interface SessionStore {
  /** The session with this public id and its account, whatever their state. */
  find(sessionId: string): Promise<{ session: Session; account: Account } | undefined>
  /** Notes activity. Bookkeeping: no entry in the log. */
  touch(sessionId: string, at: EpochMs): Promise<void>
}

/** What waits for minutes between the two sides of a hand-off, such as a code for its token. No entry in the log. */
export interface HandoffStore {
  /**
   * Keeps a note, unless one by its name waits already, or unless so many wait that there is no room for it. Of many at
   * once by the same name exactly one is kept.
   */
  leave(
    note: HandoffNote,
    room: { readonly now: EpochMs; readonly waitingMax: number },
  ): Promise<'kept' | 'taken' | 'full'>
  /** `undefined` when there is none, or when it has ended. */
  find(name: string, now: EpochMs): Promise<HandoffNote | undefined>
}

export interface HandoffNote {
  /** A keyed hash, so that whoever reads the database finds nothing to present. */
  readonly name: string
  readonly text: string
  readonly endsAt: EpochMs
}

/**
 * How verifications ended, in sums by hour for each token, for each owner and for everything together. Bookkeeping: no
 * entry in the log. Sums outlive the tokens that they are of.
 */
export interface UsageStore {
  /** Adds what was counted to what is there: all of it, or nothing. */
  add(counts: readonly UsageCount[]): Promise<void>
  /** The sums of a scope by code, for each hour or day in which there was one; in the order of time. */
  sum(scope: UsageScope, extent: UsageExtent): Promise<readonly UsageCode[]>
  /**
   * The tokens of a scope that were verified most, the most first. It looks at no more than so many sums as are named in
   * its backend, the latest first, and says from when on it has seen all.
   */
  topTokens(
    scope: UsageScope,
    extent: UsageExtent,
    limit: number,
  ): Promise<{ readonly from: EpochMs; readonly tokens: readonly TokenTotal[] }>
  /** Removes every sum of an hour that began before this instant, in steps that let commits in between. */
  forgetBefore(at: EpochMs): Promise<void>
}

/** So many verifications within one hour ended with one code. */
export interface UsageCount {
  /** The beginning of the hour, in UTC. */
  readonly hourAt: EpochMs
  /** `null` where what was presented is no token of ours, or where there was no room to count tokens apart. */
  readonly tokenId: TokenId | null
  /** Whose token it is; `null` for manager tokens, and without a token. */
  readonly ownerId: AccountId | ProjectId | null
  readonly code: VerificationCode
  readonly count: number
}

export type UsageScope = 'all' | { readonly ownerId: AccountId | ProjectId } | { readonly tokenId: TokenId }

export type UsageUnit = 'hour' | 'day'

/** A time that begins and ends with an hour or a day of UTC; the end is not part of it. */
export interface UsageExtent extends Hours {
  readonly by: UsageUnit
}

export interface UsageCode {
  /** The beginning of the hour or day. */
  readonly at: EpochMs
  readonly code: VerificationCode
  readonly count: number
}

export interface TokenTotal {
  readonly tokenId: TokenId
  readonly total: number
  /** How many of them were accepted. */
  readonly valid: number
}

/** Upkeep that changes nothing anybody could ask about. No entry in the log. */
export interface Housekeeping {
  /** Removes sessions that are over, idempotency keys older than 24 hours, and notes of hand-offs that have ended. */
  removeOutdated(now: EpochMs): Promise<void>
  /** Seals every row anew that is not sealed under the current master key; answers how many there were. */
  reseal(): Promise<number>
}

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

/** What the domain needs of the keys. `named` values carry the id of their master key. */
export interface Keys {
  digest(token: string): string
  /** Constant time; `false` for an unknown key, after the same work. */
  digestMatches(token: string, digest: string): boolean
  /** Whether a named value was made under the current master key. */
  isCurrent(named: string): boolean
  mac(purpose: MacPurpose, text: string): string
  macMatches(purpose: MacPurpose, text: string, mac: string): boolean
}

/**
 * What a keyed hash is made for; one that was made for another purpose never matches. Each text for `bearer` begins with a
 * word for what it is, so that a code is worth nothing as something else.
 */
export type MacPurpose = 'session' | 'idempotency' | 'setup' | 'cursor' | 'bearer'

/** Hashes passwords with argon2id; bounded, so that many sign-ins cannot exhaust the machine. */
export interface Passwords {
  /** A PHC string. */
  hash(password: string): Promise<string>
  /** With `null` it does the same work and answers `false`, so that unknown names cost what known ones cost. */
  matches(password: string, hash: string | null): Promise<boolean>
}

/** Everything that the use cases are given. */
export interface Ports {
  readonly log: ChangeLog
  readonly once: OnceStore
  readonly tokens: TokenStore
  readonly accounts: AccountStore
  readonly projects: ProjectStore
  readonly sessions: SessionStore
  readonly handoffs: HandoffStore
  readonly usage: UsageStore
  readonly housekeeping: Housekeeping
  readonly clock: Clock
  readonly random: Random
  readonly keys: Keys
  readonly passwords: Passwords
  readonly freshness: Freshness
  readonly onceGate: OnceGate
  readonly attempts: AttemptCounters
  readonly rates: RateCounter
  readonly settings: SettingsStore
  /** What this deployment's tokens begin with. */
  readonly tokenPrefix: string
}
