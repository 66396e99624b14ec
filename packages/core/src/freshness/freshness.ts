import type { LogEntry, Position, Subject } from '../log/change.ts'
import { Failure } from '../domain/failure.ts'
import type { LogFollower } from '../ports.ts'

/** What a memory has to do with those of other processes that answer for the same store. */
export interface Others {
  /** Whether this memory has heard everything that can be in force by now. */
  mayAnswer(): boolean
  /** Whether it is known what time it is, so that somebody can say what has expired. */
  knowsTime(): boolean
  /** Makes this memory hear soon of what was committed. */
  hurry(): void
  /** Calls when this memory has either heard of what is committed now or may not answer. Returns how to cancel. */
  onceSurelyOver(call: () => void): () => void
  /** This machine's monotonic clock. */
  nowMs(): number
  /** Resolves when no other memory answers that has not applied this entry, which was committed before this time. */
  pass(position: Position, committedMs: number): Promise<void>
}

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
  readonly #others: Others | undefined

  /** @param others only where other processes answer too; else this one hears of everything before anybody else. */
  constructor(position: Position, memory: Forgetful, others?: Others) {
    this.#position = position
    this.#memory = memory
    this.#others = others
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
    const reached = this.#waiting.filter((one) => this.hasReached(one))
    this.#waiting = this.#waiting.filter((one) => !this.hasReached(one))
    for (const { resume } of reached) resume()
  }

  /** Whether this memory has come as far as a place in the log that somebody knows of; without one it has. */
  hasReached(place: Position | undefined): boolean {
    const { epoch, seq } = this.#position
    return place === undefined || (place.epoch === epoch && place.seq <= seq)
  }

  /**
   * Whether what is remembered may be answered from now. To be asked in one synchronous step with looking and deciding.
   * A process that is the only writer always may.
   */
  mayAnswer(): boolean {
    return this.#others === undefined || this.#others.mayAnswer()
  }

  reset(position: Position): void {
    this.#memory.forgetAll()
    for (const reading of this.#readings) reading.touchAll()
    this.#position = position
    // Nothing is remembered any more, so nothing stale can be answered, wherever the log goes on. In another epoch nobody
    // knows whether what is waited for is part of it.
    for (const { epoch, resume, refuse } of this.#waiting.splice(0)) {
      if (epoch === position.epoch) resume()
      else refuse(otherEpochFailure())
    }
  }

  withheld(fromSeq: number | undefined): void {
    this.#withheldFrom = fromSeq ?? Infinity
    const refused = this.#waiting.filter(({ seq }) => seq >= this.#withheldFrom)
    this.#waiting = this.#waiting.filter(({ seq }) => seq < this.#withheldFrom)
    for (const { refuse } of refused) refuse(withheldFailure())
  }

  /** Whether there is something in the log that nobody may be told of yet. */
  get isWithholding(): boolean {
    return this.#withheldFrom !== Infinity
  }

  /** Whether it is known what time it is. A process that is the only writer has its own clock. */
  knowsTime(): boolean {
    return this.#others === undefined || this.#others.knowsTime()
  }

  /**
   * The barrier: resolves when every memory that answers has applied this entry. Whoever says that a taking-away is in
   * force passes it first, also for one that was in force already.
   * @param epoch of the entry; of what was read, that in which this memory reads
   * @throws `unavailable` (rejects) while it is not certain that this entry stays in force, and when the database is
   *   replaced meanwhile.
   */
  async reach(seq: number, epoch = this.#position.epoch): Promise<void> {
    const committedMs = this.#others?.nowMs() ?? 0
    await this.reachHere(seq, epoch)
    if (this.#others === undefined || seq === 0) return
    await this.#others.pass({ epoch, seq }, committedMs)
    if (this.#position.epoch !== epoch) throw otherEpochFailure()
    if (seq >= this.#withheldFrom) throw withheldFailure()
  }

  /**
   * Resolves when this memory has applied the entry, or may not answer before it has: enough for what only gives.
   * @throws `unavailable` (rejects) while it is not certain that this entry stays in force.
   */
  reachHere(seq: number, epoch = this.#position.epoch): Promise<void> {
    if (seq >= this.#withheldFrom) return Promise.reject(withheldFailure())
    // The same number in another epoch may be another entry, where the database was put back.
    if (this.#position.epoch === epoch && this.#position.seq >= seq) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const leave = this.#others?.onceSurelyOver(() => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting)
        resolve()
      })
      const waiting: Waiting = {
        epoch,
        seq,
        resume: () => (leave?.(), resolve()),
        refuse: (failure) => (leave?.(), reject(failure)),
      }
      this.#waiting.push(waiting)
      this.#others?.hurry()
    })
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
  readonly epoch: string
  readonly seq: number
  readonly resume: () => void
  readonly refuse: (failure: Failure) => void
}

function withheldFailure(): Failure {
  const message =
    'What was changed last is not safe on the disk yet, so nobody can be told of it. Ask again in a second.'
  return new Failure('unavailable', message, { retryAfterSeconds: 1 })
}

function otherEpochFailure(): Failure {
  const message = 'The database was replaced meanwhile. Look whether the change is in force before you repeat it.'
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
