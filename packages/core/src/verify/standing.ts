import { parseBlocks } from '../domain/address.ts'
import { scopesInForce } from '../domain/catalogue.ts'
import type { Standing } from './decide.ts'
import { endOf, type Policy } from '../domain/policy.ts'
import type { StoredStanding } from '../ports.ts'
import type { RateBucket } from '../domain/rate.ts'
import type { SecretAge } from '../domain/rotation.ts'
import { rulesOf } from '../domain/settings.ts'

/** What is known of a token once it is known which of its secrets was presented: everything that `decide` reads, worked out. */
export function standingFrom(stored: StoredStanding, secret: SecretAge): Standing {
  const { token, owner, memberOf } = stored
  const { policy, catalogue } = rulesOf(stored.settings, stored.projectPolicy)
  return {
    token,
    owner,
    memberOf,
    secret,
    allowedBlocks: parseBlocks(token.allowedIps),
    buckets: bucketsOf(stored, policy),
    endsAt: endOf(token, policy),
    scopes: scopesInForce(catalogue, token),
    catalogue,
    ancestorIds: stored.ancestors.map(({ id }) => id),
  }
}

/** What a token made shares its limits, so that making more of them admits no more; and all of an owner share the owner's. */
function bucketsOf({ token, ancestors }: StoredStanding, { ownerRateLimit }: Policy): RateBucket[] {
  const line = [token, ...ancestors].flatMap(({ id, rateLimit }) => {
    return rateLimit === null ? [] : [{ key: id, rate: rateLimit }]
  })
  const ownerId = token.projectId ?? token.accountId
  const owners = ownerRateLimit === null || ownerId === null ? [] : [{ key: ownerId, rate: ownerRateLimit }]
  return [...line, ...owners]
}
