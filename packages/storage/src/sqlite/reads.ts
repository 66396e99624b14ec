import { setImmediate } from 'node:timers/promises'
import { Failure, type Position } from '@chatelaine/core'
import type { Reads } from '../sql/read/reads.ts'
import type { Steps } from '../sql/steps.ts'
import { readPosition } from './backup.ts'
import type { Connection } from './connection.ts'
import { isSqliteError } from './sqlite-fault.ts'

/**
 * Reads on the thread that answers: each step at once, long ones in pieces. What is read counts only where the log has
 * come as far as is known here: a database that somebody put back to an earlier state takes for alive what was revoked
 * since, and nothing is written to it that would make its log longer.
 */
export class SqliteReads implements Reads {
  readonly #connection: Connection
  readonly #known: () => Position

  /** @param known how far the log has come at least; of no epoch as long as nobody knows */
  constructor(connection: Connection, known: () => Position) {
    this.#connection = connection
    this.#known = known
  }

  read<T>(steps: Steps<T>): Promise<T> {
    return reading(() => this.#prove(this.#connection.perform(steps)))
  }

  readAtOneMoment<T>(steps: Steps<T>): Promise<T> {
    return reading(() => this.#prove(this.#connection.atOneMoment(() => this.#connection.perform(steps))))
  }

  #prove<T>(result: T): T {
    const { epoch, seq } = this.#known()
    if (epoch === '') return result
    const end = readPosition(this.#connection)
    if (end.epoch === epoch && end.seq >= seq) return result
    throw unreadable(new Error('the database was put back to an earlier state'))
  }

  async pause(): Promise<void> {
    await setImmediate()
  }
}

/** Why the database cannot be read at the moment; `undefined` when it can. */
export function readingTrouble(connection: Connection): string | undefined {
  try {
    readPosition(connection)
    return undefined
  } catch (error) {
    if (!isSqliteError(error)) throw error
    return 'the database cannot be read'
  }
}

/**
 * Runs a read. What SQLite cannot read is unknown, which is never the same as "not there".
 * @throws `unavailable` (rejects).
 */
export async function reading<T>(read: () => T): Promise<T> {
  try {
    return read()
  } catch (error) {
    if (!isSqliteError(error)) throw error
    throw unreadable(error)
  }
}

function unreadable(cause: unknown): Failure {
  const message = 'The database cannot be read at the moment. Try again in a second.'
  return new Failure('unavailable', message, { retryAfterSeconds: 1, cause })
}
