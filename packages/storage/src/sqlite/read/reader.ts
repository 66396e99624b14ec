import { Failure } from '@chatelaine/core'
import { isSqliteError } from '../sqlite-fault.ts'

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
