import { generateToken, type Secret, type TokenKind } from '@chatelaine/token'
import { callerInForce, readRules } from '../access/rules.ts'
import { callerGuards } from '../log/guards.ts'
import { formatBlock, parseBlock } from '../domain/address.ts'
import { authorise } from '../access/authorise.ts'
import { accountIdOf, actorOf, tokenBehind, type Caller, type TokenCaller } from '../domain/caller.ts'
import type { Change, Guard, TokenLimits } from '../log/change.ts'
import { commit, settle, writtenToken, type Conflict } from '../log/commit.ts'
import { requireCatalogued } from '../domain/catalogue.ts'
import { Failure, fieldFailure, notFound } from '../domain/failure.ts'
import { heldBy, requireNoGrowth } from '../access/grow.ts'
import { newUuid, type AccountId, type ProjectId, type TokenId } from '../domain/id.ts'
import type { JsonObject } from '../domain/json.ts'
import { makeOnce, onceOf, requireSameRequest, type OnceAsk } from '../log/once.ts'
import { boundOf, type Policy } from '../domain/policy.ts'
import type { Ports } from '../ports.ts'
import type { RateLimit } from '../domain/rate.ts'
import { callerRenewing, type Renewal } from '../access/renewal.ts'
import { isManagementScope, normaliseScopes, scopeFault, type Scope } from '../domain/scope.ts'
import { inForce, type Rules } from '../domain/settings.ts'
import { findTokenOwner, ownedBy, type TokenOwner } from '../owners/token-owner.ts'
import {
  earlier,
  formatInstant,
  formatInstantOrNull,
  isLater,
  latestAt,
  secondMs,
  type EpochMs,
} from '../domain/time.ts'
import { ancestorsMax, unused, type Origin, type Token } from '../domain/token.ts'

/** What somebody asks of a token to be made. What is left out is decided by policy and by who asks. */
export interface TokenAsk {
  /** A project token where a project is named, else an account token, unless said otherwise. */
  readonly kind?: TokenKind
  /** Whose it will be; the caller's own account when absent. */
  readonly accountId?: AccountId
  /** The one project that it will reach; the caller's own project when a project token asks. */
  readonly projectId?: ProjectId
  readonly label?: string
  readonly scopes?: readonly Scope[]
  readonly allowedIps?: readonly string[]
  readonly metadata?: JsonObject
  readonly notBefore?: EpochMs
  /** Temporary for the policy's lifetime when absent. */
  readonly life?: Life
  readonly renewableUntil?: EpochMs
  readonly rateLimit?: RateLimit
  readonly usesGranted?: number
  readonly origin: Origin
  /** Asked for in place of the temporary token that asks: `callerRenewing` says what that allows. */
  readonly renews?: boolean
}

export type Life = { readonly lifetimeSeconds: number } | { readonly expiresAt: EpochMs } | { readonly permanent: true }

export type Issued =
  /** The one time that the secret is there. */
  | { readonly repeated: false; readonly token: Token; readonly secret: Secret }
  /** The same idempotency key made this token before; its secret was shown then. */
  | { readonly repeated: true; readonly token: Token }

/**
 * The one function that issues. Every door, native or a wire, makes its tokens here.
 * @throws `credential-required`, `scope-missing`, `not-permitted`, `exceeds-caller`, `not-found` for another's account,
 *   `invalid-request` for what contradicts itself and for scopes outside the catalogue, `lifetime-too-long`,
 *   `permanent-limit-reached`, `token-limit-reached`,
 *   `idempotency-running`, `idempotency-key-reused`.
 */
export async function issueToken(ports: Ports, caller: Caller, ask: TokenAsk, once?: OnceAsk): Promise<Issued> {
  authorise(caller, 'tokens.write')
  const make = () => settle(ports, caller, (current) => tryToIssue(ports, current, ask, once))
  const again = async (id: string): Promise<Issued> => ({ repeated: true, token: await readIssued(ports, id) })
  return makeOnce(ports, caller, once, make, again)
}

async function tryToIssue(
  ports: Ports,
  caller: Caller,
  ask: TokenAsk,
  once: OnceAsk | undefined,
): Promise<Issued | Conflict> {
  const reach = authorise(caller, 'tokens.write')
  const { owner, guards } = await findTokenOwner(ports, caller, reach, ask)
  await requireRoomBelow(ports, caller)
  const rules = await readRules(ports, owner.kind === 'project' ? owner.project.id : null)
  const now = ports.clock.now()
  const bounded = await callerBounds(ports, caller, owner, { origin: ask.origin, policy: rules.policy, now }, ask)
  const { token, secret } = composeToken(ports, bounded, owner, rules, ask, now)
  requireLifetimeAllowed(token, rules.policy)
  requireCatalogued(rules.catalogue, token)
  requireNoGrowth(bounded, inForce(token, rules))
  const change = creation(caller, token, rules, guards)
  const outcome = await commit(ports, [change], once && onceOf(ports, caller, once, token.createdAt))
  if (outcome.outcome === 'conflict') return outcome
  if (outcome.outcome === 'repeated') {
    if (once !== undefined) requireSameRequest(ports, outcome.first, once)
    return { repeated: true, token: await readIssued(ports, outcome.first.subjectId) }
  }
  return { repeated: false, token: writtenToken(outcome), secret }
}

async function callerBounds(
  ports: Ports,
  caller: Caller,
  owner: TokenOwner,
  renewal: Renewal,
  { renews = false }: TokenAsk,
): Promise<Caller> {
  const bounded = await callerInForce(ports, caller)
  return renews ? callerRenewing(ports, bounded, ownedBy(owner), renewal) : bounded
}

/**
 * What a token makes shares its limits and those above it, which are looked for only so far.
 * @throws `not-permitted` for a token that is too many generations below a person, the operator or a manager.
 */
export async function requireRoomBelow(ports: Ports, caller: Caller): Promise<void> {
  if (caller.type !== 'token' || caller.token.parentTokenId === null || caller.token.kind === 'manager') return
  const above = (await ports.tokens.findStanding(caller.token.id))?.ancestors.length ?? ancestorsMax
  if (above < ancestorsMax) return
  throw new Failure(
    'not-permitted',
    `Tokens that tokens made may be ${ancestorsMax} generations deep, and this one is the last. Use one of those above.`,
  )
}

async function readIssued(ports: Ports, id: string): Promise<Token> {
  const token = await ports.tokens.find(id as TokenId)
  if (token === undefined) throw notFound('token')
  return token
}

function composeToken(
  ports: Ports,
  caller: Caller,
  owner: TokenOwner,
  { policy, catalogue }: Rules,
  ask: TokenAsk,
  now: EpochMs,
): { token: Token; secret: Secret } {
  const { kind } = owner
  const made = generateToken({ prefix: ports.tokenPrefix, kind }, ports.random)
  const expiresAt = chosenExpiry(caller, kind, ask.life, policy, now)
  const token: Token = {
    id: made.id as TokenId,
    serial: 0,
    uuid: newUuid(ports.random),
    ...ownedBy(owner),
    label: ask.label ?? '',
    start: made.start,
    isActive: true,
    scopes: chosenScopes(caller, kind, ask.scopes),
    scopesVersion: kind === 'manager' ? 0 : (catalogue?.version ?? 0),
    allowedIps: normaliseAllowedIps(ask.allowedIps ?? inheritedIps(caller, kind)),
    metadata: ask.metadata ?? {},
    createdAt: now,
    createdBy: makerOf(caller),
    parentTokenId: tokenBehind(caller)?.id ?? null,
    origin: ask.origin,
    notBefore: ask.notBefore ?? null,
    expiresAt,
    revokedAt: null,
    revokedReason: null,
    digest: ports.keys.digest(made.token.reveal()),
    rateLimit: ask.rateLimit ?? null,
    usesGranted: ask.usesGranted ?? null,
    renewableUntil: ask.renewableUntil ?? null,
    firstLifetimeMs: expiresAt === null ? null : expiresAt - now,
    rotation: null,
    changedSeq: 0,
    use: unused,
  }
  requireCoherent(token, now)
  requireRenewable(token)
  return { token, secret: made.token }
}

/** A project token makes others in the name of whoever made it, so that they end with the same membership. */
function makerOf(caller: Caller): AccountId | null {
  if (caller.type === 'token' && caller.token.kind === 'project') return caller.token.createdBy
  return accountIdOf(caller)
}

/** Left out, scopes are all that the maker may give; a manager's are never guessed. */
function chosenScopes(caller: Caller, kind: TokenKind, asked: readonly Scope[] | undefined): Scope[] {
  if (asked !== undefined) return checkedScopes(asked)
  if (kind === 'manager') throw fieldFailure('/scopes', 'a manager token needs its scopes named')
  return isBoundTo(caller, kind) ? normaliseScopes(caller.token.scopes) : ['*']
}

/** Left out, addresses are the maker's own, since the token could not be made with fewer bounds. */
function inheritedIps(caller: Caller, kind: TokenKind): readonly string[] {
  return isBoundTo(caller, kind) ? caller.token.allowedIps : []
}

function chosenExpiry(
  caller: Caller,
  kind: TokenKind,
  life: Life | undefined,
  policy: Policy,
  now: EpochMs,
): EpochMs | null {
  if (life === undefined) {
    const temporary = now + policy.temporaryLifetimeSeconds * secondMs
    return isBoundTo(caller, kind) ? earlier(temporary, heldBy(caller).expiresAt) : temporary
  }
  if ('permanent' in life) return null
  return 'expiresAt' in life ? life.expiresAt : now + life.lifetimeSeconds * secondMs
}

/** Whether what this caller makes is bound by the caller's own token: what a manager makes for others is not. */
function isBoundTo(caller: Caller, kind: TokenKind): caller is TokenCaller {
  return caller.type === 'token' && (caller.token.kind !== 'manager' || kind === 'manager')
}

/** The one spelling of a list of scopes. @throws `invalid-request` naming the entry that is none. */
export function checkedScopes(asked: readonly Scope[]): Scope[] {
  for (const [index, scope] of asked.entries()) {
    const fault = scopeFault(scope)
    if (fault !== undefined) throw fieldFailure(`/scopes/${index}`, fault)
  }
  return normaliseScopes(asked)
}

/** The one spelling of an allow-list. @throws `invalid-request` naming the entry that is no address and no block. */
export function normaliseAllowedIps(texts: readonly string[]): string[] {
  const blocks = texts.map((text, index) => {
    const block = parseBlock(text)
    if (block === undefined) {
      throw fieldFailure(`/allowed_ips/${index}`, 'must be an address or a CIDR block, such as 192.0.2.0/24')
    }
    return formatBlock(block)
  })
  return [...new Set(blocks)]
}

/**
 * What every token must be, whoever makes or changes it.
 * @throws `invalid-request` naming the field.
 */
export function requireCoherent(token: Token, now: EpochMs): void {
  const foreign = token.kind === 'manager' ? token.scopes.find((scope) => !isManagementScope(scope)) : undefined
  if (foreign !== undefined) {
    throw fieldFailure('/scopes', `a manager token holds only scopes of chatelaine.*, not ${foreign}`)
  }
  if (token.scopes.length === 0) throw fieldFailure('/scopes', 'name at least one scope')
  if (token.expiresAt !== null && token.expiresAt <= now) {
    throw fieldFailure('/expires_at', 'lies in the past; choose a later time')
  }
  if (token.expiresAt !== null && token.expiresAt > latestAt) {
    throw fieldFailure('/expires_at', 'lies beyond the year 9999; make the token permanent instead')
  }
  if (token.notBefore !== null && token.expiresAt !== null && token.notBefore >= token.expiresAt) {
    throw fieldFailure('/not_before', 'must be earlier than the expiry')
  }
}

/** @throws `invalid-request` for a token that would have nothing to renew, or no time to do it in. */
function requireRenewable({ renewableUntil, expiresAt }: Token): void {
  if (renewableUntil === null) return
  if (expiresAt === null) throw fieldFailure('/renewable_until', 'cannot stand beside a token that never expires')
  if (renewableUntil <= expiresAt) throw fieldFailure('/renewable_until', 'must be later than the first expiry')
}

/**
 * Policy bounds how long a token may be made to live; one that lived longer before may go on as it is, and ends where
 * policy ends it.
 * @throws `lifetime-too-long`.
 */
export function requireLifetimeAllowed(token: Token, policy: Policy, before?: Token): void {
  const bound = boundOf(token, policy)
  if (bound === null) return
  const isExtended = before === undefined || isLater(token.expiresAt, before.expiresAt)
  const renewsBeyond = before === undefined && token.renewableUntil !== null && token.renewableUntil > bound
  if (!renewsBeyond && !(isExtended && isLater(token.expiresAt, bound))) return
  throw new Failure(
    'lifetime-too-long',
    `Tokens may live for ${policy.longestLifetimeSeconds} s here, so this one until ${formatInstant(bound)} at most. Choose an earlier end.`,
  )
}

/** The limits that policy sets for tokens of this owner; manager tokens belong to nobody and have none. */
export function limitsFor(token: Token, policy: Policy): { limits?: TokenLimits } {
  if (token.kind === 'manager') return {}
  return { limits: { permanentMax: policy.permanentTokensMax, liveMax: policy.tokensPerOwnerMax } }
}

function creation(
  caller: Caller,
  token: Token,
  rules: Awaited<ReturnType<typeof readRules>>,
  guards: readonly Guard[],
): Change {
  return {
    at: token.createdAt,
    actor: actorOf(caller),
    action: 'token.created',
    effect: 'gives',
    subject: { type: 'token', id: token.id },
    details: {
      label: token.label,
      kind: token.kind,
      account_id: token.accountId,
      project_id: token.projectId,
      scopes: token.scopes,
      expires_at: formatInstantOrNull(token.expiresAt),
      origin: token.origin,
    },
    write: { put: 'token', token, ...limitsFor(token, rules.policy) },
    guards: [...callerGuards(caller), ...guards, ...rules.guards],
  }
}
