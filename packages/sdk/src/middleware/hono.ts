import type { Context, MiddlewareHandler } from 'hono'
import type { VerifiedToken } from '../contract.ts'
import type { Verifier } from '../verifier/verification.ts'
import { type TokenRequirements } from './admit.ts'
import { admitRequest } from './fetch-request.ts'

export type { TokenRequirements } from './admit.ts'

/** What the middleware puts into the context of Hono. */
export interface TokenVariables {
  readonly Variables: { readonly chatelaine: VerifiedToken }
}

export interface HonoRequirements extends TokenRequirements {
  /** The client's address, which each runtime knows in its own way; tokens that are bound to addresses need it. */
  readonly clientIp?: ((context: Context) => string | undefined) | undefined
}

/**
 * Lets requests on whose token is good for this, and answers the others. The token is `context.get('chatelaine')`.
 *
 * @example
 * app.get('/data', requireToken(verifier, { scopes: ['data:read'] }), (context) => {
 *   return context.json({ hello: context.get('chatelaine').account_id })
 * })
 */
export function requireToken(
  verifier: Verifier,
  { clientIp, ...requirements }: HonoRequirements = {},
): MiddlewareHandler<TokenVariables> {
  return async (context, next) => {
    const admission = await admitRequest(verifier, requirements, context.req.raw, clientIp?.(context))
    if (admission instanceof Response) return admission
    context.set('chatelaine', admission)
    await next()
    return undefined
  }
}
