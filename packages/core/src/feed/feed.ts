import { authorise, requireWhole } from '../access/authorise.ts'
import type { Caller } from '../domain/caller.ts'
import { formatPosition, type LogEntry, type Position } from '../log/change.ts'
import { Failure } from '../domain/failure.ts'
import { feedEntryOf, type FeedAnswer, type FeedEntry } from './feed-entry.ts'
import { FollowerBarrier, type Followed } from './follower-barrier.ts'
import { Followers, verifierLeaseMsMax, type Follower } from './followers.ts'
import type { InstanceState, VerifierState } from '../freshness/instances.ts'
import type { Clock, LogFollower } from '../ports.ts'
import { RecentEntries } from './recent-entries.ts'

/** Whoever is further behind than this begins anew with an empty memory, which costs less than catching up. */
export const feedBacklogMax = 4_096

/** So many reads of older entries are under way at once. */
const olderReadsMax = 16

/** The log as far back as it is kept. `LogFeed` is one. */
export interface LogHistory {
  /**
   * The entries behind this place, in order, at most so many. Sees every commit that ended before the call. `resync` when
   * the place is of another epoch, the log ends before it, or what followed it is gone.
   * @throws `unavailable` (rejects)
   */
  readAfter(position: Position, limit: number): Promise<HistoryPage>
}

export type HistoryPage =
  | {
      readonly outcome: 'entries'
      readonly entries: readonly Pick<LogEntry, 'epoch' | 'seq' | 'subject' | 'effect'>[]
      /** Whether there was more than was asked for. */
      readonly isMore: boolean
    }
  | { readonly outcome: 'resync' }

export interface FeedParts {
  readonly clock: Clock
  readonly history: LogHistory
  /** Whether this instance may answer from memory: only then does it know that it has heard of everything. */
  readonly isLeased: () => boolean
  /** The other instances of the deployment, with what they say of the verifiers that follow the log there. */
  readonly others: () => Promise<readonly InstanceState[]>
}

export interface FeedStatistics {
  /** Verifiers that were heard of lately. */
  readonly followers: number
  /** Those of them that wait for what is new. */
  readonly waiting: number
  /** Requests that wait for verifiers. */
  readonly settling: number
}

/** How a verifier asks for what is new. */
export interface FeedAsk {
  /** Random for each start of the verifier's process. */
  readonly verifierId: string
  /** What it has applied, which acknowledges everything up to there; `undefined`: it remembers nothing. */
  readonly since: Position | undefined
  /** 0 to `verifierLeaseMsMax`; 0: it answers nothing from memory from now on. */
  readonly leaseMs: number
  /** How long to wait when there is nothing new; at most a quarter of the lease, which is also what is meant without it. */
  readonly waitMs: number | undefined
}

/**
 * The change log for verifiers outside the server: each polls, waits for what is new and so acknowledges what it has
 * applied. One that waits costs a few hundred bytes and no timer; what is new goes to all of them in one step.
 */
export class Feed implements LogFollower {
  readonly #parts: FeedParts
  readonly #followers = new Followers()
  readonly #recent: RecentEntries
  readonly #barrier: FollowerBarrier
  readonly #waiting = new Map<Follower, Waiting>()
  readonly #due = new Map<number, Set<Waiting>>()
  readonly #olderReads = new Map<string, Promise<HistoryPage>>()
  #hasNews = false
  #isClosed = false

  constructor(position: Position, parts: FeedParts) {
    this.#parts = parts
    this.#recent = new RecentEntries(position, feedBacklogMax)
    this.#barrier = new FollowerBarrier(this.#followers, parts)
  }

  /** What this instance says to the others of the verifiers that follow the log here. */
  get state(): VerifierState {
    return this.#followers.state(this.#recent.position.epoch, this.#parts.clock.monotonicMs())
  }

  /** How many wait here: verifiers for what is new, and requests for verifiers. */
  get statistics(): FeedStatistics {
    return { followers: this.#followers.size, waiting: this.#waiting.size, settling: this.#barrier.passingCount }
  }

  applied(entries: readonly LogEntry[]): void {
    for (const entry of entries) this.#recent.append(entry.epoch, feedEntryOf(entry))
    this.#tellNews()
  }

  reset(position: Position): void {
    this.#recent.restart(position)
    this.#tellNews()
  }

  /** Verifiers forget all the sooner what may not be said to be gone yet. */
  withheld(): void {}

  /**
   * What follows the place that a verifier has reached: at once when there is something, else when there is, or when the wait
   * is over. A second poll of the same verifier ends its first.
   * @throws `scope-missing`, `not-permitted`; `too-many-attempts` when too many follow; `unavailable` (rejects) while this
   *   instance cannot be certain to have heard of everything.
   */
  async read(caller: Caller, ask: FeedAsk): Promise<FeedAnswer> {
    requireWhole(authorise(caller, 'tokens.verify'), 'follow the log')
    if (caller.type !== 'token') throw new Failure('not-permitted', 'Follow the log with a manager token.')
    if (this.#isClosed) throw behind()
    const beganMs = this.#parts.clock.monotonicMs()
    const follower = this.#followers.hear(caller.token.id, ask.verifierId, beganMs)
    const before = this.#waiting.get(follower)
    if (before !== undefined) this.#end(before)
    if (ask.since !== undefined) this.#acknowledge(follower, ask.since)
    const leaseMs = Math.min(ask.leaseMs, verifierLeaseMsMax)
    // Who asks for no lease, or remembers nothing, has given up the one it had.
    if (leaseMs === 0 || ask.since === undefined) follower.leaseEndsMs = beganMs
    const poll: Poll = { follower, since: ask.since, leaseMs, beganMs }
    const waitMs = Math.min(ask.waitMs ?? Infinity, leaseMs / 4)
    return this.#news(poll) ?? (waitMs > 0 ? this.#wait(poll, waitMs) : this.#withoutNews(poll))
  }

  /**
   * Waits until everything that this instance has applied so far has been acknowledged by every verifier, here and elsewhere,
   * that could answer from memory, or until none of the others' leases holds any more; at most 10 s.
   */
  settle(): Promise<Followed> {
    const { epoch, seq } = this.#recent.position
    // Without a lease nobody knows here how far the log has come, so that no acknowledgement is worth anything.
    return this.#barrier.pass({ epoch, seq: this.#parts.isLeased() ? seq : Infinity })
  }

  /** Takes in what is known of the other instances, whenever somebody has read it. */
  watch(others: readonly InstanceState[]): void {
    this.#barrier.watch(others)
  }

  /** Answers polls whose wait is over. To be called every few ten milliseconds. */
  tick(): void {
    const nowMs = this.#parts.clock.monotonicMs()
    if (this.#hasNews) this.#tellNews()
    for (const [slot, inSlot] of this.#due) {
      if (slot > slotOf(nowMs)) continue
      for (const waiting of inSlot) if (waiting.dueMs <= nowMs) this.#end(waiting)
    }
    this.#barrier.tick()
  }

  /** Answers all that wait, and from now on nobody. */
  close(): void {
    this.#isClosed = true
    for (const waiting of this.#waiting.values()) this.#end(waiting)
    this.#barrier.close()
  }

  #wait(poll: Poll, waitMs: number): Promise<FeedAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<FeedAnswer>()
    const waiting: Waiting = { ...poll, dueMs: poll.beganMs + waitMs, resolve, reject }
    this.#waiting.set(poll.follower, waiting)
    const slot = slotOf(waiting.dueMs)
    const inSlot = this.#due.get(slot)
    if (inSlot === undefined) this.#due.set(slot, new Set([waiting]))
    else inSlot.add(waiting)
    return promise
  }

  #tellNews(): void {
    // What was heard of without a lease waits until there is one again.
    this.#hasNews = !this.#parts.isLeased()
    if (this.#hasNews) return
    for (const waiting of this.#waiting.values()) {
      // Under the lease that was asked for above: should it run out meanwhile, all are told what was true when it held.
      const news = this.#newsSince(waiting)
      if (news === undefined) continue
      this.#stopWaiting(waiting)
      waiting.resolve(news)
    }
  }

  #end(waiting: Waiting): void {
    this.#stopWaiting(waiting)
    try {
      waiting.resolve(this.#news(waiting) ?? this.#withoutNews(waiting))
    } catch (error) {
      waiting.reject(error)
    }
  }

  #stopWaiting(waiting: Waiting): void {
    this.#waiting.delete(waiting.follower)
    const slot = slotOf(waiting.dueMs)
    const inSlot = this.#due.get(slot)
    inSlot?.delete(waiting)
    if (inSlot?.size === 0) this.#due.delete(slot)
  }

  /** What there is to say behind the place; `undefined` when nothing is. @throws `unavailable` */
  #news(poll: Poll): FeedAnswer | Promise<FeedAnswer> | undefined {
    if (!this.#parts.isLeased()) throw behind()
    return this.#newsSince(poll)
  }

  #newsSince(poll: Poll): FeedAnswer | Promise<FeedAnswer> | undefined {
    const { since } = poll
    const { position } = this.#recent
    if (since === undefined || since.epoch !== position.epoch) return this.#resync(poll)
    if (since.seq >= position.seq) return undefined
    if (position.seq - since.seq > feedBacklogMax) return this.#resync(poll)
    const entries = this.#recent.after(since.seq)
    return entries === undefined ? this.#readOlder(poll, since) : this.#answer(poll, entries, position)
  }

  #withoutNews(poll: Poll): FeedAnswer | Promise<FeedAnswer> {
    const { position } = this.#recent
    const since = poll.since!
    return since.seq > position.seq ? this.#behindOrPutBack(poll, since) : this.#answer(poll, [], position)
  }

  /**
   * Of a verifier that knows more than this instance: either its entries have not been heard of here yet, or they are in
   * the log no more, since the database was put back.
   * @throws `unavailable` (rejects) when they have not been heard of here yet.
   */
  async #behindOrPutBack(poll: Poll, since: Position): Promise<FeedAnswer> {
    const page = await this.#readOlderOnce(since)
    if (page.outcome !== 'resync' || !this.#parts.isLeased()) throw behind()
    return this.#resync(poll)
  }

  /** Between what the store has and what was applied since lies nothing: it was read after the memory began. */
  async #readOlder(poll: Poll, since: Position): Promise<FeedAnswer> {
    const page = await this.#readOlderOnce(since)
    if (!this.#parts.isLeased()) throw behind()
    const { position } = this.#recent
    if (page.outcome === 'resync' || page.isMore || position.epoch !== since.epoch) return this.#resync(poll)
    const older = page.entries.map(feedEntryOf)
    const reachedSeq = older.at(-1)?.seq ?? since.seq
    if (reachedSeq >= position.seq) return this.#answer(poll, older, { epoch: since.epoch, seq: reachedSeq })
    const newer = this.#recent.after(reachedSeq)
    if (newer === undefined) throw behind()
    return this.#answer(poll, [...older, ...newer], position)
  }

  #readOlderOnce(since: Position): Promise<HistoryPage> {
    const name = formatPosition(since)
    const running = this.#olderReads.get(name)
    if (running !== undefined) return running
    if (this.#olderReads.size >= olderReadsMax) return Promise.reject(behind())
    const { history } = this.#parts
    const read = history.readAfter(since, feedBacklogMax).finally(() => this.#olderReads.delete(name))
    this.#olderReads.set(name, read)
    return read
  }

  #resync(poll: Poll): FeedAnswer {
    const { position } = this.#recent
    // Who remembers nothing has nothing left to forget.
    if (poll.since === undefined) this.#acknowledge(poll.follower, position)
    return { ...this.#answer(poll, [], position), isResync: true }
  }

  #answer({ follower, leaseMs, beganMs }: Poll, entries: readonly FeedEntry[], position: Position): FeedAnswer {
    // The verifier counts from when it sent the poll, which was earlier.
    follower.leaseEndsMs = Math.max(follower.leaseEndsMs, beganMs + leaseMs)
    return { isResync: false, entries, position, leaseMs, answeredAt: this.#parts.clock.now() }
  }

  #acknowledge(follower: Follower, position: Position): void {
    follower.acknowledged = position
    this.#barrier.acknowledged(follower)
  }
}

interface Poll {
  readonly follower: Follower
  readonly since: Position | undefined
  readonly leaseMs: number
  readonly beganMs: number
}

interface Waiting extends Poll {
  readonly dueMs: number
  readonly resolve: (answer: FeedAnswer | Promise<FeedAnswer>) => void
  readonly reject: (error: unknown) => void
}

/** Polls that are due at about the same time are found together: a few hundred times at most. */
const slotMs = 50

function slotOf(atMs: number): number {
  return Math.floor(atMs / slotMs)
}

function behind(): Failure {
  const message = 'This instance cannot be certain to know every change now. Ask again in a second, or ask another one.'
  return new Failure('unavailable', message, { retryAfterSeconds: 1 })
}
