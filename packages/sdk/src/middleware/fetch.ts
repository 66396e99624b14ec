import type { VerifiedToken } from '../contract.ts'
import type { Verifier } from '../verifier/verification.ts'
import type { TokenRequirements } from './admit.ts'
import { admitRequest } from './fetch-request.ts'

export type { TokenRequirements } from './admit.ts'

export interface FetchRequirements<Rest extends readonly unknown[]> extends TokenRequirements {
  /** The client's address, which each runtime knows in its own way; tokens that are bound to addresses need it. */
  readonly clientIp?: ((request: Request, ...rest: Rest) => string | undefined) | undefined
}

/**
 * A handler that is called for requests whose token is good for this; the others are answered. For Bun, Deno, edge
 * runtimes and whatever else turns a `Request` into a `Response`; what they pass beside the request is passed on.
 *
 * @example
 * export default {
 *   fetch: requireToken(verifier, { scopes: ['data:read'] }, (request, token) => {
 *     return Response.json({ hello: token.account_id })
 *   }),
 * }
 */
export function requireToken<Rest extends readonly unknown[]>(
  verifier: Verifier,
  { clientIp, ...requirements }: FetchRequirements<Rest>,
  handle: (request: Request, token: VerifiedToken, ...rest: Rest) => Response | Promise<Response>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  return async (request, ...rest) => {
    const admission = await admitRequest(verifier, requirements, request, clientIp?.(request, ...rest))
    return admission instanceof Response ? admission : handle(request, admission, ...rest)
  }
}
