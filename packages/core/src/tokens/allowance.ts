import { readRules } from '../access/rules.ts'
import { authorise } from '../access/authorise.ts'
import type { Caller } from '../domain/caller.ts'
import { Failure } from '../domain/failure.ts'
import type { AccountId, ProjectId } from '../domain/id.ts'
import type { Policy } from '../domain/policy.ts'
import type { Ports, TokenFilters } from '../ports.ts'
import { findTokenOwner, type TokenOwner } from '../owners/token-owner.ts'

/** What policy leaves of what an owner may have, so that whoever makes a token knows before. */
export interface Allowance {
  /** Why no token can be made for this owner by this caller; `null` when one can. */
  readonly refusal: string | null
  readonly permanent: Share
  readonly live: Share
  readonly policy: Pick<Policy, 'temporaryLifetimeSeconds' | 'longestLifetimeSeconds'>
}

export interface Share {
  readonly inUse: number
  readonly max: number
}

/**
 * What the caller may still make for an account, by default the own one, or for a project. It holds for this moment:
 * what is made meanwhile counts, and the store alone refuses.
 * @throws `not-found` for what the caller may not see.
 */
export async function readAllowance(
  ports: Ports,
  caller: Caller,
  ask: { readonly accountId?: AccountId; readonly projectId?: ProjectId },
): Promise<Allowance> {
  const reach = authorise(caller, 'tokens.read')
  const refusal = await refusalOf(() => findTokenOwner(ports, caller, reach, ask))
  const { policy } = await readRules(ports, ask.projectId ?? null)
  const ownerId = typeof refusal === 'string' ? ask : filtersOf(refusal.owner)
  const now = ports.clock.now()
  const counted: TokenFilters = { ...ownerId, statuses: ['active', 'suspended'], now }
  const [permanent, live] = await Promise.all([
    ports.tokens.count({ ...counted, permanent: true }, policy.permanentTokensMax),
    ports.tokens.count(counted, policy.tokensPerOwnerMax),
  ])
  return {
    refusal: typeof refusal === 'string' ? refusal : null,
    permanent: { inUse: permanent, max: policy.permanentTokensMax },
    live: { inUse: live, max: policy.tokensPerOwnerMax },
    policy,
  }
}

/** The answer, or why it is refused. Whoever may not even see the owner is not told why. */
async function refusalOf<T>(find: () => Promise<T>): Promise<T | string> {
  try {
    return await find()
  } catch (error) {
    if (error instanceof Failure && (error.key === 'not-permitted' || error.key === 'project-archived')) {
      return error.message
    }
    throw error
  }
}

function filtersOf(owner: TokenOwner): Pick<TokenFilters, 'accountId' | 'projectId' | 'kind'> {
  if (owner.kind === 'account') return { accountId: owner.account.id }
  return owner.kind === 'project' ? { projectId: owner.project.id } : { kind: 'manager' }
}
