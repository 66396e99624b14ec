import { Failure } from '@chatelaine/core'
import { DatabaseError } from 'pg'

/**
 * A connection that is no more, or never was: refused, broken, later than its deadline, or to a server that may not be
 * asked. What was under way on it may have been done or not.
 */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

/** What PostgreSQL itself answered, with a code (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
export { DatabaseError }

/** Whether PostgreSQL said no or cannot be reached, for whatever reason. */
export function isPostgresFault(error: unknown): error is ConnectionLost | DatabaseError {
  return error instanceof ConnectionLost || error instanceof DatabaseError
}

/**
 * Asks the database. What it cannot say is unknown, which is never the same as "not there".
 * @throws `unavailable` (rejects).
 */
export async function asking<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!isPostgresFault(error)) throw error
    const message = 'The database does not answer at the moment. Try again in a second.'
    throw new Failure('unavailable', message, { retryAfterSeconds: 1, cause: error })
  }
}
