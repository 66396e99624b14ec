import type { IncomingMessage, ServerResponse } from 'node:http'
import type { VerifiedToken } from '../contract.ts'
import type { Verifier } from '../verifier/verification.ts'
import { admit, type TokenRequirements } from './admit.ts'
import { presentedBy } from './node-request.ts'

export type { TokenRequirements } from './admit.ts'

export interface HttpRequirements extends TokenRequirements {
  /** The client's address; of the connection, unless a proxy stands before it. */
  readonly clientIp?: ((request: IncomingMessage) => string | undefined) | undefined
}

/**
 * A listener of `node:http` that is called for requests whose token is good for this; the others are answered. The token
 * is `request.chatelaine`. What the listener throws comes out as it would without this: as a rejection nobody handles.
 *
 * @example
 * createServer(requireToken(verifier, { scopes: ['data:read'] }, (request, response) => {
 *   response.end(`hello ${request.chatelaine.account_id}`)
 * }))
 */
export function requireToken(
  verifier: Verifier,
  { clientIp = connectionIp, ...requirements }: HttpRequirements,
  listener: (request: IncomingMessage & { readonly chatelaine: VerifiedToken }, response: ServerResponse) => unknown,
): (request: IncomingMessage, response: ServerResponse) => void {
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { verified, refusal } = await admit(verifier, requirements, presentedBy(request, clientIp(request)))
    if (refusal === undefined) await listener(Object.assign(request, { chatelaine: verified }), response)
    else response.writeHead(refusal.status, refusal.headers).end(refusal.body)
  }
  return (request, response) => void handle(request, response)
}

function connectionIp(request: IncomingMessage): string | undefined {
  return request.socket.remoteAddress
}
