import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { oauthErrors, type OAuthErrorCode, type ProblemKey } from '@chatelaine/api'
import type { Service } from '../service.ts'
import { explain, newRequestId, sendAnswer, type ErrorAnswer } from './problem.ts'

/** A refusal that only OAuth has words for. */
export class OAuthRefusal extends Error {
  readonly code: OAuthErrorCode

  constructor(code: OAuthErrorCode, message: string) {
    super(message)
    this.name = 'OAuthRefusal'
    this.code = code
  }
}

/**
 * The answer of a route of OAuth to whatever went wrong: what elsewhere is a problem, in the shape of RFC 6749 §5.2.
 * @param headers of the request: the challenge of a 401 is in the scheme that its client used (RFC 6749 §5.2).
 */
export function answerOAuthError(
  service: Pick<Service, 'log'>,
  error: unknown,
  headers: IncomingHttpHeaders,
  requestId: string,
): ErrorAnswer {
  const { code, detail, headers: more } = named(service, error, requestId)
  const { 'www-authenticate': bearerChallenge = 'Bearer realm="chatelaine"', ...rest } = more
  const { status } = oauthErrors[code]
  const body = JSON.stringify({ error: code, error_description: inAscii(detail) })
  const challenge = usesBasic(headers) ? 'Basic realm="chatelaine", charset="UTF-8"' : bearerChallenge
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'content-length': String(body.length),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': requestId,
      ...rest,
      ...(status === 401 ? { 'www-authenticate': challenge } : {}),
    },
    body,
  }
}

function named(
  service: Pick<Service, 'log'>,
  error: unknown,
  requestId: string,
): { code: OAuthErrorCode; detail: string; headers: Readonly<Record<string, string>> } {
  if (error instanceof OAuthRefusal) return { code: error.code, detail: error.message, headers: {} }
  const { key, detail, headers } = explain(service, error, requestId)
  return { code: codes[key] ?? 'invalid_request', detail, headers }
}

/** Writes `answerOAuthError` where no router is. */
export function sendOAuthError(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  sendAnswer(service, request, response, answerOAuthError(service, error, request.headers, newRequestId()))
}

/** What each problem is called here; all others are `invalid_request`. */
const codes: Partial<Record<ProblemKey, OAuthErrorCode>> = {
  'credential-required': 'invalid_client',
  'credential-rejected': 'invalid_client',
  'address-not-allowed': 'invalid_client',
  'scope-missing': 'insufficient_scope',
  'not-permitted': 'insufficient_scope',
  'changed-meanwhile': 'temporarily_unavailable',
  'too-many-attempts': 'too_many_requests',
  unavailable: 'temporarily_unavailable',
  internal: 'server_error',
}

function usesBasic({ authorization }: IncomingHttpHeaders): boolean {
  return /^basic(?: |$)/i.test(authorization ?? '')
}

/** RFC 6749 §5.2 has in a description only printable ASCII, without quotation marks and backslashes. */
function inAscii(detail: string): string {
  return detail.replaceAll('"', "'").replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?')
}
