import { dayMs, type AddressUse, type EpochMs, type Hours, type TokenId, type UsedFrom } from '@chatelaine/core'
import { furtherAddresses, unknownAddress } from '../schema.ts'
import { all, type Row } from '../steps.ts'
import type { Reads } from './reads.ts'

/** So much is read in one go: at most 65 rows for each hour. Between two goes verifications are answered. */
const readAtOnceMs = dayMs

const rowsSql = `
  SELECT ip, client, count, last_used_at, old_last_used_at FROM token_addresses
  WHERE token_id = ? AND hour >= ? AND hour < ?`

/** From where a token was used, hour by hour summed up. */
export async function readUsedFrom(
  reads: Reads,
  id: TokenId,
  { from, until }: Hours,
  limit: number,
): Promise<UsedFrom> {
  const sums = new Map<string, AddressUse>()
  for (let begin = from; begin < until; begin += readAtOnceMs) {
    const rows = await reads.read(all(rowsSql, id, begin, Math.min(until, begin + readAtOnceMs)))
    for (const row of rows) add(sums, row)
    await reads.pause()
  }
  const further = sums.get(furtherAddresses)
  sums.delete(furtherAddresses)
  const addresses = most(sums, limit)
  const listed = countOf(addresses)
  return {
    addresses,
    addressCount: sums.has(unknownAddress) ? sums.size - 1 : sums.size,
    areMore: further !== undefined,
    elsewhere: countOf(sums.values()) + (further?.count ?? 0) - listed,
  }
}

function add(sums: Map<string, AddressUse>, row: Row): void {
  const ip = String(row.ip)
  const lastAt = Number(row.last_used_at)
  const before = sums.get(ip)
  const isLatest = before === undefined || lastAt >= before.lastAt
  sums.set(ip, {
    ip: ip === unknownAddress ? null : ip,
    client: isLatest ? (row.client as string | null) : before.client,
    count: Number(row.count) + (before?.count ?? 0),
    lastAt: isLatest ? lastAt : before.lastAt,
    oldLastAt: later(row.old_last_used_at === null ? null : Number(row.old_last_used_at), before?.oldLastAt ?? null),
  })
}

/** `null` is before everything. */
function later(a: EpochMs | null, b: EpochMs | null): EpochMs | null {
  if (a === null) return b
  return b === null ? a : Math.max(a, b)
}

function most(sums: ReadonlyMap<string, AddressUse>, limit: number): AddressUse[] {
  return [...sums]
    .toSorted(([a, { count: aCount }], [b, { count: bCount }]) => bCount - aCount || (a < b ? -1 : 1))
    .slice(0, limit)
    .map(([, used]) => used)
}

function countOf(uses: Iterable<AddressUse>): number {
  let sum = 0
  for (const { count } of uses) sum += count
  return sum
}
