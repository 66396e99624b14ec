import { StorageError } from '../storage-error.ts'
import { Connection } from './connection.ts'
import { ConnectionLost } from './fault.ts'

/** For a database that may have to be made first, and a journal that may have much to catch up with. */
export const patient = { connectMs: 2_000, statementMs: 60_000, callMs: 61_000 } as const

/**
 * A connection for what is done once, when nobody waits for an answer.
 * @throws StorageError `database-unreachable`.
 */
export async function openPatiently(url: string): Promise<Connection> {
  try {
    return await Connection.open(url, patient)
  } catch (error) {
    throw asUnreachable(error)
  }
}

/** What is said to the operator of a server that is not there; anything else as it is. */
export function asUnreachable(error: unknown): unknown {
  if (!(error instanceof ConnectionLost)) return error
  return new StorageError(
    'database-unreachable',
    `The database cannot be used: ${error.message}. See that PostgreSQL runs, and that CHATELAINE_DATABASE_URL is right.`,
    error,
  )
}
