import type { Position } from '../log/change.ts'
import type { FeedEntry } from './feed-entry.ts'

/** The end of the log in memory: so many entries at least, once there were as many, and at most twice as many. */
export class RecentEntries {
  readonly #keptMin: number
  #entries: FeedEntry[] = []
  #position: Position

  constructor(position: Position, keptMin: number) {
    this.#position = position
    this.#keptMin = keptMin
  }

  get position(): Position {
    return this.#position
  }

  /** What does not follow the last entry begins the memory anew. */
  append(epoch: string, entry: FeedEntry): void {
    if (epoch !== this.#position.epoch || entry.seq !== this.#position.seq + 1) this.#entries = []
    if (this.#entries.length >= 2 * this.#keptMin) this.#entries.splice(0, this.#keptMin)
    this.#entries.push(entry)
    this.#position = { epoch, seq: entry.seq }
  }

  restart(position: Position): void {
    this.#entries = []
    this.#position = position
  }

  /** What follows a place of this epoch that is not ahead; `undefined` when that is not kept any more. */
  after(seq: number): readonly FeedEntry[] | undefined {
    const firstSeq = this.#position.seq - this.#entries.length
    return seq < firstSeq ? undefined : this.#entries.slice(seq - firstSeq)
  }
}
