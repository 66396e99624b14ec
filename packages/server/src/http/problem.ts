import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { problems, problemType, type Fault, type ProblemKey } from '@chatelaine/api'
import { Failure, type FailureKey } from '@chatelaine/core'
import type { Service } from '../service.ts'
import { hotRouteOf, noteAnswered } from './answered.ts'
import { rateHeaders } from './rate-headers.ts'
import { hasBody } from './framing.ts'

/** A refusal that only HTTP knows. Those of the domain are `Failure`s, and each of their keys is a problem too. */
export class HttpProblem extends Error {
  readonly key: Exclude<ProblemKey, FailureKey>
  readonly headers: Readonly<Record<string, string>>

  constructor(
    key: Exclude<ProblemKey, FailureKey>,
    message: string,
    { headers = {}, cause }: { headers?: Readonly<Record<string, string>>; cause?: unknown } = {},
  ) {
    super(message, { cause })
    this.name = 'HttpProblem'
    this.key = key
    this.headers = headers
  }
}

export function bodyTooLarge(bytesMax: number): HttpProblem {
  return new HttpProblem('body-too-large', `The body may have at most ${bytesMax} bytes. Divide it.`)
}

/** The faults of one request, as one failure. */
export function invalidRequest(faults: readonly Fault[]): Failure {
  const named = faults.map(({ pointer, detail }) => `${pointer.slice(1) || 'The request'} ${detail}`)
  return new Failure('invalid-request', `${named.join('; ')}.`, { fields: faults })
}

/** An answer that says why a request was not carried out. */
export interface ErrorAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Names one request, in its answer and in the log. Made here: what a client names its requests may hold anything. */
export function newRequestId(): string {
  return randomUUID()
}

/** The answer to whatever went wrong, as RFC 9457 has it. */
export function answerProblem(service: Pick<Service, 'log'>, error: unknown, requestId: string): ErrorAnswer {
  const { key, detail, ...more } = explain(service, error, requestId)
  return problemAnswer(key, detail, requestId, more)
}

/** What a request is told that was not carried out, before it has the shape of an answer. */
export interface Explanation {
  readonly key: ProblemKey
  readonly detail: string
  /** Those that belong to this request; the challenge of its status is among them. */
  readonly headers: Readonly<Record<string, string>>
  readonly faults?: readonly Fault[]
}

/**
 * What to say of whatever went wrong. What is no refusal is a defect: it is told without detail, and written into the
 * log under the id of the request.
 */
export function explain({ log }: Pick<Service, 'log'>, error: unknown, requestId: string): Explanation {
  if (error instanceof HttpProblem) {
    return { key: error.key, detail: error.message, headers: { ...challengeFor(error.key), ...error.headers } }
  }
  if (error instanceof Failure) {
    const { key, message, cause, retryAfterSeconds, rate, scopesNeeded, fields } = error
    if (cause !== undefined) log.warn({ requestId, key, err: cause }, 'request could not be served')
    const retryAfter = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
    const headers = { ...challengeFor(key, scopesNeeded), ...retryAfter, ...rateHeaders(rate) }
    return { key, detail: message, headers, faults: fields }
  }
  log.error({ requestId, err: error }, 'request failed')
  return {
    key: 'internal',
    detail: 'This is our mistake. The log has more under the id of this request, which X-Request-Id names.',
    headers: {},
  }
}

/** Writes `answerProblem` where no router is. */
export function sendFailure(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  sendAnswer(service, request, response, answerProblem(service, error, newRequestId()))
}

/** Does nothing more than close when an answer has begun already. */
export function sendAnswer(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: ErrorAnswer,
): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  noteAnswered(service, {
    requestId: headers['x-request-id'] ?? '',
    method: request.method ?? '',
    route: hotRouteOf(request.url ?? ''),
    status,
    tookMs: undefined,
  })
  // What is left of a body that was not read to its end cannot be told from a next request.
  const isUnread = !request.complete && hasBody(request)
  response.writeHead(status, { ...headers, ...(isUnread ? { connection: 'close' } : {}) }).end(body)
}

export function problemAnswer(
  key: ProblemKey,
  detail: string,
  requestId: string,
  { headers = {}, faults = [] }: { headers?: Readonly<Record<string, string>>; faults?: readonly Fault[] } = {},
): ErrorAnswer {
  const { status, title } = problems[key]
  const body = JSON.stringify({
    type: problemType(key),
    title,
    status,
    detail,
    instance: `urn:uuid:${requestId}`,
    ...(faults.length > 0 ? { errors: faults } : {}),
  })
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'content-length': String(Buffer.byteLength(body)),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': requestId,
      ...headers,
    },
    body,
  }
}

const realm = 'Bearer realm="chatelaine"'

/** RFC 6750 §3: no error code where no credential came, and RFC 9110 §15.5.2: a challenge in every 401. */
const challenges: Partial<Record<ProblemKey, string>> = {
  'credential-required': realm,
  'sign-in-failed': realm,
  'credential-rejected': `${realm}, error="invalid_token"`,
  'scope-missing': `${realm}, error="insufficient_scope"`,
  'conflicting-credentials': `${realm}, error="invalid_request"`,
}

function challengeFor(key: ProblemKey, scopesNeeded: readonly string[] = []): Record<string, string> {
  const challenge = challenges[key]
  if (challenge === undefined) return {}
  const scope = scopesNeeded.length === 0 ? '' : `, scope="${scopesNeeded.join(' ')}"`
  return { 'www-authenticate': challenge + scope }
}
