import { dayMs, type Once, type OnceRecord } from '@chatelaine/core'
import { columnsOf, insertSql, valuesOf } from '../tables/columns.ts'
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
  const row = onceTable.encode(record)
  yield* runOne(
    insertOnce,
    ...valuesOf({ ...row, seal: sealer.seal(onceTable, valuesOf(row, onceTable.sealed)) }, columns),
  )
}
