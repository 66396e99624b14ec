import type { FeedEnd, FeedPage, LogFeed, Position } from '@chatelaine/core'
import type { Writing } from '../sql/write/writing.ts'

/** The feed, where whatever it tells of that was taken away goes into this instance's journal too. */
export class JournaledFeed implements LogFeed {
  readonly #feed: LogFeed
  readonly #writing: Pick<Writing, 'write'>
  #isAsked = false

  constructor(feed: LogFeed, writing: Pick<Writing, 'write'>) {
    this.#feed = feed
    this.#writing = writing
  }

  async readAfter(position: Position, limit: number): Promise<FeedPage> {
    const page = await this.#feed.readAfter(position, limit)
    if (page.outcome === 'resync' || page.entries.some(({ effect }) => effect === 'takes')) this.#keepJournal()
    return page
  }

  readEnd(): Promise<FeedEnd> {
    return this.#feed.readEnd()
  }

  onHint(listener: () => void): void {
    this.#feed.onHint(listener)
  }

  /** Nobody waits for it: whoever took something away has it in a journal already. */
  #keepJournal(): void {
    if (this.#isAsked) return
    this.#isAsked = true
    void this.#writing
      .write({ do: 'catch-up-journal' })
      // The writer tells of it, and tries again by itself.
      .catch(() => undefined)
      .finally(() => (this.#isAsked = false))
  }
}
