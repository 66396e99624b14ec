import { parseToken } from '@chatelaine/token'
import { callerGuards } from '../log/guards.ts'
import { authorise } from '../access/authorise.ts'
import { actorOf, type Caller, type Peer } from '../domain/caller.ts'
import type { Change, Guard } from '../log/change.ts'
import { commit, settle, type Conflict } from '../log/commit.ts'
import { Failure } from '../domain/failure.ts'
import type { TokenId } from '../domain/id.ts'
import { rotationState, secretAge } from '../domain/rotation.ts'
import type { Ports, TokenFilters } from '../ports.ts'
import { filtersToManage, findToManage } from '../access/token-access.ts'
import type { EpochMs } from '../domain/time.ts'
import { revoked, type Token, type TokenStatus } from '../domain/token.ts'

/** What becomes of the tokens that a revoked token made. */
export type Descendants = 'revoke' | 'keep'

export interface Revocation {
  /** For the log and the token's page. */
  readonly reason?: string
  readonly descendants?: Descendants
}

/**
 * Revokes a token for good, and what it made with it. Answers only when nothing accepts it any more, also when it was
 * revoked before. Of many simultaneous revocations exactly one reports `true`.
 * @throws `scope-missing`, `not-found`.
 */
export async function revokeToken(ports: Ports, caller: Caller, id: TokenId, how: Revocation = {}): Promise<boolean> {
  return settle(ports, caller, async (current) => {
    const { token, guards } = await findToManage(ports, authorise(current, 'tokens.write'), id)
    return end(ports, token, revocation(current, token, how, ports.clock.now(), guards))
  })
}

/** A token ends itself; it needs no scope for that. */
export async function revokeSelf(ports: Ports, caller: Caller, how: Revocation = {}): Promise<boolean> {
  return settle(ports, caller, async (current) => {
    if (current.type !== 'token') {
      throw new Failure('not-permitted', 'This ends the token that asks. Send the request with a token.')
    }
    return end(ports, current.token, revocation(current, current.token, how, ports.clock.now()))
  })
}

/**
 * Anybody who holds a whole token may end it. Strings that are no token of this deployment are passed over, and the
 * answer does not say which were.
 */
export async function revokeLeaked(ports: Ports, caller: Caller, presented: readonly string[]): Promise<void> {
  const texts = [...new Set(presented)]
  for (let start = 0; start < texts.length; start += revokedAtOnceMax) {
    const some = texts.slice(start, start + revokedAtOnceMax)
    await Promise.all(some.map((text) => revokePresented(ports, caller, text, { reason: 'leaked' })))
  }
}

/** So many revocations of one report are under way at once: the store writes together what comes together. */
const revokedAtOnceMax = 100

/**
 * Whoever holds a whole token may end it; it does not matter who asks. Of many simultaneous revocations exactly one
 * reports `true`; for what is no token of this deployment it reports `false`.
 */
export async function revokePresented(
  ports: Ports,
  caller: Caller,
  presented: string,
  how: Revocation = {},
): Promise<boolean> {
  const id = parseToken(presented)?.id as TokenId | undefined
  if (id === undefined) return false
  // Holding the token is the whole right, so it does not matter what becomes of the caller meanwhile.
  return settle(ports, { type: 'anonymous', peer: caller.peer }, async () => {
    const token = await ports.tokens.find(id)
    if (token === undefined) return false
    if (!isHeld(ports, token, presented)) {
      // It may have been held until a moment ago, and whoever hears that there is nothing to end may rely on it.
      await ports.freshness.reach(token.changedSeq)
      return false
    }
    return end(ports, token, { ...revocation(caller, token, how, ports.clock.now()), guards: [] })
  })
}

/** Ends a token for which somebody came a second time with what gave it: that is the whole right. */
export async function revokeRepeated(ports: Ports, peer: Peer, id: TokenId): Promise<void> {
  const caller: Caller = { type: 'anonymous', peer }
  await settle(ports, caller, async () => {
    const token = await ports.tokens.find(id)
    return (
      token !== undefined &&
      end(ports, token, revocation(caller, token, { reason: 'asked for twice' }, ports.clock.now()))
    )
  })
}

/**
 * Whether this string is a secret of the token that is still good for something: holding it is worth as much as its id. One whose grace is over is not: it is
 * remembered only to notice who uses it, and whoever finds it must not end what took its place.
 */
export function isHeld({ keys, clock }: Ports, token: Token, presented: string): boolean {
  const age = secretAge(keys, token, presented)
  if (age !== 'old') return age === 'newest'
  return token.rotation !== null && rotationState(token.rotation, clock.now()) !== 'over'
}

export interface ManyRevoked {
  readonly revoked: number
  /** How many more the filters still find; repeat the request until it is 0. */
  readonly remaining: number
}

/**
 * One request for many revocations ends at most so many; the rest is told as `remaining`. What those made ends with them
 * besides, however much that is, since a revocation leaves no descendant alive.
 */
export const revokeManyMax = 500

const remainingCountMax = 1_000_000

/**
 * Revokes the tokens that the filters find, the newest first, each batch in one transaction. The caller's own token
 * only with `includeSelf`.
 * @throws `scope-missing`, `not-found` for another's account, `not-permitted` when without `includeSelf` one of them
 *   would take the caller's own along, since it made it.
 */
export async function revokeMany(
  ports: Ports,
  caller: Caller,
  filters: Omit<TokenFilters, 'now' | 'statuses'>,
  how: Revocation & { readonly dryRun?: boolean; readonly includeSelf?: boolean },
): Promise<ManyRevoked> {
  return settle(ports, caller, async (current) => {
    const reach = authorise(current, 'tokens.write')
    const now = ports.clock.now()
    const manageable = await filtersToManage(ports, reach, filters)
    const chosen: TokenFilters = {
      ...manageable.filters,
      ...(current.type === 'token' && !how.includeSelf ? { exceptId: current.token.id } : {}),
      statuses: liveStatuses,
      now,
    }
    const found = await listNewest(ports, chosen)
    if (!how.includeSelf && how.descendants !== 'keep') await requireNotMadeBy(ports, current, found)
    if (how.dryRun) return { revoked: 0, remaining: await countLeft(ports, chosen) }
    if (found.length > 0) {
      const outcome = await commit(
        ports,
        (await madeFirst(ports, found)).map((token) => revocation(current, token, how, now, manageable.guards)),
      )
      if (outcome.outcome === 'conflict') return outcome
    }
    return { revoked: found.length, remaining: await countLeft(ports, chosen) }
  })
}

/** Whoever is told that none is left may rely on it, though others have ended them: what the count saw holds everywhere. */
async function countLeft(ports: Ports, filters: TokenFilters): Promise<number> {
  const remaining = await ports.tokens.count(filters, remainingCountMax)
  const newest = await ports.log.read({ limit: 1 })
  await ports.freshness.reach(newest.items[0]?.seq ?? 0)
  return remaining
}

const liveStatuses: readonly TokenStatus[] = ['active', 'suspended']

async function listNewest(ports: Ports, filters: TokenFilters): Promise<readonly Token[]> {
  const page = await ports.tokens.list({ ...filters, sort: 'created_at', descending: true, limit: revokeManyMax })
  return page.items
}

/** Counts as more generations than there are, so that what hangs on a token that cannot be read comes first. */
const unreadableGeneration = 2 ** 40

/**
 * In the order in which they can be revoked together: what a token made ends with it and would then have changed, so it
 * comes before it. Age does not tell, since a token may have adopted an older one; only the generation does. Ancestors
 * that are not among these tokens are counted too, since what ends goes through them.
 */
async function madeFirst(ports: Ports, tokens: readonly Token[]): Promise<Token[]> {
  const given = new Map(tokens.map((token) => [token.id, token]))
  const generations = new Map<TokenId, number>()
  for (const token of tokens) {
    // From the token upwards to what is known already; a set, so that even parents altered into a ring come to an end.
    const line = new Set<TokenId>()
    let id: TokenId | null = token.id
    let generation = 0
    while (id !== null && !line.has(id)) {
      const known = generations.get(id)
      const one: Token | undefined = known === undefined ? (given.get(id) ?? (await ports.tokens.find(id))) : undefined
      if (one === undefined) {
        generation = known ?? unreadableGeneration
        break
      }
      line.add(id)
      id = one.parentTokenId
    }
    for (const above of [...line].toReversed()) generations.set(above, (generation += 1))
  }
  const generationOf = ({ id }: Token): number => generations.get(id) ?? 0
  return tokens.toSorted((a, b) => generationOf(b) - generationOf(a) || b.serial - a.serial)
}

/** So far back it is looked whether one token made another. */
const generationsMax = 1_000

/** @throws `not-permitted` when one of the tokens made the caller's own, directly or not, which would end with it. */
async function requireNotMadeBy(ports: Ports, caller: Caller, tokens: readonly Token[]): Promise<void> {
  const ids = new Set(tokens.map((token) => token.id))
  let made = caller.type === 'token' ? caller.token : undefined
  for (let generation = 1; made !== undefined && generation <= generationsMax; generation += 1) {
    const { parentTokenId } = made
    if (parentTokenId === null) return
    if (ids.has(parentTokenId)) {
      throw new Failure(
        'not-permitted',
        'One of these tokens made the one that asks, which would end with it. Include that one too, or choose fewer.',
      )
    }
    made = await ports.tokens.find(parentTokenId)
  }
}

/** Ends one token. What it made may live on from an earlier revocation that kept it, and ends now if this one says so. */
async function end(ports: Ports, token: Token, change: Change): Promise<boolean | Conflict> {
  const isFirst = token.revokedAt === null
  if (!isFirst && !(await endsMore(ports, token, change))) {
    await ports.freshness.reach(token.changedSeq)
    return false
  }
  const outcome = await commit(ports, [change])
  return outcome.outcome === 'conflict' ? outcome : isFirst
}

async function endsMore(ports: Ports, token: Token, { write, at }: Change): Promise<boolean> {
  return 'descendants' in write && ports.tokens.hasLiveDescendants(token.id, at)
}

function revocation(caller: Caller, token: Token, how: Revocation, at: EpochMs, guards: readonly Guard[] = []): Change {
  const reason = how.reason ?? 'revoked'
  return {
    at,
    actor: actorOf(caller),
    action: 'token.revoked',
    effect: 'takes',
    subject: { type: 'token', id: token.id },
    details: { reason, label: token.label, descendants: how.descendants ?? 'revoke' },
    write: {
      put: 'token',
      token: revoked(token, at, reason),
      ...(how.descendants === 'keep' ? {} : { descendants: 'revoke' }),
    },
    guards: [...callerGuards(caller), ...guards],
  }
}
