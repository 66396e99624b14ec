import type { IncomingMessage, ServerResponse } from 'node:http'
import { bodyBytesMax, schemas, type AnswerOf, type BodyOf } from '@chatelaine/api'
import { Failure, secondMs, validUntil, type Caller, type EpochMs, type Standing, type Verdict } from '@chatelaine/core'
import { originOf, type Settings } from '../config.ts'
import type { Service } from '../service.ts'
import { serveBody } from './body.ts'
import { authenticateByToken } from './credential.ts'
import { parseForm } from './form.ts'
import { sendOAuthError } from './oauth-error.ts'
import { verifyFor } from './verify.ts'
import { answerHeaders, asciiJson, type PreparedAnswer, type Sendable } from './verify-answer.ts'
import { whenKnown } from './when-known.ts'

export const introspectionPath = '/oauth/introspect'

type Ask = BodyOf<'introspectToken'>

/**
 * Answers POST /oauth/introspect (RFC 7662) straight on the socket, as `verify.ts` does with a verification: while both
 * tokens are remembered, nothing here waits.
 */
export function serveIntrospection(service: Service, request: IncomingMessage, response: ServerResponse): void {
  const answer = (body: Buffer): void | Promise<void> =>
    whenKnown(authenticateByToken(service, request), (caller) => {
      requireCredential(caller)
      const ask = readAsk(request, body)
      return whenKnown(introspectFor(service, caller, ask), (verdict) => {
        service.metrics.accepted.introspectToken += 1
        const { body: json, headers } = sendableFor(service.settings, verdict)
        response.writeHead(200, headers).end(json, 'latin1')
      })
    })
  serveBody(request, bodyBytesMax, answer, (error) => sendOAuthError(service, request, response, error))
}

/** Introspection is verification in other words, so that neither can say yes where the other says no. */
export function introspectFor(
  service: Service,
  caller: Caller,
  ask: Ask,
): Verdict<PreparedAnswer> | Promise<Verdict<PreparedAnswer>> {
  const { token_type_hint: _, ...question } = ask
  return verifyFor(service, caller, { ...question, cost: 1 })
}

/** What an introspection answers, in the words of `Introspection` in the API's schemas. */
export function introspectionJson(
  settings: Settings,
  { decision, known }: Verdict<unknown>,
): AnswerOf<'introspectToken', 200> {
  // RFC 7662 §2.2: of a token that is not active nothing more is said, not even why.
  if (known === undefined || decision.code !== 'valid') return { active: false }
  return activeJson(settings, known)
}

/** @throws `credential-required`: RFC 7662 §2.1 has nobody ask without one, so that nobody can try out tokens. */
function requireCredential(caller: Caller): void {
  if (caller.type === 'anonymous') {
    throw new Failure('credential-required', 'Send a token that may verify, as Bearer or as the password of Basic.')
  }
}

/** What nearly everybody sends, understood without parsing. */
const plainAsk = /^token=([0-9A-Za-z_]{1,128})(?:&token_type_hint=[a-z_]{1,32})?$/

function readAsk(request: IncomingMessage, body: Buffer): Ask {
  const type = request.headers['content-type']
  const isPlain = type === 'application/x-www-form-urlencoded' && body.length < 200
  const plain = isPlain ? plainAsk.exec(body.toString('latin1')) : null
  return plain === null ? parseForm(type, body, schemas.IntrospectionRequest) : { token: plain[1]! }
}

const inactive = sendable({ active: false })

function sendableFor(settings: Settings, { decision, known }: Verdict<PreparedAnswer>): Sendable {
  if (known === undefined || decision.code !== 'valid') return inactive
  return (known.prepared.introspection ??= sendable(activeJson(settings, known)))
}

function sendable(json: AnswerOf<'introspectToken', 200>): Sendable {
  const body = asciiJson(json)
  return { body, headers: answerHeaders(body.length) }
}

function activeJson(settings: Settings, standing: Standing): AnswerOf<'introspectToken', 200> {
  const { token, owner } = standing
  const endsAt = validUntil(standing)
  const subject = token.accountId ?? token.projectId
  const issuer = issuerOf(settings)
  return {
    active: true,
    scope: standing.scopes.join(' '),
    ...(owner === null ? {} : { username: owner.username }),
    token_type: 'Bearer',
    // Whole seconds that lie inside the time in which the token is good.
    ...(endsAt === null ? {} : { exp: Math.floor(inSeconds(endsAt)) }),
    iat: Math.floor(inSeconds(token.createdAt)),
    ...(token.notBefore === null ? {} : { nbf: Math.ceil(inSeconds(token.notBefore)) }),
    ...(subject === null ? {} : { sub: subject }),
    ...(issuer === undefined ? {} : { iss: issuer }),
    jti: token.id,
  }
}

function inSeconds(at: EpochMs): number {
  return at / secondMs
}

/** Unknown only where the system picks the port and nobody has said what the outside sees. */
function issuerOf({ publicUrl, listen }: Settings): string | undefined {
  return publicUrl ?? (listen.port === 0 ? undefined : originOf(listen))
}
