// A log that tests write by hand, with the feed over it.

import { Feed, type Clock, type FeedParts, type LogEntry, type Position, type Subject } from '@chatelaine/core'

const actor = { type: 'operator', accountId: null, tokenId: null, ip: null, client: null } as const

export class HandLog {
  #epoch = 'one'
  readonly entries: LogEntry[] = []
  readonly feed: Feed
  isLeased = true
  /** What is read of older entries. */
  readonly reads: Position[] = []

  constructor(clock: Clock, parts: Partial<FeedParts> = {}) {
    this.feed = new Feed(this.position, {
      clock,
      history: { readAfter: async (position, limit) => this.#readAfter(position, limit) },
      isLeased: () => this.isLeased,
      others: async () => [],
      ...parts,
    })
  }

  get position(): Position {
    return { epoch: this.#epoch, seq: this.entries.length }
  }

  /** Commits a change without telling the feed, as another instance does. */
  write(subject: Subject = { type: 'token', id: 'tok_a' }): LogEntry {
    const details = {}
    const seq = this.entries.length + 1
    const entry = { epoch: this.#epoch, seq, at: 0, actor, action: 'token.updated', effect: 'takes', subject, details }
    this.entries.push(entry as LogEntry)
    return entry as LogEntry
  }

  append(subject?: Subject): LogEntry {
    const entry = this.write(subject)
    this.feed.applied([entry])
    return entry
  }

  /** The database is put back to a state with so many entries, and nobody has told the feed. */
  putBack(count: number): void {
    this.entries.length = count
  }

  restore(epoch: string): void {
    this.#epoch = epoch
    this.feed.reset(this.position)
  }

  #readAfter(position: Position, limit: number) {
    this.reads.push(position)
    const isHeld = position.epoch === this.#epoch && position.seq <= this.entries.length
    if (!isHeld) return { outcome: 'resync' as const }
    const entries = this.entries.slice(position.seq, position.seq + limit)
    return { outcome: 'entries' as const, entries, isMore: this.entries.length > position.seq + limit }
  }
}
