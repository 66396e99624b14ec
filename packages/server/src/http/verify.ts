import type { IncomingMessage, ServerResponse } from 'node:http'
import { bodyBytesMax, schemas, type BodyOf } from '@chatelaine/api'
import { clientName, narrowVerdict, type Caller, type Question, type Verdict } from '@chatelaine/core'
import type { Service } from '../service.ts'
import { readBody } from './body.ts'
import { authenticate } from './credential.ts'
import { bodyTooLarge, sendFailure } from './problem.ts'
import { parseJsonBody } from './strict-json.ts'
import { answerHeaders, answerJson, type PreparedAnswer } from './verify-answer.ts'

export const verificationPath = '/api/v1/tokens/verify'

/** One question of a verification, as it arrives. */
export type Ask = BodyOf<'verifyToken'>

/**
 * Answers POST /api/v1/tokens/verify straight on the socket. While the caller's token and the one it asks about are
 * remembered, nothing here waits: no promise, no disk, no other thread.
 */
export function serveVerification(service: Service, request: IncomingMessage, response: ServerResponse): void {
  const fail = (error: unknown): void => sendFailure(service, request, response, error)
  readBody(request, bodyBytesMax, (body) => {
    if (body === 'aborted') return
    try {
      if (body === 'too-large') throw bodyTooLarge(bodyBytesMax)
      const done = whenKnown(authenticate(service, request), (caller) => {
        const ask = readAsk(request, body)
        return whenKnown(verifyFor(service, caller, ask), (verdict) => send(response, verdict))
      })
      if (done instanceof Promise) done.catch(fail)
    } catch (error) {
      fail(error)
    }
  })
}

/** What this caller may hear about a presented token. An accepted one is noted as used. */
export function verifyFor(
  service: Service,
  caller: Caller,
  ask: Ask,
): Verdict<PreparedAnswer> | Promise<Verdict<PreparedAnswer>> {
  return whenKnown(service.verifier.verify(ask.token, questionOf(ask)), (found) => {
    const verdict = narrowVerdict(caller, found)
    if (verdict.known !== undefined && verdict.decision.code === 'valid') {
      const now = service.ports.clock.now()
      service.uses.record(verdict.known, now, ask.client_ip ?? null, clientName(ask.user_agent))
    }
    return verdict
  })
}

/** `{"token":"…"}` and nothing else: what nearly everybody sends, understood without parsing. */
const plainAsk = /^\{"token":"([0-9A-Za-z_]{1,128})"\}$/

function readAsk(request: IncomingMessage, body: Buffer): Ask {
  const isPlain = request.headers['content-type'] === 'application/json' && body.length < 200
  const plain = isPlain ? plainAsk.exec(body.toString('latin1')) : null
  return plain === null
    ? parseJsonBody(request.headers['content-type'], body, schemas.VerifyRequest)
    : { token: plain[1]! }
}

function questionOf(ask: Ask): Question {
  return {
    ...(ask.scopes === undefined ? {} : { scopes: ask.scopes }),
    ...(ask.kinds === undefined ? {} : { kinds: ask.kinds }),
    ...(ask.client_ip === undefined ? {} : { clientIp: ask.client_ip }),
  }
}

function send(response: ServerResponse, { decision, known, position }: Verdict<PreparedAnswer>): void {
  if (known !== undefined && decision.code === 'valid') {
    response.writeHead(200, known.prepared.headers).end(known.prepared.body)
    return
  }
  const body = JSON.stringify(answerJson({ decision, known, position }))
  response.writeHead(200, answerHeaders(Buffer.byteLength(body))).end(body)
}

/** Goes on at once with what is known already, and only otherwise waits. */
function whenKnown<T, U>(value: T | Promise<T>, then: (known: T) => U | Promise<U>): U | Promise<U> {
  return value instanceof Promise ? value.then(then) : then(value)
}
