import { isWithin, type Reach } from '../access/authorise.ts'
import type { Token } from '../domain/token.ts'
import type { Verdict } from './verifier.ts'

/**
 * The verdict as a right to verify may hear it: whoever does not reach the whole deployment is told of its own tokens alone,
 * and all others are `unknown`.
 */
export function narrowVerdict<Prepared>(reach: Reach, verdict: Verdict<Prepared>): Verdict<Prepared> {
  if (verdict.known === undefined || isOwn(reach, verdict.known.token)) return verdict
  return { decision: { code: 'unknown' }, known: undefined, position: verdict.position }
}

function isOwn(reach: Reach, token: Token): boolean {
  if (isWithin(reach, token.accountId)) return true
  return !reach.whole && reach.projectId !== null && reach.projectId === token.projectId
}
