import { AuthorityTime } from '../freshness/authority-time.ts'
import type { Position } from '../log/change.ts'
import { subjectOf, type FeedAnswer, type FeedEntry } from './feed-entry.ts'
import { Reading } from '../freshness/freshness.ts'
import { Lease, momentOf, type Moment } from '../freshness/lease.ts'
import { SubjectMemory, type SubjectIdsOf } from '../freshness/memory.ts'
import type { Clock } from '../ports.ts'
import type { EpochMs } from '../domain/time.ts'

export interface FeedReaderOptions<Value> {
  readonly clock: Clock
  /** How long at most to answer from memory without hearing of the log; 0: never from memory. */
  readonly leaseMs: number
  /** How many answers are remembered; of more, the one remembered longest ago gives way. */
  readonly rememberedMax: number
  /** The ids of everything that an answer hangs on, its token's first: see `SubjectMemory`. */
  readonly subjectIdsOf: SubjectIdsOf<Value>
}

/** One poll of the feed that is under way. */
export interface Poll {
  /** What the memory has applied, to be sent as `since`; `undefined`: the memory is empty, begin anywhere. */
  readonly since: Position | undefined
  readonly began: Moment
}

/** One question about a token that is under way. */
export interface Asking {
  /** To be sent as `at_least`, so that no answer is older than what this memory has heard already. */
  readonly atLeast: Position | undefined
}

/**
 * What to do with an answer. `remembered`: use it, and it will be recalled. `once`: use it, and ask again next time.
 * `ask-again`: what it is about has changed while it was on its way, so it may not be used at all.
 */
export type Arrival = 'remembered' | 'once' | 'ask-again'

/**
 * The verifier's side of freshness: a memory of answers that follows the deployment's change log over its feed, and speaks
 * only while it is certain to be recent enough. It sends nothing and waits for nothing: whoever drives it polls, asks,
 * and passes on what came back. Messages may be lost, delayed, repeated or out of order: then it remembers less, and is
 * never wrong.
 *
 * @example
 * const poll = reader.beginPoll()
 * const feed = await client.tokens.readChanges({ verifier, since: formatPosition(poll.since), lease_ms: 5_000 })
 * reader.heard(poll, { isResync: feed.resync, position: parsePosition(feed.position), … })
 *
 * const known = reader.recall(name)                        // at once, or not at all
 *
 * const asking = reader.beginAsking()
 * const answer = await client.tokens.verify({ token, at_least: formatPosition(asking.atLeast) })
 * const value = answer.valid && answer.cacheable ? { name, value: answer } : undefined
 * if (reader.settle(asking, parsePosition(answer.seq), subjectIdsOf(answer), value) === 'ask-again') …
 */
export class FeedReader<Value> {
  readonly #options: FeedReaderOptions<Value>
  readonly #memory: SubjectMemory<Value>
  readonly #lease = new Lease()
  readonly #time = new AuthorityTime()
  readonly #askings = new Map<Asking, Reading>()
  #cursor: Position | undefined
  #poll: Poll | undefined

  constructor(options: FeedReaderOptions<Value>) {
    this.#options = options
    this.#memory = new SubjectMemory(options.rememberedMax, options.subjectIdsOf)
  }

  /** Up to where the memory has applied the log; `undefined` before the first answer, and after a gap. */
  get cursor(): Position | undefined {
    return this.#cursor
  }

  /** How many answers are remembered. */
  get size(): number {
    return this.#memory.size
  }

  /** Whether the memory may be answered from, now: the lease holds, and what has expired meanwhile is certain. */
  get isLeased(): boolean {
    const moment = momentOf(this.#options.clock)
    return this.#lease.holds(moment) && this.#time.isCertain(moment)
  }

  /** The deployment's time, never ahead of it; `undefined` until the feed was heard for the first time. */
  now(): EpochMs | undefined {
    return this.#time.at(this.#options.clock.monotonicMs())
  }

  /** To be called right before a poll is sent. Of polls begun before, no answer counts any more. */
  beginPoll(): Poll {
    this.#poll = { since: this.#cursor, began: momentOf(this.#options.clock) }
    return this.#poll
  }

  /**
   * Takes in the answer to a poll. `applied`: the memory is as the log says, up to the answer's position. `emptied`: the
   * memory has begun anew; after a gap in the answer without a lease, so poll again at once. `passed-over`: it answers
   * a poll that is over.
   */
  heard(poll: Poll, answer: FeedAnswer): 'applied' | 'emptied' | 'passed-over' {
    if (poll !== this.#poll) return 'passed-over'
    this.#poll = undefined
    const { position, entries } = answer
    if (answer.isResync) this.#forgetAll(position)
    else if (poll.since !== undefined && continues(poll.since, answer)) this.#apply(entries, position)
    else {
      this.#forgetAll(undefined)
      return 'emptied'
    }
    this.#time.heard(answer.answeredAt, { began: poll.began, arrived: momentOf(this.#options.clock) })
    this.#lease.confirm(poll.began, Math.min(answer.leaseMs, this.#options.leaseMs))
    return answer.isResync ? 'emptied' : 'applied'
  }

  /**
   * What is remembered under this name, if one may answer from memory now. Whoever decides by it does so in the same
   * synchronous step, so that no lease can run out in between.
   */
  recall(name: string): Value | undefined {
    const value = this.#memory.recall(name)
    return value !== undefined && this.isLeased ? value : undefined
  }

  /**
   * To be called right before a question is sent; `settle` or `abandon` ends it. Each costs some memory until then, so
   * whoever drives this bounds how many there are.
   */
  beginAsking(): Asking {
    const asking = { atLeast: this.#cursor }
    // Of the log nothing is known without a cursor, and then no answer is compared with it.
    const position = this.#cursor ?? { epoch: '', seq: 0 }
    this.#askings.set(asking, new Reading(position, () => this.#askings.delete(asking)))
    return asking
  }

  /**
   * Takes in an answer, a refusal too: whether it may be used, and whether it was remembered.
   * @param subjectIds what the answer hangs on; for a refusal that names nothing, the id in the token that was presented
   * @param remember what to remember of it, under which name; `undefined` when it may not be remembered
   */
  settle(
    asking: Asking,
    position: Position,
    subjectIds: readonly string[],
    remember: { readonly name: string; readonly value: Value } | undefined,
  ): Arrival {
    const reading = this.#askings.get(asking)
    if (reading === undefined) throw new Error('a question was settled twice')
    reading.end()
    // Whatever was heard of meanwhile is in an answer that has reached the cursor.
    const isCaughtUp = this.#cursor !== undefined && hasReached(position, this.#cursor)
    if (!isCaughtUp && !reading.isFresh(subjectIds)) return 'ask-again'
    if (!isCaughtUp || remember === undefined || this.#options.leaseMs === 0) return 'once'
    this.#memory.remember(remember.name, remember.value)
    return 'remembered'
  }

  /** A question that came to nothing. */
  abandon(asking: Asking): void {
    this.#askings.get(asking)?.end()
  }

  /** Forgets everything and answers nothing from memory any more, until a poll that is begun from now on was answered. */
  close(): void {
    this.#poll = undefined
    this.#forgetAll(undefined)
  }

  #apply(entries: readonly FeedEntry[], position: Position): void {
    for (const entry of entries) {
      const subject = subjectOf(entry)
      this.#memory.forget(subject)
      for (const reading of this.#askings.values()) reading.touch(subject)
    }
    this.#cursor = position
  }

  #forgetAll(position: Position | undefined): void {
    this.#memory.forgetAll()
    for (const reading of this.#askings.values()) reading.touchAll()
    this.#lease.end()
    this.#cursor = position
  }
}

/** Whether an answer has everything behind a place, in order and without a gap, up to where it says that it leads. */
function continues(since: Position, { entries, position }: FeedAnswer): boolean {
  if (position.epoch !== since.epoch) return false
  const isInOrder = entries.every(({ seq }, index) => seq === since.seq + 1 + index)
  return isInOrder && position.seq === since.seq + entries.length
}

function hasReached(position: Position, cursor: Position): boolean {
  return position.epoch === cursor.epoch && position.seq >= cursor.seq
}
