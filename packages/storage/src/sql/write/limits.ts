import { isLive, type EpochMs, type Token, type Write } from '@chatelaine/core'
import { deploymentOwner } from '../schema.ts'
import type { Refused } from './refused.ts'
import { all, get, type Steps } from '../steps.ts'

type TokenWrite = Extract<Write, { put: 'token' }>

/**
 * The slot of a permanent token: the one that it has, or the lowest that is free. `null` for tokens that need none,
 * because they expire or are revoked. A suspended one keeps its slot.
 */
export function* chooseSlot(
  { token, limits }: TokenWrite,
  previous: Token | undefined,
): Steps<number | null | Refused> {
  if (!isPermanent(token)) return null
  const held = previous && (yield* readSlot(previous))
  if (typeof held === 'number') return held
  const owner = ownerOf(token)
  if (limits === undefined) return yield* nextSlot(owner)
  const taken = yield* readTakenSlots(owner)
  const max = limits.permanentMax
  if (taken.length >= max) return { outcome: 'permanent-limit', inUse: taken.length, max }
  const free = taken.findIndex((slot, index) => slot !== index)
  return free < 0 ? taken.length : free
}

/** Counts the owner's live tokens where this one would be one more. */
export function* checkLiveLimit(
  { token, limits }: TokenWrite,
  previous: Token | undefined,
  at: EpochMs,
): Steps<Refused | undefined> {
  const isOneMore = isLive(token, at) && !(previous !== undefined && isLive(previous, at))
  if (limits === undefined || !isOneMore) return undefined
  const row = yield* get(
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

function* readSlot({ id }: Token): Steps<number | null> {
  const row = yield* get('SELECT permanent_slot FROM tokens WHERE id = ?', id)
  return (row?.permanent_slot ?? null) as number | null
}

function* readTakenSlots(owner: string): Steps<number[]> {
  const rows = yield* all(
    `SELECT permanent_slot FROM tokens
     WHERE owner = ? AND permanent_slot IS NOT NULL AND revoked_at IS NULL ORDER BY permanent_slot`,
    owner,
  )
  return rows.map((row) => Number(row.permanent_slot))
}

/** Without a limit there may be very many, so their gaps are not looked for. */
function* nextSlot(owner: string): Steps<number> {
  const row = yield* get(
    `SELECT max(permanent_slot) AS highest FROM tokens
     WHERE owner = ? AND permanent_slot IS NOT NULL AND revoked_at IS NULL`,
    owner,
  )
  return Number(row?.highest ?? -1) + 1
}
