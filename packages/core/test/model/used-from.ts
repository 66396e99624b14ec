import {
  addressesPerHourMax,
  hourOf,
  type AddressUse,
  type EpochMs,
  type Hours,
  type ObservedUse,
  type TokenId,
  type UsedFrom,
} from '@chatelaine/core'

/** Uses of one token within one hour from one address; `ip` is 'several' for those that are not told apart. */
interface HourOfUses extends Omit<AddressUse, 'ip'> {
  readonly tokenId: TokenId
  readonly hourAt: EpochMs
  readonly ip: string | null
}

/** Which of the addresses each use is counted for, told in the order in which uses came. */
export function byAddress(uses: readonly ObservedUse[]): HourOfUses[] {
  const apart = new Map<string, Set<string | null>>()
  return uses.map((use) => {
    const hourAt = hourOf(use.firstAt)
    const name = `${use.tokenId} ${hourAt}`
    const told = apart.get(name) ?? new Set()
    apart.set(name, told)
    const hasRoom = told.has(use.lastIp) || told.size < addressesPerHourMax
    const ip = use.isOfSeveral !== true && hasRoom ? use.lastIp : 'several'
    if (ip !== 'several') told.add(ip)
    const oldLastAt = use.secret === 'old' ? use.lastAt : null
    return { tokenId: use.tokenId, hourAt, ip, client: use.lastClient, count: use.count, lastAt: use.lastAt, oldLastAt }
  })
}

export function sumByAddress(
  uses: readonly HourOfUses[],
  id: TokenId,
  { from, until }: Hours,
  limit: number,
): UsedFrom {
  const within = uses.filter(({ tokenId, hourAt }) => tokenId === id && hourAt >= from && hourAt < until)
  const apart = Map.groupBy(
    within.filter(({ ip }) => ip !== 'several'),
    ({ ip }) => ip,
  )
  const sums = [...apart].map(([ip, ofIp]): AddressUse => {
    const lastAt = Math.max(...ofIp.map((use) => use.lastAt))
    const oldLastAt = Math.max(...ofIp.map((use) => use.oldLastAt ?? 0))
    return {
      ip,
      client: ofIp.findLast((use) => use.lastAt === lastAt)!.client,
      count: countOf(ofIp),
      lastAt,
      oldLastAt: oldLastAt === 0 ? null : oldLastAt,
    }
  })
  const addresses = sums.toSorted((a, b) => b.count - a.count || ((a.ip ?? '') < (b.ip ?? '') ? -1 : 1)).slice(0, limit)
  return {
    addresses,
    addressCount: sums.filter(({ ip }) => ip !== null).length,
    areMore: within.some(({ ip }) => ip === 'several'),
    elsewhere: countOf(within) - countOf(addresses),
  }
}

function countOf(uses: readonly { readonly count: number }[]): number {
  return uses.reduce((sum, { count }) => sum + count, 0)
}
