import { sessionIdleMs, sessionLifetimeMs, type EpochMs, type ObservedUse, type TokenId } from '@chatelaine/core'
import { columnsOf, insertSql, valuesOf } from '../tables/columns.ts'
import { usesLeftTable, type UsesLeft } from '../tables/uses-left-table.ts'
import type { ReservedUses } from './requests.ts'
import { onceKeptMs } from './once.ts'
import type { Transaction } from './transaction.ts'

const addUse = `
  UPDATE tokens SET
    first_used_at = min(ifnull(first_used_at, ?), ?),
    last_used_ip = CASE WHEN ifnull(last_used_at, 0) <= ? THEN ? ELSE last_used_ip END,
    last_used_client = CASE WHEN ifnull(last_used_at, 0) <= ? THEN ? ELSE last_used_client END,
    last_used_at = max(ifnull(last_used_at, 0), ?),
    use_count = use_count + ?
  WHERE id = ?`

const noteOldUse = `
  UPDATE tokens SET old_last_used_at = ?, old_last_used_ip = ?
  WHERE id = ? AND ifnull(old_last_used_at, 0) <= ?`

/** Adds what was observed. No entry in the log, and nothing that is sealed. */
export function addUses({ connection }: Transaction, uses: readonly ObservedUse[]): void {
  for (const { tokenId, secret, firstAt, lastAt, lastIp, lastClient, count } of uses) {
    const values = [firstAt, firstAt, lastAt, lastIp, lastAt, lastClient, lastAt, count]
    requireAtMostOne(connection.run(addUse, ...values, tokenId))
    if (secret === 'old') requireAtMostOne(connection.run(noteOldUse, lastAt, lastIp, tokenId, lastAt))
  }
}

const findUsesLeft = `SELECT ${columnsOf(usesLeftTable)} FROM uses_left WHERE token_id = ?`
const usesLeftColumns = [...usesLeftTable.sealed, 'seal']
const putUsesLeft = `
  ${insertSql(usesLeftTable.name, usesLeftColumns)}
  ON CONFLICT (token_id) DO UPDATE SET remaining = excluded.remaining, seal = excluded.seal`

/**
 * Takes uses of a token that has a limited number of them, or gives some back with a negative count; never more than
 * are left, and never so many back that there would be more than were granted. Where what is left was altered, nothing is.
 */
export function reserveUses(transaction: Transaction, id: TokenId, count: number): ReservedUses {
  const { connection, sealer } = transaction
  const row = connection.getValues(findUsesLeft, id)
  const before = row && sealer.open(usesLeftTable, row)
  if (before === undefined) return { reserved: 0, left: 0 }
  const granted = Number(connection.get('SELECT uses_granted FROM tokens WHERE id = ?', id)?.uses_granted ?? 0)
  const reserved = Math.min(count, before.remaining)
  const remaining = Math.min(before.remaining - reserved, granted)
  writeUsesLeft(transaction, { tokenId: id, remaining })
  connection.runOne('UPDATE tokens SET uses_left = ? WHERE id = ?', remaining, id)
  return { reserved, left: remaining }
}

export function writeUsesLeft({ connection, sealer }: Transaction, usesLeft: UsesLeft): void {
  const row = usesLeftTable.encode(usesLeft)
  const seal = sealer.seal(usesLeftTable, valuesOf(row, usesLeftTable.sealed))
  connection.runOne(putUsesLeft, ...valuesOf({ ...row, seal }, usesLeftColumns))
}

export function touchSession({ connection }: Transaction, sessionId: string, at: EpochMs): void {
  requireAtMostOne(
    connection.run('UPDATE sessions SET last_seen_at = max(last_seen_at, ?) WHERE id = ?', at, sessionId),
  )
}

/** Rows that one request removes, so that no commit waits long behind it. */
const removedAtOnceMax = 500

/** Answers how many rows were removed; 0 when there is nothing left to remove. */
export function removeOutdated({ connection }: Transaction, now: EpochMs): number {
  const removedByAge = (table: string, column: string, before: EpochMs): number =>
    connection.run(
      `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${column} <= ? LIMIT ${removedAtOnceMax})`,
      before,
    )
  return (
    removedByAge('sessions', 'created_at', now - sessionLifetimeMs) +
    removedByAge('sessions', 'last_seen_at', now - sessionIdleMs) +
    removedByAge('once', 'at', now - onceKeptMs)
  )
}

function requireAtMostOne(changed: number): void {
  if (changed > 1) throw new Error(`changed ${changed} rows where it may be at most one`)
}
