import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Request } from 'express-serve-static-core'
import type { VerifiedToken } from '../contract.ts'
import type { Verifier } from '../verifier/verification.ts'
import { admit, type TokenRequirements } from './admit.ts'
import { presentedBy } from './node-request.ts'

export type { TokenRequirements } from './admit.ts'

declare module 'express-serve-static-core' {
  interface Request {
    /** The token that the request speaks with; there behind `requireToken`. */
    chatelaine?: VerifiedToken
  }
}

type Handler = (
  request: IncomingMessage & Pick<Request, 'ip' | 'chatelaine'>,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>

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
  return async (request, response, next) => {
    try {
      const { verified, refusal } = await admit(verifier, requirements, presentedBy(request, request.ip))
      if (refusal !== undefined) return void response.writeHead(refusal.status, refusal.headers).end(refusal.body)
      request.chatelaine = verified
    } catch (error) {
      return next(error)
    }
    return next()
  }
}
