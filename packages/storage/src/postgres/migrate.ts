import { get, run, runOne, type Steps } from '../sql/steps.ts'
import { StorageError } from '../storage-error.ts'
import { migrations } from './schema.ts'
import { inTransaction, keepOthersOut } from './transaction.ts'

/**
 * Brings a database to the schema of this release, each step in a transaction of its own, so that an interrupted
 * migration goes on where it stopped. Of several instances that start at once one does it, and the others wait.
 * @throws StorageError as `checkSchema`.
 */
export function* migrate(steps: readonly string[] = migrations): Steps<void> {
  while (yield* inTransaction(migrateOne(steps)));
}

/** Answers whether there was a step left to take. */
function* migrateOne(steps: readonly string[]): Steps<boolean> {
  yield* keepOthersOut()
  const version = yield* checkSchema(steps.length)
  const step = steps[version]
  if (step === undefined) return false
  // Several commands in one: what is prepared may hold only one, and EXECUTE takes them all.
  yield* run(`DO $migration$ BEGIN EXECUTE $step$${step}$step$; END $migration$`)
  yield* runOne('UPDATE chatelaine_schema SET version = ?', version + 1)
  return true
}

/**
 * The version of a database's schema; 0 for one that is empty.
 * @throws StorageError `not-ours`, `newer-schema`.
 */
export function* checkSchema(versionMax: number = migrations.length): Steps<number> {
  const tables = yield* get(
    `SELECT count(*) AS count, count(*) FILTER (WHERE relname = 'chatelaine_schema') AS ours, current_schema() AS schema
     FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')`,
  )
  if (tables?.schema === null) {
    throw new StorageError('not-ours', 'The database has no schema that tables are made in. Set search_path to one.')
  }
  if (tables?.count === 0) return 0
  if (tables?.ours === 0) {
    throw new StorageError(
      'not-ours',
      `The schema ${tables.schema} of the database holds tables of another program. Make a database for Chatelaine alone.`,
    )
  }
  const version = Number((yield* get('SELECT version FROM chatelaine_schema'))?.version)
  if (version > versionMax) {
    throw new StorageError(
      'newer-schema',
      `The database has schema ${version} and this release knows up to ${versionMax}. Run the newer release that wrote it, or restore a backup.`,
    )
  }
  return version
}
