import { authorise, isWithin, type Reach } from './authorise.ts'
import type { Caller } from './caller.ts'
import type { Token } from './token.ts'
import type { Verdict } from './verifier.ts'

/**
 * The verdict as this caller may hear it: whoever does not reach the whole deployment is told of its own tokens alone,
 * and all others are `unknown`.
 * @throws `scope-missing`, `credential-required`.
 */
export function narrowVerdict<Prepared>(caller: Caller, verdict: Verdict<Prepared>): Verdict<Prepared> {
  const reach = authorise(caller, 'tokens.verify')
  if (verdict.known === undefined || isOwn(reach, verdict.known.token)) return verdict
  return { decision: { code: 'unknown' }, known: undefined, position: verdict.position }
}

function isOwn(reach: Reach, token: Token): boolean {
  if (isWithin(reach, token.accountId)) return true
  return !reach.whole && reach.projectId !== null && reach.projectId === token.projectId
}
