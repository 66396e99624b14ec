import type { HandoffNote, HandoffStore } from '@chatelaine/core'
import { get, getValues, runOne, type Steps } from '../steps.ts'
import { columnsOf, insertSql, sealedRow, valuesOf } from '../tables/columns.ts'
import { handoffTable } from '../tables/handoff-table.ts'
import type { Transaction } from './transaction.ts'

export type Room = Parameters<HandoffStore['leave']>[1]
export type Left = Awaited<ReturnType<HandoffStore['leave']>>

const findNote = `SELECT ${columnsOf(handoffTable)} FROM handoffs WHERE name = ?`
const columns = [...handoffTable.sealed, 'seal']
const insertNote = insertSql('handoffs', columns)
const countWaiting = 'SELECT count(*) AS waiting FROM (SELECT 1 FROM handoffs WHERE ends_at > ? LIMIT ?) AS found'

/** Leaves a note. One by its name that has ended or is damaged is cleared away and counts for nothing. */
export function* leaveNote({ sealer }: Transaction, note: HandoffNote, { now, waitingMax }: Room): Steps<Left> {
  const row = yield* getValues(findNote, note.name)
  const before = row && sealer.open(handoffTable, row)
  if (before !== undefined && before.endsAt > now) return 'taken'
  if (row !== undefined) yield* runOne('DELETE FROM handoffs WHERE name = ?', note.name)
  if (Number((yield* get(countWaiting, now, waitingMax))?.waiting) >= waitingMax) return 'full'
  yield* runOne(insertNote, ...valuesOf(sealedRow(sealer, handoffTable, note), columns))
  return 'kept'
}
