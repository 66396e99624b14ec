import { addressesPerHourMax, hourOf, type EpochMs, type ObservedUse, type TokenId } from '@chatelaine/core'
import { furtherAddresses, unknownAddress } from '../schema.ts'
import { order, run, type Steps } from '../steps.ts'
import { requireAtMostOne } from './bookkeeping.ts'

const addUse = `
  UPDATE tokens SET
    first_used_at = CASE WHEN first_used_at <= ? THEN first_used_at ELSE ? END,
    last_used_ip = CASE WHEN last_used_at > ? THEN last_used_ip ELSE ? END,
    last_used_client = CASE WHEN last_used_at > ? THEN last_used_client ELSE ? END,
    last_used_at = CASE WHEN last_used_at > ? THEN last_used_at ELSE ? END,
    use_count = use_count + ?
  WHERE id = ?`

const noteOldUse = `
  UPDATE tokens SET old_last_used_at = ?, old_last_used_ip = ?
  WHERE id = ? AND coalesce(old_last_used_at, 0) <= ?`

/** One statement that nobody waits for, so that over a network many of them cost little more than one. */
const addAddress = `
  INSERT INTO token_addresses (token_id, hour, ip, client, count, last_used_at, old_last_used_at)
  SELECT tokens.id, ?,
    CASE WHEN
      EXISTS (SELECT 1 FROM token_addresses AS told WHERE told.token_id = tokens.id AND told.hour = ? AND told.ip = ?)
      OR (
        SELECT count(*) FROM token_addresses AS told
        WHERE told.token_id = tokens.id AND told.hour = ? AND told.ip <> '${furtherAddresses}'
      ) < ${addressesPerHourMax}
    THEN ? ELSE '${furtherAddresses}' END,
    ?, ?, ?, ?
  FROM tokens WHERE tokens.id = ?
  ON CONFLICT (token_id, hour, ip) DO UPDATE SET
    client = CASE WHEN token_addresses.last_used_at > excluded.last_used_at
      THEN token_addresses.client ELSE excluded.client END,
    count = token_addresses.count + excluded.count,
    last_used_at = CASE WHEN token_addresses.last_used_at > excluded.last_used_at
      THEN token_addresses.last_used_at ELSE excluded.last_used_at END,
    old_last_used_at = CASE WHEN token_addresses.old_last_used_at > coalesce(excluded.old_last_used_at, 0)
      THEN token_addresses.old_last_used_at ELSE excluded.old_last_used_at END`

/** Adds what was observed. No entry in the log, and nothing that is sealed. */
export function* addUses(uses: readonly ObservedUse[]): Steps<void> {
  for (const { tokenId, firstAt, lastAt, lastIp, lastClient, count } of sumsOf(uses)) {
    const values = [firstAt, firstAt, lastAt, lastIp, lastAt, lastClient, lastAt, lastAt, count]
    requireAtMostOne(yield* run(addUse, ...values, tokenId))
  }
  for (const { tokenId, secret, firstAt, lastAt, lastIp, lastClient, count, isOfSeveral } of uses) {
    const isOld = secret === 'old'
    if (isOld) requireAtMostOne(yield* run(noteOldUse, lastAt, lastIp, tokenId, lastAt))
    const hour = hourOf(firstAt)
    const ip = isOfSeveral === true ? furtherAddresses : (lastIp ?? unknownAddress)
    const seen = [lastClient, count, lastAt, isOld ? lastAt : null]
    yield* order(addAddress, hour, hour, ip, hour, ip, ...seen, tokenId)
  }
}

interface Sum {
  readonly tokenId: TokenId
  firstAt: EpochMs
  lastAt: EpochMs
  lastIp: string | null
  lastClient: string | null
  count: number
}

/** Each token once, however many of the uses are of it. */
function sumsOf(uses: readonly ObservedUse[]): Iterable<Sum> {
  const sums = new Map<TokenId, Sum>()
  for (const { tokenId, firstAt, lastAt, lastIp, lastClient, count } of uses) {
    const sum = sums.get(tokenId)
    if (sum === undefined) {
      sums.set(tokenId, { tokenId, firstAt, lastAt, lastIp, lastClient, count })
      continue
    }
    sum.firstAt = Math.min(sum.firstAt, firstAt)
    sum.count += count
    if (lastAt >= sum.lastAt) Object.assign(sum, { lastAt, lastIp, lastClient })
  }
  return sums.values()
}

/** Rows that one request removes, so that no commit waits long behind it. */
const removedAtOnceMax = 500

/** Answers how many were removed; 0 when there is nothing left to remove. */
export function* removeAddresses(before: EpochMs): Steps<number> {
  return yield* run(
    `DELETE FROM token_addresses WHERE (token_id, hour, ip) IN
      (SELECT token_id, hour, ip FROM token_addresses WHERE hour < ? LIMIT ${removedAtOnceMax})`,
    before,
  )
}
