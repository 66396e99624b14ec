import type { IncomingMessage, ServerResponse } from 'node:http'
import type { VerifiedToken } from '../contract.ts'
import type { Verifier } from '../verifier/verification.ts'
import { admit, type TokenRequirements } from './admit.ts'
import { presentedBy } from './node-request.ts'

export type { TokenRequirements } from './admit.ts'

declare global {
  namespace Express {
    interface Request {
      /** The token that the request speaks with; there behind `requireToken`. */
      chatelaine?: VerifiedToken
    }
  }
}

type Handler = (
  request: IncomingMessage & { readonly ip?: string | undefined; chatelaine?: VerifiedToken },
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Lets requests on whose token is good for this, and answers the others. The client's address is `request.ip`, so
 * behind a proxy Express needs its setting `trust proxy`.
 *
 * @example
 * app.get('/data', requireToken(verifier, { scopes: ['data:read'] }), (request, response) => {
 *   response.json({ hello: request.chatelaine?.account_id })
 * })
 */
export function requireToken(verifier: Verifier, requirements: TokenRequirements = {}): Handler {
  return (request, response, next) => {
    admit(verifier, requirements, presentedBy(request, request.ip)).then(({ verified, refusal }) => {
      if (refusal !== undefined) return response.writeHead(refusal.status, refusal.headers).end(refusal.body)
      request.chatelaine = verified
      return next()
    }, next)
  }
}
