import type { IncomingMessage, ServerResponse } from 'node:http'
import { bodyBytesMax, schemas, type BodyOf } from '@chatelaine/api'
import {
  authorise,
  clientName,
  narrowVerdict,
  normaliseAddress,
  parsePosition,
  type Caller,
  type Peer,
  type Question,
  type Verdict,
} from '@chatelaine/core'
import type { Service } from '../service.ts'
import { serveBody } from './body.ts'
import { authenticate, requireCredential } from './credential.ts'
import { sendFailure } from './problem.ts'
import { rateHeaders } from './rate-headers.ts'
import { parseJsonBody } from './strict-json.ts'
import { answerHeaders, answerJson, asciiJson, validAnswer, type PreparedAnswer } from './verify-answer.ts'
import { whenKnown } from './when-known.ts'

export const verificationPath = '/api/v1/tokens/verify'

/** One question of a verification, as it arrives. */
export type Ask = BodyOf<'verifyToken'>

/**
 * Answers POST /api/v1/tokens/verify straight on the socket. While the caller's token and the one it asks about are
 * remembered, nothing here waits: no promise, no disk, no other thread.
 */
export function serveVerification(service: Service, request: IncomingMessage, response: ServerResponse): void {
  const answer = (body: Buffer): void | Promise<void> =>
    whenKnown(authenticate(service, request), (caller) => {
      requireCredential(caller)
      const ask = readAsk(request, body)
      return whenKnown(verifyFor(service, caller, ask), (verdict) => {
        service.metrics.accepted.verifyToken += 1
        send(response, verdict, caller)
      })
    })
  serveBody(request, bodyBytesMax, answer, (error) => sendFailure(service, request, response, error))
}

/** What this caller may hear about a presented token. An accepted one is noted as used. */
export function verifyFor(
  service: Service,
  caller: Caller,
  ask: Ask,
): Verdict<PreparedAnswer> | Promise<Verdict<PreparedAnswer>> {
  // Asked first: whoever may not verify costs no look-up.
  const reach = authorise(caller, 'tokens.verify')
  return whenKnown(service.verifier.verify(ask.token, questionOf(ask)), (found) =>
    service.spending.settle(narrowVerdict(reach, found), ask.cost, statedPeer(ask)),
  )
}

/** Who presented the token, as far as whoever asks says so: what is no address does not pass for one in the log. */
function statedPeer({ client_ip: ip, user_agent: userAgent }: Ask): Peer {
  return { ip: ip === undefined ? null : (normaliseAddress(ip) ?? null), client: clientName(userAgent) }
}

/** `{"token":"…"}` and nothing else: what nearly everybody sends, understood without parsing. */
const plainAsk = /^\{"token":"([0-9A-Za-z_]{1,128})"\}$/

function readAsk(request: IncomingMessage, body: Buffer): Ask {
  const isPlain = request.headers['content-type'] === 'application/json' && body.length < 200
  const plain = isPlain ? plainAsk.exec(body.toString('latin1')) : null
  return plain === null
    ? parseJsonBody(request.headers['content-type'], body, schemas.VerifyRequest)
    : { token: plain[1]!, cost: 1 }
}

function questionOf(ask: Ask): Question {
  return {
    ...(ask.scopes === undefined ? {} : { scopes: ask.scopes }),
    ...(ask.project_id === undefined ? {} : { projectId: ask.project_id }),
    ...(ask.kinds === undefined ? {} : { kinds: ask.kinds }),
    ...(ask.client_ip === undefined ? {} : { clientIp: ask.client_ip }),
    ...(ask.at_least === undefined ? {} : { atLeast: parsePosition(ask.at_least)! }),
  }
}

function send(response: ServerResponse, { decision, known, position }: Verdict<PreparedAnswer>, caller: Caller): void {
  if (known !== undefined && decision.code === 'valid' && decision.rate === undefined) {
    const { headers, body } = validAnswer(known.prepared, position)
    response.writeHead(200, withRate(headers, caller)).end(body, 'latin1')
    return
  }
  const body = asciiJson(answerJson({ decision, known, position }))
  response.writeHead(200, withRate(answerHeaders(body.length), caller)).end(body, 'latin1')
}

/** What is left of the caller's own rate limit. That of the token it asks about is in the answer. */
function withRate(headers: string[], caller: Caller): string[] {
  if (caller.type !== 'token' || caller.rate === undefined) return headers
  return [...headers, ...Object.entries(rateHeaders(caller.rate)).flat()]
}
