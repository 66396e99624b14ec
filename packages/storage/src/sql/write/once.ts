import { dayMs, type Once, type OnceRecord } from '@chatelaine/core'
import { columnsOf, insertSql, sealedRow, valuesOf } from '../tables/columns.ts'
import { onceTable } from '../tables/once-table.ts'
import type { Transaction } from './transaction.ts'
import { getValues, runOne, type Steps } from '../steps.ts'

/** How long an idempotency key is kept. */
export const onceKeptMs = dayMs

const findSql = `SELECT ${columnsOf(onceTable)} FROM once WHERE caller = ? AND key = ?`
const columns = [...onceTable.sealed, 'seal']
const insertOnce = insertSql('once', columns)

/** What the same caller's same key made before. A row that is outdated or damaged is cleared away and counts for nothing. */
export function* findRepeated({ sealer }: Transaction, { caller, key, at }: Once): Steps<OnceRecord | undefined> {
  const row = yield* getValues(findSql, caller, key)
  if (row === undefined) return undefined
  const first = sealer.open(onceTable, row)
  if (first !== undefined && first.at > at - onceKeptMs) return first
  yield* runOne('DELETE FROM once WHERE caller = ? AND key = ?', caller, key)
  return undefined
}

export function* noteOnce({ sealer }: Transaction, record: OnceRecord): Steps<void> {
  yield* runOne(insertOnce, ...valuesOf(sealedRow(sealer, onceTable, record), columns))
}
