import { setImmediate } from 'node:timers/promises'
import { Failure } from '@chatelaine/core'
import type { Reads } from '../sql/read/reads.ts'
import type { Steps } from '../sql/steps.ts'
import { readPosition } from './backup.ts'
import type { Connection } from './connection.ts'
import { isSqliteError } from './sqlite-fault.ts'

/** Reads on the thread that answers: each step at once, long ones in pieces. */
export class SqliteReads implements Reads {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  read<T>(steps: Steps<T>): Promise<T> {
    return reading(() => this.#connection.perform(steps))
  }

  readAtOneMoment<T>(steps: Steps<T>): Promise<T> {
    return reading(() => this.#connection.atOneMoment(() => this.#connection.perform(steps)))
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
    const message = 'The database cannot be read at the moment. Try again in a second.'
    throw new Failure('unavailable', message, { retryAfterSeconds: 1, cause: error })
  }
}
