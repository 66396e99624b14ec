import { sessionIdleMs, sessionLifetimeMs, type EpochMs, type ObservedUse, type TokenId } from '@chatelaine/core'
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

/**
 * Takes uses of a token that has a limited number of them, or gives some back with a negative count; never more than
 * are left, and never so many back that there would be more than were granted.
 */
export function reserveUses({ connection }: Transaction, id: TokenId, count: number): ReservedUses {
  const row = connection.get('SELECT uses_left, uses_granted FROM tokens WHERE id = ?', id)
  // What is left is not sealed: whoever alters it gains no more than was granted.
  const before = Math.max(0, Math.min(Number(row?.uses_left ?? 0), Number(row?.uses_granted ?? 0)))
  const reserved = Math.min(count, before)
  requireAtMostOne(
    connection.run('UPDATE tokens SET uses_left = min(?, uses_granted) WHERE id = ?', before - reserved, id),
  )
  return { reserved, left: before - reserved }
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
