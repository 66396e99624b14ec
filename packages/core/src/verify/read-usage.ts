import { authorise, type Reach } from '../access/authorise.ts'
import type { Caller } from '../domain/caller.ts'
import type { VerificationCode } from './decide.ts'
import { fieldFailure } from '../domain/failure.ts'
import type { AccountId, ProjectId, TokenId } from '../domain/id.ts'
import type { Ports, UsageCode, UsageExtent, UsageScope, UsageUnit, UsedFrom } from '../ports.ts'
import { filtersToSee, findToSee } from '../access/token-access.ts'
import { rotationState } from '../domain/rotation.ts'
import { dayMs, hourMs, type EpochMs } from '../domain/time.ts'
import type { Token } from '../domain/token.ts'
import { addressesKeptMs } from './uses.ts'

/** How many hours or days one answer spans. */
export const usagePointsMax = 2_400
const topTokensMax = 10
const addressesMax = 100

/** How long the hours or days of a series are, and how many of them there are unless said otherwise. */
const units = {
  hour: { ms: hourMs, usualCount: 24 },
  day: { ms: dayMs, usualCount: 30 },
} as const satisfies Record<UsageUnit, { ms: number; usualCount: number }>

export interface UsageAsk {
  readonly by: UsageUnit
  /** The first hour or day is the one that this lies in. */
  readonly from?: EpochMs
  /** The last one is the one that ends here or goes on beyond it. */
  readonly until?: EpochMs
}

export interface UsageFilters {
  readonly accountId?: AccountId
  readonly projectId?: ProjectId
  readonly tokenId?: TokenId
}

/** How verifications ended, hour by hour or day by day. */
export interface Usage extends UsageExtent {
  readonly total: number
  /** Those that there were. */
  readonly codes: CodeCounts
  /** Every hour or day, also those without any, with the same codes in each. */
  readonly points: readonly UsagePoint[]
}

export type CodeCounts = Readonly<Partial<Record<VerificationCode, number>>>

export interface UsagePoint {
  readonly at: EpochMs
  readonly total: number
  readonly codes: CodeCounts
}

export interface OwnersUsage extends Usage {
  /** Those that were verified most, the most first. */
  readonly topTokens: readonly TopToken[]
  /** From which hour on the tokens were looked at: later than `from` where there were too many to look at them all. */
  readonly topTokensFrom: EpochMs
}

export interface TopToken {
  readonly tokenId: TokenId
  /** The token as it is now; `null` once only the audit log knows it. */
  readonly token: Token | null
  readonly total: number
  readonly valid: number
}

/** The usage of one token, with the addresses from which it was accepted most. */
export interface TokenUsage extends Usage {
  readonly usedFrom: UsedFrom
  /** From which hour on addresses are known: later than `from` where that is longer ago than they are kept. */
  readonly usedFromSince: EpochMs
}

/**
 * The usage within the caller's reach: the deployment's with everything that was presented in vain, or that of one
 * account, project or token.
 * @throws `scope-missing`, `not-found` for another's, `invalid-request` for a time or filters that make no sense.
 */
export async function readUsage(
  ports: Ports,
  caller: Caller,
  { accountId, projectId, tokenId, ...ask }: UsageAsk & UsageFilters,
): Promise<OwnersUsage> {
  const reach = authorise(caller, 'usage.read')
  const extent = extentOf(ask, ports.clock.now())
  if ([accountId, projectId, tokenId].filter((id) => id !== undefined).length > 1) {
    throw fieldFailure('/token_id', 'goes without account_id and project_id, and they without each other; keep one')
  }
  const scope = tokenId === undefined ? await scopeWithin(ports, reach, { accountId, projectId }) : { tokenId }
  if (tokenId !== undefined) await findToSee(ports, reach, tokenId)
  const usage = await readScope(ports, scope, extent)
  const top = await ports.usage.topTokens(scope, extent, topTokensMax)
  const topTokens = await Promise.all(
    top.tokens.map(async (counted) => ({ ...counted, token: (await ports.tokens.find(counted.tokenId)) ?? null })),
  )
  return { ...usage, topTokens, topTokensFrom: top.from }
}

/** @throws `scope-missing`, `not-found` for another's, `invalid-request` for a time that makes no sense. */
export async function readTokenUsage(ports: Ports, caller: Caller, id: TokenId, ask: UsageAsk): Promise<TokenUsage> {
  const token = await findToSee(ports, authorise(caller, 'tokens.read'), id)
  const now = ports.clock.now()
  const extent = extentOf(ask, now)
  const usage = await readScope(ports, { tokenId: token.id }, extent)
  // Also where they have not been tidied away yet, nobody is told of older ones.
  const from = Math.max(extent.from, Math.ceil((now - addressesKeptMs) / hourMs) * hourMs)
  const usedFrom = await ports.tokens.usedFrom(token.id, { from, until: extent.until }, addressesMax)
  return { ...usage, usedFrom: ofThisRotation(usedFrom, token, now), usedFromSince: from }
}

/** Of old secrets only the one that still lives matters: a use of one before it is as good as none. */
function ofThisRotation(usedFrom: UsedFrom, { rotation }: Token, now: EpochMs): UsedFrom {
  const startedAt = rotation === null || rotationState(rotation, now) === 'over' ? Infinity : rotation.startedAt
  const addresses = usedFrom.addresses.map((used) => {
    const isOfThis = used.oldLastAt !== null && used.oldLastAt >= startedAt
    return isOfThis ? used : { ...used, oldLastAt: null }
  })
  return { ...usedFrom, addresses }
}

async function scopeWithin(
  ports: Ports,
  reach: Reach,
  owners: { accountId: AccountId | undefined; projectId: ProjectId | undefined },
): Promise<UsageScope> {
  const { accountId, projectId } = await filtersToSee(ports, reach, {
    ...(owners.accountId === undefined ? {} : { accountId: owners.accountId }),
    ...(owners.projectId === undefined ? {} : { projectId: owners.projectId }),
  })
  const ownerId = projectId ?? accountId
  return ownerId === undefined ? 'all' : { ownerId }
}

async function readScope(ports: Ports, scope: UsageScope, extent: UsageExtent): Promise<Usage> {
  return drawUp(extent, await ports.usage.sum(scope, extent))
}

/** @throws `invalid-request`. */
function extentOf({ by, from, until }: UsageAsk, now: EpochMs): UsageExtent {
  const { ms, usualCount } = units[by]
  const end = Math.ceil((until ?? now + 1) / ms) * ms
  const start = from === undefined ? end - usualCount * ms : Math.floor(from / ms) * ms
  if (until !== undefined && from !== undefined && from >= until)
    throw fieldFailure('/until', 'must be later than from')
  if (start >= end) throw fieldFailure('/from', 'must be earlier than until, which is now unless said otherwise')
  if ((end - start) / ms > usagePointsMax) {
    throw fieldFailure('/from', `lies more than ${usagePointsMax} ${by}s before until; ask for less, or by day`)
  }
  return { by, from: start, until: end }
}

function drawUp(extent: UsageExtent, sums: readonly UsageCode[]): Usage {
  const codes: Partial<Record<VerificationCode, number>> = {}
  const countsAt = new Map<EpochMs, Partial<Record<VerificationCode, number>>>()
  for (const { at, code, count } of sums) {
    codes[code] = (codes[code] ?? 0) + count
    const counts = countsAt.get(at)
    if (counts === undefined) countsAt.set(at, { [code]: count })
    else counts[code] = count
  }
  const { ms } = units[extent.by]
  const none = Object.fromEntries(Object.keys(codes).map((code) => [code, 0]))
  const points = Array.from({ length: (extent.until - extent.from) / ms }, (_, index) => {
    const at = extent.from + index * ms
    const counts = { ...none, ...countsAt.get(at) }
    return { at, total: totalOf(counts), codes: counts }
  })
  return { ...extent, total: totalOf(codes), codes, points }
}

function totalOf(counts: CodeCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
