import { authorise, isWithin } from './authorise.ts'
import type { Caller } from './caller.ts'
import type { Verdict } from './verifier.ts'

/**
 * The verdict as this caller may hear it: whoever does not reach the whole deployment is told of its own tokens alone,
 * and all others are `unknown`.
 * @throws `scope-missing`, `credential-required`.
 */
export function narrowVerdict<Prepared>(caller: Caller, verdict: Verdict<Prepared>): Verdict<Prepared> {
  const reach = authorise(caller, 'tokens.verify')
  if (verdict.known === undefined || isWithin(reach, verdict.known.token.accountId)) return verdict
  return { decision: { code: 'unknown' }, known: undefined, position: verdict.position }
}
