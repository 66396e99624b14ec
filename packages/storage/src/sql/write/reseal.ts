import type { SealedTable, SealedTableName } from '../seal.ts'
import { accountTable } from '../tables/account-table.ts'
import { columnsOf, updateSql } from '../tables/columns.ts'
import { onceTable } from '../tables/once-table.ts'
import { handoffTable } from '../tables/handoff-table.ts'
import { masterKeyTable } from '../tables/master-key-table.ts'
import { projectTable } from '../tables/project-table.ts'
import { settingsTable } from '../tables/settings-table.ts'
import { sessionTable } from '../tables/session-table.ts'
import { tokenTable } from '../tables/token-table.ts'
import { usesLeftTable } from '../tables/uses-left-table.ts'
import type { Transaction } from './transaction.ts'
import { allValues, runOne, type SqlValue, type Steps, type Values } from '../steps.ts'

/** Rows that one request looks at, so that no commit waits long behind it. */
const resealedAtOnceMax = 500

const tables: readonly SealedTable<unknown>[] = [
  tokenTable,
  accountTable,
  projectTable,
  sessionTable,
  onceTable,
  handoffTable,
  settingsTable,
  masterKeyTable,
  usesLeftTable,
] as SealedTable<unknown>[]

/** Up to where the tables have been looked through: the key of the last row, none before the first. */
export interface ResealPlace {
  readonly table: SealedTableName
  readonly after: readonly SqlValue[] | undefined
}

export const resealStart: ResealPlace = { table: 'tokens', after: undefined }

export interface Resealed {
  readonly count: number
  /** Where to go on; `undefined` when all tables are done. */
  readonly next: ResealPlace | undefined
}

/**
 * Seals rows anew that are sealed under a former master key, some at a time. A damaged row stays as it is: a new seal
 * would make it good.
 */
export function* resealSome({ sealer }: Transaction, place: ResealPlace): Steps<Resealed> {
  const index = tables.findIndex(({ name }) => name === place.table)
  const table = tables[index]!
  const rows = yield* rowsAfter(table, place.after)
  let count = 0
  for (const row of rows) {
    if (sealer.isCurrent(table, row) || sealer.open(table, row) === undefined) continue
    yield* runOne(updateSql(table.name, ['seal'], keyIs(table)), sealer.seal(table, row), ...keyOf(table, row))
    count += 1
  }
  const last = rows.at(-1)
  if (last !== undefined) return { count, next: { table: table.name, after: keyOf(table, last) } }
  const following = tables[index + 1]
  return { count, next: following && { table: following.name, after: undefined } }
}

function rowsAfter(table: SealedTable<unknown>, after: readonly SqlValue[] | undefined): Steps<readonly Values[]> {
  const key = table.key.map((column) => `${table.name}.${column}`).join(', ')
  const isBehind = after === undefined ? '' : `WHERE (${key}) > (${after.map(() => '?').join(', ')})`
  return allValues(
    `SELECT ${columnsOf(table)} FROM ${table.name} ${isBehind} ORDER BY ${key} LIMIT ${resealedAtOnceMax}`,
    ...(after ?? []),
  )
}

function keyIs({ key }: SealedTable<unknown>): string {
  return key.map((column) => `${column} = ?`).join(' AND ')
}

function keyOf({ sealed, key }: SealedTable<unknown>, row: Values): SqlValue[] {
  return key.map((column) => row[sealed.indexOf(column)]!)
}
