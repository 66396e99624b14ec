import { parseToken } from '@chatelaine/token'
import { authorise, isWithin } from './authorise.ts'
import { actorOf, type Caller } from './caller.ts'
import type { Change } from './change.ts'
import { callerGuards, commit, settle, type Conflict } from './commit.ts'
import { Failure, notFound } from './failure.ts'
import type { TokenId } from './id.ts'
import type { Ports, TokenFilters } from './ports.ts'
import type { EpochMs } from './time.ts'
import { revoked, type Token } from './token.ts'

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
    const reach = authorise(current, 'tokens.write')
    const token = await ports.tokens.find(id)
    if (token === undefined || !isWithin(reach, token.accountId)) throw notFound('token')
    return end(ports, current, token, how)
  })
}

/** A token ends itself; it needs no scope for that. */
export async function revokeSelf(ports: Ports, caller: Caller, how: Revocation = {}): Promise<boolean> {
  return settle(ports, caller, async (current) => {
    if (current.type !== 'token') {
      throw new Failure('not-permitted', 'This ends the token that asks. Send the request with a token.')
    }
    return end(ports, current, current.token, how)
  })
}

/**
 * Anybody who holds a whole token may end it. Strings that are no token of this deployment are passed over, and the
 * answer does not say which were.
 */
export async function revokeLeaked(ports: Ports, caller: Caller, presented: readonly string[]): Promise<void> {
  for (const text of new Set(presented)) {
    const id = parseToken(text)?.id as TokenId | undefined
    if (id === undefined) continue
    await settle(ports, caller, async (current) => {
      const token = await ports.tokens.find(id)
      const isGenuine = token !== undefined && ports.keys.digestMatches(text, token.digest)
      return isGenuine ? end(ports, current, token, { reason: 'leaked' }) : false
    })
  }
}

export interface ManyRevoked {
  readonly revoked: number
  /** How many more the filters still find; repeat the request until it is 0. */
  readonly remaining: number
}

/** One request for many revocations ends at most so many; the rest is told as `remaining`. */
export const revokeManyMax = 500

const remainingCountMax = 1_000_000

/**
 * Revokes the tokens that the filters find, the newest first, each batch in one transaction. The caller's own token
 * only with `includeSelf`.
 */
export async function revokeMany(
  ports: Ports,
  caller: Caller,
  filters: Omit<TokenFilters, 'now' | 'statuses'>,
  how: Revocation & { readonly dryRun?: boolean; readonly includeSelf?: boolean },
): Promise<ManyRevoked> {
  return settle(ports, caller, async (current) => {
    const reach = authorise(current, 'tokens.write')
    if (!reach.whole && filters.accountId !== undefined && filters.accountId !== reach.accountId) {
      throw notFound('account')
    }
    const now = ports.clock.now()
    const chosen: TokenFilters = {
      ...filters,
      ...(reach.whole ? {} : { accountId: reach.accountId }),
      ...(current.type === 'token' && !how.includeSelf ? { exceptId: current.token.id } : {}),
      statuses: ['active', 'suspended'],
      now,
    }
    if (how.dryRun) return { revoked: 0, remaining: await ports.tokens.count(chosen, remainingCountMax) }
    // The newest first: what a token made is younger than the token, so no change meets one that its parent ended.
    const found = await ports.tokens.list({ ...chosen, sort: 'created_at', descending: true, limit: revokeManyMax })
    if (found.items.length > 0) {
      const changes = found.items.map((token) => revocation(current, token, how, now))
      const outcome = await commit(ports, changes)
      if (outcome.outcome === 'conflict') return outcome
    }
    return { revoked: found.items.length, remaining: await ports.tokens.count(chosen, remainingCountMax) }
  })
}

async function end(ports: Ports, caller: Caller, token: Token, how: Revocation): Promise<boolean | Conflict> {
  if (token.revokedAt !== null) {
    await ports.freshness.reach(token.changedSeq)
    return false
  }
  const outcome = await commit(ports, [revocation(caller, token, how, ports.clock.now())])
  return outcome.outcome === 'conflict' ? outcome : true
}

function revocation(caller: Caller, token: Token, how: Revocation, at: EpochMs): Change {
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
    guards: callerGuards(caller),
  }
}
