import { StorageError } from '../storage-error.ts'
import { Connection } from './connection.ts'
import { ConnectionLost } from './fault.ts'

/** For a database that may have to be made first, and a journal that may have much to catch up with. */
const patient = { connectMs: 2_000, statementMs: 60_000, callMs: 61_000 } as const

/**
 * A connection for what is done once, when nobody waits for an answer.
 * @throws StorageError `database-unreachable`.
 */
export async function openPatiently(url: string): Promise<Connection> {
  try {
    return await Connection.open(url, patient)
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error
    throw new StorageError(
      'database-unreachable',
      `The database cannot be used: ${error.message}. See that PostgreSQL runs, and that CHATELAINE_DATABASE_URL is right.`,
      error,
    )
  }
}
