import type { FeedEnd, FeedPage, LogFeed, LogPlace, Position } from '@chatelaine/core'
import type { Writing } from '../sql/write/writing.ts'

/** The feed, where whatever it tells of that was taken away goes into this instance's journal too. */
export class JournaledFeed implements LogFeed {
  readonly #feed: LogFeed
  readonly #writing: Pick<Writing, 'write'>
  /** Something was taken away that the journal may lack. */
  #isDue = false
  #isAsked = false

  constructor(feed: LogFeed, writing: Pick<Writing, 'write'>) {
    this.#feed = feed
    this.#writing = writing
  }

  async readAfter(place: Position | LogPlace, limit: number): Promise<FeedPage> {
    const page = await this.#feed.readAfter(place, limit)
    if (page.outcome === 'resync' || page.entries.some(({ effect }) => effect === 'takes')) this.#isDue = true
    this.#keepJournal()
    return page
  }

  /** Whoever begins at the end never reads what came before it, and the journal may lack that. */
  async readEnd(): Promise<FeedEnd> {
    const end = await this.#feed.readEnd()
    this.#isDue = true
    this.#keepJournal()
    return end
  }

  onHint(listener: () => void): void {
    this.#feed.onHint(listener)
  }

  /**
   * Nobody waits for it: whoever took something away has it in a journal already. What is heard of while the journal is
   * being written may come too late for that, and what the writer refuses is not in it: both are for the next read.
   */
  #keepJournal(): void {
    if (!this.#isDue || this.#isAsked) return
    this.#isDue = false
    this.#isAsked = true
    void this.#writing
      .write({ do: 'catch-up-journal' })
      .catch(() => (this.#isDue = true))
      .finally(() => (this.#isAsked = false))
  }
}
