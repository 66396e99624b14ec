// What every middleware does: read the token of a request, have it verified, and answer whoever is turned away as
// RFC 6750 has it.

import { readCredential, type PresentingHeaders } from '@chatelaine/api/credential'
import { verificationCodes, type VerificationCode, type VerifiedToken } from '../contract.ts'
import type { Unanswered, Verification, Verifier } from '../verifier/verification.ts'

/** The server keeps the first product of it, and takes no more than it has a use for. */
const userAgentLengthMax = 512

/** What a route asks of a token. */
export interface TokenRequirements {
  /** The scopes that it must carry, all of them. */
  readonly scopes?: readonly string[] | undefined
  /** The project that it must reach. */
  readonly projectId?: string | undefined
  /** Which kinds are welcome; account and project tokens unless said otherwise. */
  readonly kinds?: readonly VerifiedToken['kind'][] | undefined
  /** What a request takes from the rate limits of the token; 1. */
  readonly cost?: number | undefined
  /** What is protected, as challenges name it; `chatelaine`. */
  readonly realm?: string | undefined
  /** Whether whoever shows no token is offered Basic too, so that browsers and git ask for a password. */
  readonly basic?: boolean | undefined
}

/** What a framework knows of the request. */
export interface Presented {
  readonly headers: PresentingHeaders & { readonly 'user-agent'?: string | undefined }
  readonly clientIp: string | undefined
}

/** An answer to be written as it stands. */
export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Admission =
  | { readonly verified: VerifiedToken; readonly refusal?: undefined }
  | { readonly verified?: undefined; readonly refusal: Refusal }

/** Whether a request may go on. It never throws. */
export async function admit(
  verifier: Verifier,
  requirements: TokenRequirements,
  { headers, clientIp }: Presented,
): Promise<Admission> {
  const credential = readCredential(headers)
  if (credential === undefined) return { refusal: withoutToken(requirements) }
  if (credential === 'conflicting') return { refusal: withTwo(requirements) }
  const { scopes, projectId, kinds, cost } = requirements
  const verification = await verifier.verify(credential.presented, {
    scopes,
    project_id: projectId,
    kinds,
    cost,
    client_ip: clientIp,
    user_agent: headers['user-agent']?.slice(0, userAgentLengthMax),
  })
  return verification.valid ? { verified: verification } : { refusal: refusalOf(verification, requirements) }
}

/** RFC 6750 §3: no error code where no token came. */
function withoutToken({ realm, basic = false }: TokenRequirements): Refusal {
  const challenges = [challenge(realm), ...(basic ? [`Basic realm="${quoted(realm)}", charset="UTF-8"`] : [])]
  return refusal(401, 'credential-required', 'Send a token as "Authorization: Bearer …".', {
    'www-authenticate': challenges.join(', '),
  })
}

function withTwo({ realm }: TokenRequirements): Refusal {
  return refusal(400, 'conflicting-credentials', 'The request carries two tokens that differ. Send one of them.', {
    'www-authenticate': challenge(realm, 'invalid_request'),
  })
}

type Refused = Exclude<Verification, { valid: true }>

function refusalOf(refused: Refused, { realm, scopes = [] }: TokenRequirements): Refusal {
  const { status, error } = answers[refused.code]
  const scope = error === 'insufficient_scope' && scopes.length > 0 ? `, scope="${scopes.join(' ')}"` : ''
  return refusal(status, refused.code, detailOf(refused), {
    ...(error === undefined ? {} : { 'www-authenticate': challenge(realm, error) + scope }),
    ...(refused.retry_after_seconds === undefined ? {} : { 'retry-after': String(refused.retry_after_seconds) }),
  })
}

function detailOf(refused: Refused): string {
  if (refused.code === 'unavailable') return 'Whether the token is good cannot be known now. Ask again.'
  if (refused.code === 'insufficient_scope') return `The token lacks ${refused.missing_scopes?.join(', ')}.`
  return verificationCodes[refused.code]
}

interface Answer {
  readonly status: number
  readonly error?: 'invalid_token' | 'insufficient_scope'
}

const dead = { status: 401, error: 'invalid_token' } as const

/** RFC 6750 §3.1. 401 is for a token that is dead; one that lives and may not is 403. */
const answers: Readonly<Record<Exclude<VerificationCode, 'valid'> | Unanswered['code'], Answer>> = {
  malformed: dead,
  unknown: dead,
  revoked: dead,
  suspended: dead,
  owner_disabled: dead,
  expired: dead,
  not_yet_valid: dead,
  uses_exceeded: dead,
  wrong_kind: { status: 403 },
  ip_not_allowed: { status: 403 },
  wrong_project: { status: 403 },
  insufficient_scope: { status: 403, error: 'insufficient_scope' },
  rate_limited: { status: 429 },
  unavailable: { status: 503 },
}

function challenge(realm: string | undefined, error?: string): string {
  return `Bearer realm="${quoted(realm)}"${error === undefined ? '' : `, error="${error}"`}`
}

/** RFC 9110 §5.6.4. */
function quoted(realm = 'chatelaine'): string {
  return realm.replaceAll(/["\\]/g, String.raw`\$&`)
}

/** RFC 9457, with `code` saying which of the reasons it is. */
function refusal(status: number, code: string, detail: string, headers: Readonly<Record<string, string>>): Refusal {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify({ title: titles[status], status, detail, code }),
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}
