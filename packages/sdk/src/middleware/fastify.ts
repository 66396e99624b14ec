import type { FastifyReply, FastifyRequest } from 'fastify'
import type { VerifiedToken } from '../contract.ts'
import type { Verifier } from '../verifier/verification.ts'
import { admit, type TokenRequirements } from './admit.ts'
import { presentedBy } from './node-request.ts'

export type { TokenRequirements } from './admit.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The token that the request speaks with; there behind `requireToken`. */
    chatelaine?: VerifiedToken
  }
}

/**
 * A hook that lets requests on whose token is good for this, and answers the others, before the body is read. The
 * client's address is `request.ip`, so behind a proxy Fastify needs its option `trustProxy`.
 *
 * @example
 * app.get('/data', { onRequest: requireToken(verifier, { scopes: ['data:read'] }) }, (request) => {
 *   return { hello: request.chatelaine?.account_id }
 * })
 */
export function requireToken(
  verifier: Verifier,
  requirements: TokenRequirements = {},
): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
  return async (request, reply) => {
    const { verified, refusal } = await admit(verifier, requirements, presentedBy(request.raw, request.ip))
    if (refusal !== undefined) return reply.code(refusal.status).headers(refusal.headers).send(refusal.body)
    request.chatelaine = verified
    return undefined
  }
}
