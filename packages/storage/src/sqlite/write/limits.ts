import { isLive, type EpochMs, type Token, type Write } from '@chatelaine/core'
import { deploymentOwner } from '../schema.ts'
import type { Refused } from './refused.ts'
import type { Transaction } from './transaction.ts'

type TokenWrite = Extract<Write, { put: 'token' }>

/**
 * The slot of a permanent token: the one that it has, or the lowest that is free. `null` for tokens that need none,
 * because they expire or are revoked. A suspended one keeps its slot.
 */
export function chooseSlot(
  transaction: Transaction,
  { token, limits }: TokenWrite,
  previous: Token | undefined,
): number | null | Refused {
  if (!isPermanent(token)) return null
  const held = previous && readSlot(transaction, previous)
  if (typeof held === 'number') return held
  const owner = ownerOf(token)
  if (limits === undefined) return nextSlot(transaction, owner)
  const taken = readTakenSlots(transaction, owner)
  const max = limits.permanentMax
  if (taken.length >= max) return { outcome: 'permanent-limit', inUse: taken.length, max }
  const free = taken.findIndex((slot, index) => slot !== index)
  return free < 0 ? taken.length : free
}

/** Counts the owner's live tokens where this one would be one more. */
export function checkLiveLimit(
  { connection }: Transaction,
  { token, limits }: TokenWrite,
  previous: Token | undefined,
  at: EpochMs,
): Refused | undefined {
  const isOneMore = isLive(token, at) && !(previous !== undefined && isLive(previous, at))
  if (limits === undefined || !isOneMore) return undefined
  const row = connection.get(
    'SELECT count(*) AS in_use FROM tokens WHERE owner = ? AND revoked_at IS NULL AND expires_sorted > ?',
    ownerOf(token),
    at,
  )
  const inUse = Number(row?.in_use)
  return inUse < limits.liveMax ? undefined : { outcome: 'live-limit', inUse, max: limits.liveMax }
}

/** Under whom a token is counted: its project, else its account, else the deployment. As the column `owner` has it. */
function ownerOf({ projectId, accountId }: Token): string {
  return projectId ?? accountId ?? deploymentOwner
}

function isPermanent({ expiresAt, revokedAt }: Token): boolean {
  return expiresAt === null && revokedAt === null
}

function readSlot({ connection }: Transaction, { id }: Token): number | null {
  return (connection.get('SELECT permanent_slot FROM tokens WHERE id = ?', id)?.permanent_slot ?? null) as number | null
}

function readTakenSlots({ connection }: Transaction, owner: string): number[] {
  return connection
    .all(
      `SELECT permanent_slot FROM tokens
       WHERE owner = ? AND permanent_slot IS NOT NULL AND revoked_at IS NULL ORDER BY permanent_slot`,
      owner,
    )
    .map((row) => Number(row.permanent_slot))
}

/** Without a limit there may be very many, so their gaps are not looked for. */
function nextSlot({ connection }: Transaction, owner: string): number {
  const row = connection.get(
    `SELECT max(permanent_slot) AS highest FROM tokens
     WHERE owner = ? AND permanent_slot IS NOT NULL AND revoked_at IS NULL`,
    owner,
  )
  return Number(row?.highest ?? -1) + 1
}
