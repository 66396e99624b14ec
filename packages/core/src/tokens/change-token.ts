import { callerInForce, readRules } from '../access/rules.ts'
import { callerGuards } from '../log/guards.ts'
import { authorise } from '../access/authorise.ts'
import { actorOf, type Caller } from '../domain/caller.ts'
import type { Action, Change, Effect } from '../log/change.ts'
import { commit, settle, writtenToken, type Conflict } from '../log/commit.ts'
import { areEnclosed, requireNoGrowth } from '../access/grow.ts'
import type { TokenId } from '../domain/id.ts'
import { requireCatalogued } from '../domain/catalogue.ts'
import { checkedScopes, limitsFor, normaliseAllowedIps, requireCoherent, requireLifetimeAllowed } from './issue.ts'
import { canonicalJson, type Json, type JsonObject } from '../domain/json.ts'
import type { Ports } from '../ports.ts'
import { findToManage } from '../access/token-access.ts'
import { isNoMore, type RateLimit } from '../domain/rate.ts'
import { callerRenewing } from '../access/renewal.ts'
import { missingScopes, type Scope } from '../domain/scope.ts'
import { inForce, type Rules } from '../domain/settings.ts'
import { formatInstantOrNull, isLater, type EpochMs } from '../domain/time.ts'
import { requireNotEnded, type Origin, type Token } from '../domain/token.ts'

/** What may be changed of a token; what is left out stays. */
export interface TokenEdit {
  readonly label?: string
  readonly isActive?: boolean
  readonly scopes?: readonly Scope[]
  /** `null` makes it permanent, and it counts as such. */
  readonly expiresAt?: EpochMs | null
  readonly allowedIps?: readonly string[]
  /** `null`: as often as one likes. */
  readonly rateLimit?: RateLimit | null
  readonly metadata?: JsonObject
}

/**
 * Changes a token, suspends it or resumes it.
 * @throws what `issueToken` throws for a token as the result would be; `not-found`; `token-ended` for one that is
 *   revoked or expired.
 */
export async function changeToken(
  ports: Ports,
  caller: Caller,
  id: TokenId,
  edit: TokenEdit,
  how: Changing = {},
): Promise<Token> {
  return settle(ports, caller, (current) => tryToChange(ports, current, id, edit, how))
}

export interface Changing {
  /** Through which door the token that asks renews others, if it does: `callerRenewing` says what that allows. */
  readonly renewsAt?: Origin
}

async function tryToChange(
  ports: Ports,
  caller: Caller,
  id: TokenId,
  edit: TokenEdit,
  { renewsAt }: Changing,
): Promise<Token | Conflict> {
  const reach = authorise(caller, 'tokens.write')
  const { token: before, guards } = await findToManage(ports, reach, id)
  const now = ports.clock.now()
  const rules = await readRules(ports, before.projectId)
  requireNotEnded(inForce(before, rules), now)
  const after = edited(before, edit, rules)
  const changed = changedFields(before, after)
  if (changed.length === 0) return before
  // Suspending only takes away, so whoever may write the token may do it, as they may revoke it.
  const isSuspension = !after.isActive && changed.every((field) => field === 'isActive')
  if (!isSuspension) {
    requireCoherent(after, now)
    requireLifetimeAllowed(after, rules.policy, before)
    if (edit.scopes !== undefined) requireCatalogued(rules.catalogue, after)
    const inRules = await callerInForce(ports, caller)
    const renewal = renewsAt && { origin: renewsAt, policy: rules.policy, now }
    const bounded = renewal ? await callerRenewing(ports, inRules, after, renewal) : inRules
    requireNoGrowth(bounded, inForce(after, rules))
  }
  const change = changing(rules, caller, before, after, changed, now)
  const outcome = await commit(ports, [{ ...change, guards: [...change.guards, ...guards] }])
  return outcome.outcome === 'conflict' ? outcome : writtenToken(outcome)
}

function edited(before: Token, edit: TokenEdit, { catalogue }: Rules): Token {
  const fields: Pick<Token, keyof TokenEdit> = {
    label: edit.label ?? before.label,
    isActive: edit.isActive ?? before.isActive,
    scopes: edit.scopes === undefined ? before.scopes : checkedScopes(edit.scopes),
    expiresAt: edit.expiresAt === undefined ? before.expiresAt : edit.expiresAt,
    allowedIps: edit.allowedIps === undefined ? before.allowedIps : normaliseAllowedIps(edit.allowedIps),
    rateLimit: edit.rateLimit === undefined ? before.rateLimit : edit.rateLimit,
    metadata: edit.metadata ?? before.metadata,
  }
  return {
    ...before,
    ...fields,
    ...(edit.scopes === undefined || before.kind === 'manager' ? {} : { scopesVersion: catalogue?.version ?? 0 }),
    ...(edit.expiresAt === undefined ? {} : followingExpiry(before, edit.expiresAt)),
  }
}

/** An expiry that somebody sets holds for both secrets of a rotation. What never expires has nothing to renew. */
function followingExpiry(
  { rotation, renewableUntil, firstLifetimeMs }: Token,
  expiresAt: EpochMs | null,
): Pick<Token, 'rotation' | 'renewableUntil' | 'firstLifetimeMs'> {
  const isPermanent = expiresAt === null
  return {
    rotation: rotation && { ...rotation, oldExpiresAt: expiresAt },
    renewableUntil: isPermanent ? null : renewableUntil,
    firstLifetimeMs: isPermanent ? null : firstLifetimeMs,
  }
}

/** How the log names each field. */
const fieldNames: Readonly<Record<keyof TokenEdit, string>> = {
  label: 'label',
  isActive: 'is_active',
  scopes: 'scopes',
  expiresAt: 'expires_at',
  allowedIps: 'allowed_ips',
  rateLimit: 'rate_limit',
  metadata: 'metadata',
}

const editable = Object.keys(fieldNames) as (keyof TokenEdit)[]

function changedFields(before: Token, after: Token): (keyof TokenEdit)[] {
  const isGivenAnew = before.scopesVersion !== after.scopesVersion
  return editable.filter((field) => {
    return (field === 'scopes' && isGivenAnew) || canonicalJson(before[field]) !== canonicalJson(after[field])
  })
}

function changing(
  { policy, guards }: Awaited<ReturnType<typeof readRules>>,
  caller: Caller,
  before: Token,
  after: Token,
  changed: readonly (keyof TokenEdit)[],
  now: EpochMs,
): Change {
  const details = changed.map((field): [string, Json] => [
    fieldNames[field],
    { from: loggedValue(before, field), to: loggedValue(after, field) },
  ])
  return {
    at: now,
    actor: actorOf(caller),
    action: actionOf(before, after),
    effect: effectOf(before, after),
    subject: { type: 'token', id: after.id },
    details: Object.fromEntries(details),
    write: { put: 'token', token: after, ...limitsFor(after, policy) },
    guards: [...callerGuards(caller), ...guards],
  }
}

function loggedValue(token: Token, field: keyof TokenEdit): Json {
  return field === 'expiresAt' ? formatInstantOrNull(token.expiresAt) : token[field]
}

function actionOf(before: Token, after: Token): Action {
  if (before.isActive === after.isActive) return 'token.updated'
  return after.isActive ? 'token.resumed' : 'token.suspended'
}

/** Whether anything that the token could do before it cannot do afterwards. */
export function effectOf(before: Token, after: Token): Effect {
  const takes =
    (before.isActive && !after.isActive) ||
    isLater(before.expiresAt, after.expiresAt) ||
    missingScopes(after.scopes, before.scopes).length > 0 ||
    !areEnclosed(after.allowedIps, before.allowedIps) ||
    !isNoMore(before.rateLimit, after.rateLimit)
  return takes ? 'takes' : 'gives'
}
