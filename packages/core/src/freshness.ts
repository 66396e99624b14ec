import type { LogEntry, Position, Subject } from './change.ts'
import { Failure } from './failure.ts'
import type { LogFollower } from './ports.ts'

/**
 * Keeps what is remembered in step with the log. It knows which entries have been applied here, which reads of the
 * store are under way, and who waits for an entry to be applied.
 */
export class Freshness implements LogFollower {
  #position: Position
  readonly #memory: Forgetful
  readonly #readings = new Set<Reading>()
  #withheldFrom = Infinity
  #waiting: Waiting[] = []

  constructor(position: Position, memory: Forgetful) {
    this.#position = position
    this.#memory = memory
  }

  get position(): Position {
    return this.#position
  }

  applied(entries: readonly LogEntry[]): void {
    for (const { subject, seq, epoch } of entries) {
      this.#memory.forget(subject)
      for (const reading of this.#readings) reading.touch(subject)
      this.#position = { epoch, seq }
    }
    if (this.#waiting.length === 0) return
    const { seq } = this.#position
    const reached = this.#waiting.filter((one) => one.seq <= seq)
    this.#waiting = this.#waiting.filter((one) => one.seq > seq)
    for (const { resume } of reached) resume()
  }

  reset(position: Position): void {
    this.#memory.forgetAll()
    for (const reading of this.#readings) reading.touchAll()
    this.#position = position
    // Nothing is remembered any more, so nothing stale can be answered, wherever the log goes on.
    for (const { resume } of this.#waiting.splice(0)) resume()
  }

  withheld(fromSeq: number | undefined): void {
    this.#withheldFrom = fromSeq ?? Infinity
    const refused = this.#waiting.filter(({ seq }) => seq >= this.#withheldFrom)
    this.#waiting = this.#waiting.filter(({ seq }) => seq < this.#withheldFrom)
    for (const { refuse } of refused) refuse(withheldFailure())
  }

  /**
   * The barrier: resolves when every memory that answers has applied this entry. Whoever says that a taking-away is in
   * force passes it first, also for one that was in force already.
   * @throws `unavailable` (rejects) while it is not certain that this entry stays in force.
   */
  reach(seq: number): Promise<void> {
    if (seq >= this.#withheldFrom) return Promise.reject(withheldFailure())
    if (this.#position.seq >= seq) return Promise.resolve()
    return new Promise((resume, refuse) => this.#waiting.push({ seq, resume, refuse }))
  }

  /** To be called before a read of the store begins, and ended whatever becomes of it. */
  beginReading(): Reading {
    const reading = new Reading(this.#position, (ended) => this.#readings.delete(ended))
    this.#readings.add(reading)
    return reading
  }

  /** How many reads are under way. */
  get readingCount(): number {
    return this.#readings.size
  }
}

interface Waiting {
  readonly seq: number
  readonly resume: () => void
  readonly refuse: (failure: Failure) => void
}

function withheldFailure(): Failure {
  const message =
    'What was changed last is not safe on the disk yet, so nobody can be told of it. Ask again in a second.'
  return new Failure('unavailable', message, { retryAfterSeconds: 1 })
}

/** What remembers, and can be told to forget. */
export interface Forgetful {
  forget(subject: Subject): void
  forgetAll(): void
}

/**
 * One read of the store that is under way. What it finds is fresh only if no entry about the same token, owner or
 * project was applied before it ended; otherwise nobody may be given it, and it is read again.
 */
export class Reading {
  /** What had been applied before the read began. */
  readonly position: Position
  readonly #touched = new Set<string>()
  readonly #onEnd: (reading: Reading) => void
  #all = false

  constructor(position: Position, onEnd: (reading: Reading) => void) {
    this.position = position
    this.#onEnd = onEnd
  }

  touch(subject: Subject): void {
    if (subject.type === 'deployment' || this.#touched.size >= touchedMax) this.#all = true
    else this.#touched.add(subject.id)
  }

  touchAll(): void {
    this.#all = true
  }

  end(): void {
    this.#onEnd(this)
  }

  /** Whether nothing with one of these ids has changed since the read began. */
  isFresh(ids: readonly (string | null)[]): boolean {
    return !this.#all && !ids.some((id) => id !== null && this.#touched.has(id))
  }
}

/** Beyond this many changes during one read, everything counts as changed. */
const touchedMax = 1_000
