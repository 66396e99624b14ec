import { Failure } from '@chatelaine/core'
import type { Sealer } from '../../sql/seal.ts'
import type { Connection } from '../connection.ts'
import { isSqliteError } from '../sqlite-fault.ts'

/** A connection, and what checks the seals of the rows that it reads. */
export interface Records {
  readonly connection: Connection
  readonly sealer: Sealer
}

/**
 * Runs a read. What SQLite cannot read is unknown, which is never the same as "not there".
 * @throws `unavailable` (rejects).
 */
export async function reading<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!isSqliteError(error)) throw error
    const message = 'The database cannot be read at the moment. Try again in a second.'
    throw new Failure('unavailable', message, { retryAfterSeconds: 1, cause: error })
  }
}
