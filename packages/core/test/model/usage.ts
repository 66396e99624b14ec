import {
  dayMs,
  hourMs,
  type TokenId,
  type TokenTotal,
  type UsageCode,
  type UsageCount,
  type UsageExtent,
  type UsageScope,
} from '@chatelaine/core'

/** The sums of a scope by code, hour by hour or day by day. */
export function sumUsage(counts: readonly UsageCount[], scope: UsageScope, extent: UsageExtent): UsageCode[] {
  const sums = new Map<string, UsageCode>()
  const ms = extent.by === 'hour' ? hourMs : dayMs
  for (const { hourAt, code, count } of countsWithin(counts, scope, extent)) {
    const at = Math.floor(hourAt / ms) * ms
    const name = `${at} ${code}`
    sums.set(name, { at, code, count: (sums.get(name)?.count ?? 0) + count })
  }
  return [...sums.values()].toSorted((a, b) => a.at - b.at || (a.code < b.code ? -1 : 1))
}

export function mostVerified(counts: readonly UsageCount[], scope: UsageScope, extent: UsageExtent): TokenTotal[] {
  const totals = new Map<TokenId, TokenTotal>()
  for (const { tokenId, code, count } of countsWithin(counts, scope, extent)) {
    if (tokenId === null) continue
    const { total, valid } = totals.get(tokenId) ?? { total: 0, valid: 0 }
    totals.set(tokenId, { tokenId, total: total + count, valid: valid + (code === 'valid' ? count : 0) })
  }
  return [...totals.values()].toSorted((a, b) => b.total - a.total || (a.tokenId < b.tokenId ? -1 : 1))
}

function countsWithin(counts: readonly UsageCount[], scope: UsageScope, { from, until }: UsageExtent): UsageCount[] {
  return counts.filter(({ hourAt, tokenId, ownerId }) => {
    const isInScope = scope === 'all' || ('ownerId' in scope ? ownerId === scope.ownerId : tokenId === scope.tokenId)
    return isInScope && hourAt >= from && hourAt < until
  })
}
