import type { IncomingMessage, ServerResponse } from 'node:http'
import { foldName, type Question } from '@chatelaine/core'
import { conflicting, readCredential, refusalOf } from '../http/credential.ts'
import { hasBody } from '../http/framing.ts'
import { allowedAddress, peerOf, type Incoming } from '../http/peer.ts'
import { explain, newRequestId, sendAnswer, type ErrorAnswer } from '../http/problem.ts'
import { whenKnown } from '../http/when-known.ts'
import type { Service } from '../service.ts'
import { Failure } from '@chatelaine/core'
import { isPassword, personWith } from './person.ts'
import type { WireAnswer, WireAsk } from './wire.ts'

const question: Question = { kinds: ['account'] }

/**
 * Answers straight on the socket whether user name and password match, with a token in place of the password: a PAM
 * module asks on every login of iRODS, and waits for nothing while the token is remembered.
 */
export function serveIrodsAuth(service: Service, request: IncomingMessage, response: ServerResponse): void {
  const fail = (error: unknown): void => {
    sendAnswer(service, request, response, refused(service, error, newRequestId(), request.headers))
  }
  try {
    const done = whenKnown(admit(service, request), () => {
      service.metrics.accepted.irodsAuth += 1
      // A body has no business here. Whoever sends one loses the connection, since nobody reads it.
      response.writeHead(200, hasBody(request) ? [...accepted, 'connection', 'close'] : accepted).end(text)
    })
    if (done instanceof Promise) done.catch(fail)
  } catch (error) {
    fail(error)
  }
}

/** The same behind the router, where the answer to a refusal is as empty. */
export async function irodsAuth({ service, incoming, requestId }: WireAsk): Promise<WireAnswer> {
  try {
    await admit(service, incoming)
    return { status: 200, body: text, headers: { 'content-type': 'text/plain' } }
  } catch (error) {
    const { status, headers, body } = refused(service, error, requestId, incoming.headers)
    return { status, headers, body: body === '' ? null : body }
  }
}

const text = 'Authenticated'
const accepted = ['content-type', 'text/plain', 'content-length', String(text.length), 'cache-control', 'no-store']

/**
 * @throws `credential-required`, `sign-in-failed`, `too-many-attempts`, `unavailable`, and the refusals of `refusalOf`.
 */
function admit(service: Service, incoming: Incoming): void | Promise<void> {
  const credential = readCredential(incoming.headers)
  if (credential === 'conflicting') throw conflicting()
  if (credential === undefined) {
    throw new Failure('credential-required', 'Send user name and password, with a token as the password.')
  }
  if (isPassword(credential)) {
    return personWith(service, incoming, credential.username, credential.presented).then(() => undefined)
  }
  const peer = peerOf(service.settings.trustedProxies, incoming)
  const clientIp = allowedAddress(service.settings.trustedProxies, incoming, peer)
  const whole = clientIp === undefined ? question : { ...question, clientIp }
  const verdict = whenKnown(service.verifier.verify(credential.presented, whole), (found) => {
    // Whoever names somebody else spends nothing of this token.
    if (found.decision.code === 'valid') requireOwner(found.known?.owner?.username, credential)
    return service.spending.settle(found, 1, peer)
  })
  return whenKnown(verdict, (settled) => {
    if (settled.decision.code !== 'valid') throw refusalOf(settled, whole)
  })
}

/**
 * With Basic the user name must be that of the token's owner; the other schemes name nobody.
 * @throws `sign-in-failed`.
 */
export function requireOwner(
  owner: string | undefined,
  { scheme, username }: { scheme: string; username?: string },
): void {
  if (scheme !== 'basic') return
  if (owner !== undefined && owner === username) return
  if (owner !== undefined && username !== undefined && foldName(owner) === foldName(username)) return
  throw new Failure('sign-in-failed', 'The token is not of this user.')
}

/** A refusal has no body here, since the module looks at the status alone; but for a dead token in a scheme of tokens. */
function refused(service: Service, error: unknown, requestId: string, asked: Incoming['headers']): ErrorAnswer {
  const { key, headers } = explain(service, error, requestId)
  const status = statuses[key] ?? 401
  const { 'www-authenticate': _bearer, ...rest } = headers
  const challenge = status === 401 ? { 'www-authenticate': 'Basic realm="chatelaine", charset="UTF-8"' } : {}
  const body = key === 'credential-rejected' && !namesBasic(asked) ? invalidToken : ''
  return {
    status,
    headers: {
      'content-length': String(body.length),
      ...(body === '' ? {} : { 'content-type': 'application/json' }),
      'cache-control': 'no-store',
      'x-request-id': requestId,
      ...rest,
      ...challenge,
    },
    body,
  }
}

const invalidToken = JSON.stringify({ detail: 'Invalid token.' })

/** Whether a request says who it is by Basic, whatever it says there. */
export function namesBasic({ authorization = '' }: Incoming['headers']): boolean {
  return /^basic(?: |$)/i.test(authorization)
}

/** What is no fault of user name and password. */
const statuses: Partial<Record<ReturnType<typeof explain>['key'], number>> = {
  'address-not-allowed': 403,
  'not-permitted': 403,
  'too-many-attempts': 403,
  'conflicting-credentials': 400,
  unavailable: 503,
  internal: 500,
}
