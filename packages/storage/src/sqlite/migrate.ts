import type { Connection } from './connection.ts'
import { applicationId, migrations } from './schema.ts'
import { isDamage } from './sqlite-fault.ts'
import { StorageError } from '../storage-error.ts'

/**
 * Brings a database to the schema of this release, each step in a transaction of its own, so that an interrupted
 * migration goes on where it stopped.
 * @throws StorageError as `checkSchema`.
 */
export function migrate(connection: Connection, steps: readonly string[] = migrations): void {
  const version = checkSchema(connection, steps.length)
  for (const [index, step] of steps.entries()) {
    if (index < version) continue
    connection.exec('BEGIN IMMEDIATE')
    try {
      connection.exec(step)
      connection.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${index + 1}; COMMIT`)
    } catch (error) {
      if (connection.isTransaction) connection.exec('ROLLBACK')
      throw error
    }
  }
}

/**
 * The version of a database's schema; 0 for one that is empty.
 * @throws StorageError `not-ours`, `newer-schema`, `damaged`.
 */
export function checkSchema(connection: Connection, versionMax: number = migrations.length): number {
  const { id, version, isEmpty } = readHeader(connection)
  if (isEmpty && id === 0) return 0
  if (id !== applicationId) {
    throw new StorageError('not-ours', 'The database belongs to another program. Choose another data directory.')
  }
  if (version > versionMax) {
    throw new StorageError(
      'newer-schema',
      `The database has schema ${version} and this release knows up to ${versionMax}. Run the newer release that wrote it, or restore a backup.`,
    )
  }
  return version
}

function readHeader(connection: Connection): { id: number; version: number; isEmpty: boolean } {
  try {
    return {
      id: Number(connection.get('PRAGMA application_id')?.application_id),
      version: Number(connection.get('PRAGMA user_version')?.user_version),
      isEmpty: connection.get('SELECT 1 FROM sqlite_schema LIMIT 1') === undefined,
    }
  } catch (error) {
    if (!isDamage(error)) throw error
    throw new StorageError('damaged', 'The database file is damaged. Restore the newest backup.', error)
  }
}
