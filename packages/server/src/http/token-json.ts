import type { AnswerOf, BodyOf, QueryOf } from '@chatelaine/api'
import {
  formatInstant,
  formatInstantOrNull,
  oldEndsAt,
  rotationState,
  statusOf,
  type EpochMs,
  type Life,
  type Origin,
  type RateLimit,
  type Token,
  type TokenAsk,
  type TokenEdit,
  type TokenFilters,
} from '@chatelaine/core'

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
  const life = lifeOf(body)
  return {
    ...(body.kind === undefined ? {} : { kind: body.kind }),
    ...(body.account_id === undefined ? {} : { accountId: body.account_id }),
    ...(body.project_id === undefined ? {} : { projectId: body.project_id }),
    ...(body.rate_limit === undefined ? {} : { rateLimit: rateLimitOf(body.rate_limit) }),
    ...(body.uses_remaining === undefined ? {} : { usesGranted: body.uses_remaining }),
    ...(body.renewable_until === undefined ? {} : { renewableUntil: body.renewable_until }),
    ...(body.label === undefined ? {} : { label: body.label }),
    ...(body.scopes === undefined ? {} : { scopes: body.scopes }),
    ...(body.allowed_ips === undefined ? {} : { allowedIps: body.allowed_ips }),
    ...(body.metadata === undefined ? {} : { metadata: body.metadata }),
    ...(body.not_before === undefined ? {} : { notBefore: body.not_before }),
    ...(life === undefined ? {} : { life }),
    origin,
  }
}

/** `permanent: false` says what is so anyway. */
function lifeOf(body: BodyOf<'createToken'>): Life | undefined {
  if (body.lifetime_seconds !== undefined) return { lifetimeSeconds: body.lifetime_seconds }
  if (body.expires_at !== undefined) return { expiresAt: body.expires_at }
  return body.permanent === true ? { permanent: true } : undefined
}

/** What a body asks to be changed of a token. */
export function tokenEdit(body: BodyOf<'updateToken'>): TokenEdit {
  return {
    ...(body.label === undefined ? {} : { label: body.label }),
    ...(body.is_active === undefined ? {} : { isActive: body.is_active }),
    ...(body.scopes === undefined ? {} : { scopes: body.scopes }),
    ...(body.expires_at === undefined ? {} : { expiresAt: body.expires_at }),
    ...(body.allowed_ips === undefined ? {} : { allowedIps: body.allowed_ips }),
    ...(body.rate_limit === undefined ? {} : { rateLimit: body.rate_limit && rateLimitOf(body.rate_limit) }),
    ...(body.metadata === undefined ? {} : { metadata: body.metadata }),
  }
}

/** Which tokens a query is about, whatever their status. */
export function tokenFilters(
  query: QueryOf<'listTokens'> | QueryOf<'revokeTokens'>,
): Omit<TokenFilters, 'now' | 'statuses'> {
  return {
    ...(query.account_id === undefined ? {} : { accountId: query.account_id }),
    ...(query.project_id === undefined ? {} : { projectId: query.project_id }),
    ...(query.kind === undefined ? {} : { kind: query.kind }),
    ...(query.permanent === undefined ? {} : { permanent: query.permanent }),
    ...(query.origin === undefined ? {} : { origin: query.origin }),
    ...(query.q === undefined ? {} : { text: query.q }),
    ...(query.expires_before === undefined ? {} : { expiresBefore: query.expires_before }),
    ...(query.unused_since === undefined ? {} : { unusedSince: query.unused_since }),
    ...(query.never_used === undefined ? {} : { neverUsed: true as const }),
  }
}
