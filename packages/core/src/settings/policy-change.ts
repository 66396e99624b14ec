import { authorise, requireWhole } from '../access/authorise.ts'
import type { Caller } from '../domain/caller.ts'
import { Failure } from '../domain/failure.ts'
import { canonicalJson, type Json, type JsonObject } from '../domain/json.ts'
import { contradictionsIn, policyNames, policyParts, type Policy } from '../domain/policy.ts'

/** @throws `scope-missing`, `not-permitted` for whoever has no right over the whole deployment. */
export function requirePolicyRight(caller: Caller): void {
  requireWhole(authorise(caller, 'settings.write'), 'change the policy')
}

/** @throws `invalid-request` naming both parts of each contradiction. */
export function requireCoherentPolicy(policy: Policy): void {
  const fields = contradictionsIn(policy)
  if (fields.length === 0) return
  const told = fields.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`).join('; ')
  throw new Failure('invalid-request', `The policy contradicts itself: ${told}.`, { fields })
}

/** What the log says of a change of policy: each part that differs, as it was and as it is. */
export function policyDifference(before: Policy, after: Policy): JsonObject {
  const parts = policyParts.filter((part) => canonicalJson(before[part]) !== canonicalJson(after[part]))
  return Object.fromEntries(
    parts.map((part): [string, Json] => [policyNames[part], { from: before[part], to: after[part] }]),
  )
}
