import { callMs, Connection, connectMs } from '../../packages/storage/src/postgres/connection.ts'
import { all, run, type Steps } from '../../packages/storage/src/sql/steps.ts'
import { inTransaction } from '../../packages/storage/src/postgres/transaction.ts'

/** A backup is made and put back while others use the database: it may have to wait for them. */
const deadlines = { connectMs, statementMs: 10_000, callMs: callMs + 10_000 }

/**
 * Keeps all tables of a database as they are now, as a backup does. What it answers puts all of them back in one
 * transaction, on the same server and under the same connections, as `pg_restore --clean --single-transaction` does.
 */
export async function backUp(url: string): Promise<() => Promise<void>> {
  const name = `kept_${(count += 1)}`
  await perform(url, inTransaction(keep(name)))
  return () => perform(url, inTransaction(putBack(name)))
}

let count = 0

async function perform(url: string, steps: Steps<void>): Promise<void> {
  const connection = await Connection.open(url, deadlines)
  try {
    await connection.perform(steps)
  } finally {
    await connection.close()
  }
}

function* keep(name: string): Steps<void> {
  yield* run(`CREATE SCHEMA ${name}`)
  for (const { table } of yield* tables()) yield* run(`CREATE TABLE ${name}.${table} AS TABLE public.${table}`)
}

function* putBack(name: string): Steps<void> {
  // Otherwise a table could be filled before the one that it refers to.
  yield* run(`SET LOCAL session_replication_role = replica`)
  yield* run('SET LOCAL lock_timeout = 10000')
  const all = yield* tables()
  yield* run(`TRUNCATE ${all.map(({ table }) => table).join(', ')}`)
  for (const { table, columns } of all) {
    yield* run(`INSERT INTO ${table} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM ${name}.${table}`)
  }
}

/** Every table with the columns that are not computed from others. */
function* tables(): Steps<readonly { readonly table: string; readonly columns: string }[]> {
  const rows = yield* all(
    `SELECT table_name AS table, string_agg(column_name, ', ' ORDER BY ordinal_position) AS columns
     FROM information_schema.columns
     WHERE table_schema = 'public' AND is_generated = 'NEVER' GROUP BY table_name ORDER BY table_name`,
  )
  return rows.map(({ table, columns }) => ({ table: String(table), columns: String(columns) }))
}
