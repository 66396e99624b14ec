import type { TokenKind } from '@chatelaine/token'
import type { Owner } from '../domain/account.ts'
import { contains, parseAddress, type Block } from '../domain/address.ts'
import { isCatalogued, type Catalogue } from '../domain/catalogue.ts'
import type { Position } from '../log/change.ts'
import type { ProjectId, TokenId } from '../domain/id.ts'
import type { RateBucket, RateStanding } from '../domain/rate.ts'
import { oldEndsAt, secretEndsAt, type SecretAge } from '../domain/rotation.ts'
import { missingScopes, type Scope } from '../domain/scope.ts'
import { earlier, type EpochMs } from '../domain/time.ts'
import type { Token } from '../domain/token.ts'

/**
 * What a verification can answer, in the order in which one wins over the next. A code names the token's own fault;
 * when the answer cannot be known, that is a `Failure` (`unavailable`) and never a code.
 */
export const verificationCodes = {
  malformed: 'Not a token: wrong length, wrong characters or a wrong checksum.',
  unknown: 'No token of this deployment, or not one that the caller may ask about.',
  revoked: 'Revoked, for good.',
  suspended: 'Suspended; it may be resumed.',
  owner_disabled: 'The account that owns it is disabled.',
  expired: 'Its time is over.',
  not_yet_valid: 'Its time has not begun.',
  wrong_kind: 'A kind of token that was not asked for.',
  ip_not_allowed: 'Not allowed from this address, or the address was not stated.',
  wrong_project: 'It does not reach this project.',
  insufficient_scope: 'It lacks a scope that was asked for; `missing_scopes` names them.',
  uses_exceeded: 'Its uses are used up.',
  rate_limited: 'Used too often lately; `retry_after_seconds` says when to come back.',
  valid: 'Good, here and now.',
} as const

export type VerificationCode = keyof typeof verificationCodes

/** What is known of a genuine token at the moment of deciding. */
export interface Standing {
  readonly token: Token
  /** `null` for manager tokens; for all others somebody must answer for them, or they are refused. */
  readonly owner: Owner | null
  /** Which of the token's secrets was presented. */
  readonly secret: SecretAge
  /** `token.allowedIps`, parsed once. */
  readonly allowedBlocks: readonly Block[]
  /** The active project that was asked about, if the token's account is a member of it. */
  readonly memberOf: ProjectId | null
  /** What every verification takes from: of the token, of those that made it, of its owner. */
  readonly buckets: readonly RateBucket[]
  /** When the token ends: its own expiry, or what policy leaves of it. */
  readonly endsAt: EpochMs | null
  /** What its scopes are worth under the catalogue. */
  readonly scopes: readonly Scope[]
  readonly catalogue: Catalogue | null
  /** The tokens whose rate limits it shares, or would if they had one: when one changes, this is out of date. */
  readonly ancestorIds: readonly TokenId[]
}

/** What the caller wants to know about a presented token. */
export interface Question {
  readonly scopes?: readonly Scope[]
  readonly projectId?: ProjectId
  /** Which kinds are welcome; account and project tokens unless said otherwise. */
  readonly kinds?: readonly TokenKind[]
  /** The address of whoever presented the token. */
  readonly clientIp?: string
  /** Whoever asks goes by other bounds than the token's addresses, as a portal session does that its backend opened. */
  readonly fromAnywhere?: true
  /** What whoever asks knows of the log already: no older answer will do. */
  readonly atLeast?: Position
}

export type Decision =
  /** `rate` is there once the verification was counted against a limit. */
  | { readonly code: 'valid'; readonly rate?: RateStanding }
  | { readonly code: 'insufficient_scope'; readonly missingScopes: readonly Scope[] }
  /** `retryAfterSeconds` is `null` when it costs more than the limit ever admits. */
  | { readonly code: 'rate_limited'; readonly retryAfterSeconds: number | null; readonly rate: RateStanding }
  | { readonly code: Exclude<VerificationCode, 'valid' | 'insufficient_scope' | 'rate_limited'> }

export const kindsWelcome: readonly TokenKind[] = ['account', 'project']

const valid: Decision = { code: 'valid' }

/** Whether a genuine token is good for what is asked, here and now. Pure: the same answer for the same arguments. */
export function decide(standing: Standing, question: Question, now: EpochMs): Decision {
  const { token, owner } = standing
  if (token.revokedAt !== null || isRetired(standing, now)) return { code: 'revoked' }
  if (!token.isActive) return { code: 'suspended' }
  if (token.accountId !== null && owner?.status !== 'active') return { code: 'owner_disabled' }
  if (standing.endsAt !== null && standing.endsAt <= now) return { code: 'expired' }
  if (token.notBefore !== null && token.notBefore > now) return { code: 'not_yet_valid' }
  if (!(question.kinds ?? kindsWelcome).includes(token.kind)) return { code: 'wrong_kind' }
  if (!mayComeFrom(standing.allowedBlocks, question)) return { code: 'ip_not_allowed' }
  if (question.projectId !== undefined && !reaches(standing, question.projectId)) return { code: 'wrong_project' }
  if (question.scopes !== undefined) {
    const missing = missingInForce(standing, question.scopes)
    if (missing.length > 0) return { code: 'insufficient_scope', missingScopes: missing }
  }
  return valid
}

/** What is not in the catalogue is granted to nobody. */
function missingInForce({ token, scopes, catalogue }: Standing, asked: readonly Scope[]): readonly Scope[] {
  if (catalogue === null) return missingScopes(scopes, asked)
  return asked.filter((scope) => {
    return missingScopes(scopes, [scope]).length > 0 || !isCatalogued(catalogue, token.kind, scope)
  })
}

/** Whether an old secret was presented whose grace is over. */
function isRetired({ token, secret }: Standing, now: EpochMs): boolean {
  return secret === 'old' && (token.rotation === null || now >= oldEndsAt(token.rotation))
}

/** When a token that is good now ends by itself: at its expiry, where policy ends it, or with its old secret's grace. */
export function validUntil({ token, secret, endsAt }: Standing): EpochMs | null {
  return earlier(secretEndsAt(token, secret), endsAt)
}

/** A project token reaches its own project, an account token those that its account is a member of. */
function reaches({ token, memberOf }: Standing, projectId: ProjectId): boolean {
  return (token.kind === 'project' ? token.projectId : memberOf) === projectId
}

/** An allow-list that cannot be checked, because nobody stated the address, refuses. */
function mayComeFrom(allowed: readonly Block[], { clientIp, fromAnywhere }: Question): boolean {
  if (allowed.length === 0 || fromAnywhere === true) return true
  const address = clientIp === undefined ? undefined : parseAddress(clientIp)
  return address !== undefined && allowed.some((block) => contains(block, address))
}
