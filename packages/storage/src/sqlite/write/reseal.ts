import type { SealedTable, SealedTableName } from '../seal.ts'
import { accountTable } from '../tables/account-table.ts'
import { columnsOf } from '../tables/columns.ts'
import { onceTable } from '../tables/once-table.ts'
import { masterKeyTable } from '../tables/master-key-table.ts'
import { projectTable } from '../tables/project-table.ts'
import { settingsTable } from '../tables/settings-table.ts'
import { sessionTable } from '../tables/session-table.ts'
import { tokenTable } from '../tables/token-table.ts'
import { usesLeftTable } from '../tables/uses-left-table.ts'
import type { Transaction } from './transaction.ts'

/** Rows that one request looks at, so that no commit waits long behind it. */
const resealedAtOnceMax = 500

const tables: readonly SealedTable<unknown>[] = [
  tokenTable,
  accountTable,
  projectTable,
  sessionTable,
  onceTable,
  settingsTable,
  masterKeyTable,
  usesLeftTable,
] as SealedTable<unknown>[]

/** Up to where the tables have been looked through. */
export interface ResealPlace {
  readonly table: SealedTableName
  readonly rowid: number
}

export const resealStart: ResealPlace = { table: 'tokens', rowid: 0 }

export interface Resealed {
  readonly count: number
  /** Where to go on; `undefined` when all tables are done. */
  readonly next: ResealPlace | undefined
}

/**
 * Seals rows anew that are sealed under a former master key, some at a time. A damaged row stays as it is: a new seal
 * would make it good.
 */
export function resealSome({ connection, sealer }: Transaction, place: ResealPlace): Resealed {
  const index = tables.findIndex(({ name }) => name === place.table)
  const table = tables[index]!
  const rows = connection.allValues(
    `SELECT ${columnsOf(table)}, rowid FROM ${table.name} WHERE rowid > ? ORDER BY rowid LIMIT ${resealedAtOnceMax}`,
    place.rowid,
  )
  let count = 0
  for (const row of rows) {
    if (sealer.isCurrent(table, row) || sealer.open(table, row) === undefined) continue
    connection.runOne(`UPDATE ${table.name} SET seal = ? WHERE rowid = ?`, sealer.seal(table, row), Number(row.at(-1)))
    count += 1
  }
  const last = rows.at(-1)
  if (last !== undefined) return { count, next: { table: table.name, rowid: Number(last.at(-1)) } }
  const following = tables[index + 1]
  return { count, next: following && { table: following.name, rowid: 0 } }
}
