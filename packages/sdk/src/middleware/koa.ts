import type { IncomingMessage } from 'node:http'
import type { VerifiedToken } from '../contract.ts'
import type { Verifier } from '../verifier/verification.ts'
import { admit, type TokenRequirements } from './admit.ts'
import { presentedBy } from './node-request.ts'

export type { TokenRequirements } from './admit.ts'

/** What is needed of Koa's context. */
interface Context {
  readonly req: IncomingMessage
  readonly ip: string
  state: { chatelaine?: VerifiedToken }
  status: number
  body: unknown
  set(headers: Record<string, string>): void
}

/**
 * Lets requests on whose token is good for this, and answers the others. The token is `context.state.chatelaine`. The
 * client's address is `context.ip`, so behind a proxy Koa needs `app.proxy`.
 *
 * @example
 * app.use(requireToken(verifier, { scopes: ['data:read'] }))
 * app.use((context) => {
 *   context.body = { hello: context.state.chatelaine?.account_id }
 * })
 */
export function requireToken(
  verifier: Verifier,
  requirements: TokenRequirements = {},
): (context: Context, next: () => Promise<unknown>) => Promise<void> {
  return async (context, next) => {
    const { verified, refusal } = await admit(verifier, requirements, presentedBy(context.req, context.ip))
    if (refusal === undefined) {
      context.state.chatelaine = verified
      await next()
      return
    }
    context.status = refusal.status
    context.body = refusal.body
    context.set(refusal.headers)
  }
}
