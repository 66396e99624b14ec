import type { AnswerOf, BodyOf, QueryOf } from '@chatelaine/api'
import {
  formatInstant,
  formatInstantOrNull,
  oldEndsAt,
  rotationState,
  statusOf,
  type EpochMs,
  type Origin,
  type RateLimit,
  type Token,
  type TokenAsk,
  type TokenEdit,
  type TokenFilters,
} from '@chatelaine/core'
import { saidBy, type Meanings } from './given.ts'

type TokenJson = AnswerOf<'getToken', 200>

/** A token in the words of the API. Its digest stays here. */
export function tokenJson(token: Token, now: EpochMs): TokenJson {
  return {
    id: token.id,
    serial: token.serial,
    uuid: token.uuid,
    kind: token.kind,
    account_id: token.accountId,
    project_id: token.projectId,
    label: token.label,
    start: token.start,
    status: statusOf(token, now),
    is_active: token.isActive,
    permanent: token.expiresAt === null,
    scopes: [...token.scopes],
    allowed_ips: [...token.allowedIps],
    metadata: token.metadata,
    created_at: formatInstant(token.createdAt),
    created_by: token.createdBy,
    parent_token_id: token.parentTokenId,
    origin: token.origin,
    not_before: formatInstantOrNull(token.notBefore),
    expires_at: formatInstantOrNull(token.expiresAt),
    first_used_at: formatInstantOrNull(token.use.firstAt),
    last_used_at: formatInstantOrNull(token.use.lastAt),
    last_used_ip: token.use.lastIp,
    last_used_client: token.use.lastClient,
    use_count: token.use.count,
    revoked_at: formatInstantOrNull(token.revokedAt),
    revoked_reason: token.revokedReason,
    rate_limit: rateLimitJson(token.rateLimit),
    uses_remaining: token.use.left,
    renewable_until: formatInstantOrNull(token.renewableUntil),
    rotation: rotationJson(token, now),
  }
}

function rateLimitJson(rate: RateLimit | null): TokenJson['rate_limit'] {
  return rate && { limit: rate.limit, window_seconds: rate.windowSeconds }
}

function rateLimitOf(json: NonNullable<TokenJson['rate_limit']>): RateLimit {
  return { limit: json.limit, windowSeconds: json.window_seconds }
}

/** A rotation that is over is none any more: one secret is left. */
function rotationJson({ rotation, use }: Token, now: EpochMs): TokenJson['rotation'] {
  const state = rotation === null ? 'over' : rotationState(rotation, now)
  if (rotation === null || state === 'over') return null
  const isOldUsed = use.oldLastAt !== null && use.oldLastAt >= rotation.startedAt
  return {
    state,
    started_at: formatInstant(rotation.startedAt),
    first_used_at: formatInstantOrNull(rotation.firstUsedAt),
    old_ends_at: formatInstant(oldEndsAt(rotation)),
    old_last_used_at: isOldUsed ? formatInstant(use.oldLastAt) : null,
    old_last_used_ip: isOldUsed ? use.oldLastIp : null,
  }
}

/** What a body asks of a token to be made. */
export function tokenAsk(body: BodyOf<'createToken'>, origin: Origin): TokenAsk {
  return { ...saidBy(body, createMeanings), origin }
}

const createMeanings: Meanings<BodyOf<'createToken'>, TokenAsk> = {
  label: (label) => ({ label }),
  kind: (kind) => ({ kind }),
  account_id: (accountId) => ({ accountId }),
  project_id: (projectId) => ({ projectId }),
  scopes: (scopes) => ({ scopes }),
  lifetime_seconds: (lifetimeSeconds) => ({ life: { lifetimeSeconds } }),
  expires_at: (expiresAt) => ({ life: { expiresAt } }),
  // False says what is so anyway.
  permanent: (permanent) => (permanent ? { life: { permanent } } : {}),
  rate_limit: (rate) => ({ rateLimit: rateLimitOf(rate) }),
  uses_remaining: (usesGranted) => ({ usesGranted }),
  renewable_until: (renewableUntil) => ({ renewableUntil }),
  not_before: (notBefore) => ({ notBefore }),
  allowed_ips: (allowedIps) => ({ allowedIps }),
  metadata: (metadata) => ({ metadata }),
}

/** What a body asks to be changed of a token. */
export function tokenEdit(body: BodyOf<'updateToken'>): TokenEdit {
  return saidBy(body, updateMeanings)
}

const updateMeanings: Meanings<BodyOf<'updateToken'>, TokenEdit> = {
  label: (label) => ({ label }),
  is_active: (isActive) => ({ isActive }),
  scopes: (scopes) => ({ scopes }),
  expires_at: (expiresAt) => ({ expiresAt }),
  allowed_ips: (allowedIps) => ({ allowedIps }),
  rate_limit: (rate) => ({ rateLimit: rate && rateLimitOf(rate) }),
  metadata: (metadata) => ({ metadata }),
}

type Filters = Omit<QueryOf<'listTokens'>, 'status' | 'sort' | 'limit' | 'cursor'>

/** Which tokens a query is about, whatever their status. */
export function tokenFilters(query: Filters): Partial<TokenFilters> {
  return saidBy(query, filterMeanings)
}

const filterMeanings: Meanings<Filters, TokenFilters> = {
  account_id: (accountId) => ({ accountId }),
  project_id: (projectId) => ({ projectId }),
  kind: (kind) => ({ kind }),
  permanent: (permanent) => ({ permanent }),
  origin: (origin) => ({ origin }),
  q: (text) => ({ text }),
  expires_before: (expiresBefore) => ({ expiresBefore }),
  unused_since: (unusedSince) => ({ unusedSince }),
  never_used: () => ({ neverUsed: true }),
}
