import type { TokenKind } from '@chatelaine/token'
import { Failure } from './failure.ts'
import type { AccountId, ProjectId, TokenId } from './id.ts'
import type { JsonObject } from './json.ts'
import type { RateLimit } from './rate.ts'
import type { Rotation } from './rotation.ts'
import type { Scope } from './scope.ts'
import type { EpochMs } from './time.ts'

/** The systems whose clients are answered in their own words. */
export const wireNames = ['neuroio', 'cogniac', 'cocalc', 'sodar', 'coscine'] as const
export type WireName = (typeof wireNames)[number]

/** Where a token was made: through which door. */
export const origins = ['api', 'console', 'cli', 'handoff', ...wireNames] as const
export type Origin = (typeof origins)[number]

export const tokenStatuses = ['active', 'suspended', 'expired', 'revoked'] as const
export type TokenStatus = (typeof tokenStatuses)[number]

/** An API token as it is stored. Its secret is not here: only `digest`, its keyed hash. */
export interface Token {
  readonly id: TokenId
  /** From 1, unique, never reused; 0 until the store has given one. */
  readonly serial: number
  readonly uuid: string
  readonly kind: TokenKind
  /** Whose it is; `null` for manager tokens. */
  readonly accountId: AccountId | null
  /** The one project that a project token reaches; `null` for the other kinds. */
  readonly projectId: ProjectId | null
  /** At most 256 characters. */
  readonly label: string
  /** `prefix_kind_` and 8 characters of the id: enough to recognise, too little to use. */
  readonly start: string
  /** `false` while suspended. */
  readonly isActive: boolean
  readonly scopes: readonly Scope[]
  /** The version of the catalogue under which its scopes were given; 0 before there was one, and for managers. */
  readonly scopesVersion: number
  /** Addresses and blocks in their one spelling; empty: from anywhere. */
  readonly allowedIps: readonly string[]
  /** At most 4 KiB as JSON. */
  readonly metadata: JsonObject
  readonly createdAt: EpochMs
  readonly createdBy: AccountId | null
  readonly parentTokenId: TokenId | null
  readonly origin: Origin
  readonly notBefore: EpochMs | null
  /** `null`: permanent. */
  readonly expiresAt: EpochMs | null
  readonly revokedAt: EpochMs | null
  readonly revokedReason: string | null
  /** `<key id>:<keyed hash>` of the whole token, of its newest secret. */
  readonly digest: string
  /** How often it may be verified; `null`: as often as one likes. */
  readonly rateLimit: RateLimit | null
  /** How many verifications it was given; `null`: no end. `use.left` says how many are left. */
  readonly usesGranted: number | null
  /** Until when it may renew itself; `null`: not at all. */
  readonly renewableUntil: EpochMs | null
  /** How long its secret lives after each renewal; `null` for permanent tokens. */
  readonly firstLifetimeMs: number | null
  /** Present once it was rotated; the end of the old secret stays there, so that its use is noticed. */
  readonly rotation: Rotation | null
  /** The change that last touched this token; 0 until there was one. */
  readonly changedSeq: number
  readonly use: TokenUse
}

/** What was observed of a token's use: gathered in memory and written in batches, outside the change log. */
export interface TokenUse {
  readonly firstAt: EpochMs | null
  readonly lastAt: EpochMs | null
  readonly lastIp: string | null
  readonly lastClient: string | null
  readonly count: number
  /** Uses that are left of `usesGranted`, those reserved by a verifier not among them. Durable, unlike the rest. */
  readonly left: number | null
  /** When and from where the old secret of a rotation was last accepted. */
  readonly oldLastAt: EpochMs | null
  readonly oldLastIp: string | null
}

export const unused: TokenUse = {
  firstAt: null,
  lastAt: null,
  lastIp: null,
  lastClient: null,
  count: 0,
  left: null,
  oldLastAt: null,
  oldLastIp: null,
}

export const labelLengthMax = 256
/** So many generations of tokens may stand above one; nobody makes tokens by tokens so deep in earnest. */
export const ancestorsMax = 64

/** Revoked tokens and expired ones stay listed this long; afterwards only the audit log knows them. */
export const keptAfterEndMs = 30 * 24 * 3_600_000

/** What a person is told about a token: the strongest of what holds. */
export function statusOf(token: Token, now: EpochMs): TokenStatus {
  if (token.revokedAt !== null) return 'revoked'
  if (isExpired(token, now)) return 'expired'
  return token.isActive ? 'active' : 'suspended'
}

export function isExpired(token: Token, now: EpochMs): boolean {
  return token.expiresAt !== null && token.expiresAt <= now
}

/** Neither revoked nor expired: suspended tokens still count, since they can be resumed. */
export function isLive(token: Token, now: EpochMs): boolean {
  return token.revokedAt === null && !isExpired(token, now)
}

/** Whether its maker binds it in nothing, being a manager: a token that an account's token made names that account. */
export function isMadeByManager({ kind, parentTokenId, createdBy }: Token): boolean {
  return parentTokenId !== null && (kind === 'manager' || (kind === 'account' && createdBy === null))
}

/** The token after it was revoked. Revoking is final, so a revoked token stays as it is. */
export function revoked(token: Token, at: EpochMs, reason: string): Token {
  return token.revokedAt === null ? { ...token, revokedAt: at, revokedReason: reason } : token
}

/** @throws `token-ended` for a token that is revoked or expired, which nothing can undo. */
export function requireNotEnded(token: Token, now: EpochMs): void {
  if (token.revokedAt !== null) {
    throw new Failure('token-ended', 'This token is revoked, which is final. Make a new one.')
  }
  if (isExpired(token, now)) throw new Failure('token-ended', 'This token has expired. Make a new one.')
}
