import { sessionIdleMs, sessionLifetimeMs, type EpochMs, type TokenId } from '@chatelaine/core'
import { columnsOf, insertSql, sealedRow, valuesOf } from '../tables/columns.ts'
import { usesLeftTable, type UsesLeft } from '../tables/uses-left-table.ts'
import type { ReservedUses } from './requests.ts'
import { onceKeptMs } from './once.ts'
import type { Transaction } from './transaction.ts'
import { get, getValues, run, runOne, type Steps } from '../steps.ts'

const findUsesLeft = `SELECT ${columnsOf(usesLeftTable)} FROM uses_left WHERE token_id = ?`
const usesLeftColumns = [...usesLeftTable.sealed, 'seal']
const putUsesLeft = `
  ${insertSql(usesLeftTable.name, usesLeftColumns)}
  ON CONFLICT (token_id) DO UPDATE SET remaining = excluded.remaining, seal = excluded.seal`

/**
 * Takes uses of a token that has a limited number of them, or gives some back with a negative count; never more than
 * are left, and never so many back that there would be more than were granted. Where what is left was altered, nothing is.
 */
export function* reserveUses(transaction: Transaction, id: TokenId, count: number): Steps<ReservedUses> {
  const { sealer } = transaction
  const row = yield* getValues(findUsesLeft, id)
  const before = row && sealer.open(usesLeftTable, row)
  if (before === undefined) return { reserved: 0, left: 0 }
  const granted = Number((yield* get('SELECT uses_granted FROM tokens WHERE id = ?', id))?.uses_granted ?? 0)
  const reserved = Math.min(count, before.remaining)
  const remaining = Math.min(before.remaining - reserved, granted)
  yield* writeUsesLeft(transaction, { tokenId: id, remaining })
  yield* runOne('UPDATE tokens SET uses_left = ? WHERE id = ?', remaining, id)
  return { reserved, left: remaining }
}

export function* writeUsesLeft({ sealer }: Transaction, usesLeft: UsesLeft): Steps<void> {
  yield* runOne(putUsesLeft, ...valuesOf(sealedRow(sealer, usesLeftTable, usesLeft), usesLeftColumns))
}

const touch = 'UPDATE sessions SET last_seen_at = ? WHERE id = ? AND last_seen_at < ?'

export function* touchSession(sessionId: string, at: EpochMs): Steps<void> {
  requireAtMostOne(yield* run(touch, at, sessionId, at))
}

/** Rows that one request removes, so that no commit waits long behind it. */
const removedAtOnceMax = 500

const removeSessions = (column: string): string =>
  `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE ${column} <= ? LIMIT ${removedAtOnceMax})`

const removeOnce = `
  DELETE FROM once WHERE (caller, key) IN (SELECT caller, key FROM once WHERE at <= ? LIMIT ${removedAtOnceMax})`

const removeNotes = `
  DELETE FROM handoffs WHERE name IN (SELECT name FROM handoffs WHERE ends_at <= ? LIMIT ${removedAtOnceMax})`

/** Answers how many rows were removed; 0 when there is nothing left to remove. */
export function* removeOutdated(now: EpochMs): Steps<number> {
  const old = yield* run(removeSessions('created_at'), now - sessionLifetimeMs)
  const idle = yield* run(removeSessions('last_seen_at'), now - sessionIdleMs)
  const notes = yield* run(removeNotes, now)
  return old + idle + notes + (yield* run(removeOnce, now - onceKeptMs))
}

export function requireAtMostOne(changed: number): void {
  if (changed > 1) throw new Error(`changed ${changed} rows where it may be at most one`)
}
