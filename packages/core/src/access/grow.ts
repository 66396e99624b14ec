import type { Account } from '../domain/account.ts'
import { encloses, parseBlocks } from '../domain/address.ts'
import type { Caller, TokenCaller } from '../domain/caller.ts'
import { Failure } from '../domain/failure.ts'
import { secretEndsAt } from '../domain/rotation.ts'
import { isNoMore } from '../domain/rate.ts'
import { allManagementScopes, missingScopes } from '../domain/scope.ts'
import { formatInstant, isLater, type EpochMs } from '../domain/time.ts'
import type { Token } from '../domain/token.ts'

/**
 * Nothing grows: a credential may make or change a token only if the result, as it will stand, is no wider,
 * longer-lived or less restricted than the credential itself. Every way of making or changing a token goes through
 * here. People who signed in are bound by policy alone; manager tokens may issue for any account, and are bound like
 * everybody else where they make managers. A portal session gives its account what `*` stands for.
 * @throws `exceeds-caller` naming each way in which the result would be more; `not-permitted` for another's token or a
 *   kind that the caller cannot make.
 */
export function requireNoGrowth(caller: Caller, result: Token): void {
  switch (caller.type) {
    case 'operator':
      return
    case 'anonymous':
      throw new Failure('credential-required', 'Sign in or send a token to make one.')
    case 'session':
      if (caller.account.role === 'admin') return
      return requireOwn(caller.account, result)
    case 'portal':
      requireOwn(caller.account, result)
      return requireGivenInPortal(result)
    case 'token':
      return caller.token.kind === 'manager'
        ? requireManager(heldBy(caller), result)
        : requireNoMore(heldBy(caller), result)
  }
}

/** The token as the presented secret has it: an old one ends with its grace, and cannot be renewed. */
export function heldBy({ token, secret }: TokenCaller): Token {
  if (secret === 'newest' || token.rotation === null) return token
  return { ...token, expiresAt: secretEndsAt(token, secret), renewableUntil: null }
}

/**
 * Making an administrator, or touching one who exists, is making a manager: only a manager token that holds every
 * management scope and lives for ever may do it.
 * @throws `exceeds-caller`.
 */
export function requireMayTouchAdministrators(caller: Caller): void {
  if (mayTouchAdministrators(caller)) return
  throw new Failure(
    'exceeds-caller',
    'Administrators may be made and changed only by an administrator, or by a permanent manager token with every management scope.',
  )
}

export function mayTouchAdministrators(caller: Caller): boolean {
  if (caller.type === 'operator') return true
  if (caller.type === 'session') return caller.account.role === 'admin'
  return caller.type === 'token' && isFullManager(caller.token) && heldBy(caller).expiresAt === null
}

function requireOwn(account: Account, result: Token): void {
  // Whether the account may make tokens of the project was told when the project was found.
  if (result.kind === 'project' || (result.kind === 'account' && result.accountId === account.id)) return
  throw new Failure(
    'not-permitted',
    'You may make tokens for yourself and your projects; ask an administrator for others.',
  )
}

/**
 * The manager behind a portal session may give the account whatever policy allows. The page gives what the owner means by
 * everything, and not the rest of the management, such as the log or another e-mail address: it does not reach those itself.
 */
function requireGivenInPortal(result: Token): void {
  const excess = missingScopes(['*'], result.scopes)
  if (excess.length === 0) return
  throw new Failure(
    'exceeds-caller',
    `A portal session may not give ${excess.join(', ')}. Sign in to the console for that.`,
  )
}

function requireManager(manager: Token, result: Token): void {
  if (result.kind !== 'manager') return
  if (!isFullManager(manager)) {
    throw new Failure(
      'exceeds-caller',
      'Only a manager token that holds every management scope may make or change a manager token.',
    )
  }
  requireNoMore(manager, result)
}

function isFullManager(token: Token): boolean {
  return token.kind === 'manager' && missingScopes(token.scopes, allManagementScopes).length === 0
}

function requireNoMore(limit: Token, result: Token): void {
  if (!isOfOneOwner(limit, result)) {
    throw new Failure('not-permitted', 'A token may make and change only tokens of its own owner and of its projects.')
  }
  const excesses = [
    excessScopes(limit, result),
    excessLife(limit, result),
    excessAddresses(limit, result),
    excessUses(limit, result),
    excessRate(limit, result),
  ]
  const named = excesses.filter((excess) => excess !== undefined)
  if (named.length > 0) {
    throw new Failure('exceeds-caller', `The token would exceed the one that asks: ${named.join('; ')}.`)
  }
}

/** An account's token may make tokens of the account's projects: it reaches them itself. */
function isOfOneOwner(limit: Token, result: Token): boolean {
  if (limit.kind === 'account' && result.kind === 'project') return true
  return result.kind === limit.kind && result.accountId === limit.accountId && result.projectId === limit.projectId
}

function excessScopes(limit: Token, result: Token): string | undefined {
  const excess = missingScopes(limit.scopes, result.scopes)
  return excess.length === 0 ? undefined : `it may not give ${excess.join(', ')}`
}

/** A token that renews itself lives until it may do so no more. */
function excessLife(limit: Token, result: Token): string | undefined {
  const renewsBeyond = result.renewableUntil !== null && isLater(result.renewableUntil, lastsUntil(limit))
  if (!renewsBeyond && !isLater(result.expiresAt, limit.expiresAt)) return undefined
  if (renewsBeyond) return `it may itself be renewed until ${formatInstant(lastsUntil(limit)!)} at most`
  return `it expires itself at ${formatInstant(limit.expiresAt!)}`
}

function lastsUntil({ expiresAt, renewableUntil }: Token): EpochMs | null {
  return expiresAt === null ? null : (renewableUntil ?? expiresAt)
}

/** Its own end is counted, and what it made would not count with it; giving itself fewer is all that it may. */
function excessUses(limit: Token, result: Token): string | undefined {
  if (limit.usesGranted === null || result.id === limit.id) return undefined
  return 'it has a limited number of uses, so it makes no others'
}

/** What it makes shares its rate; its own it may only lower, and that of others it may not lift above it. */
function excessRate(limit: Token, result: Token): string | undefined {
  const isOwnChild = result.parentTokenId === limit.id
  if (isOwnChild || isNoMore(result.rateLimit, limit.rateLimit)) return undefined
  return `it may itself be verified ${limit.rateLimit!.limit} times in ${limit.rateLimit!.windowSeconds} s`
}

function excessAddresses(limit: Token, result: Token): string | undefined {
  if (areEnclosed(limit.allowedIps, result.allowedIps)) return undefined
  return `it is itself bound to ${limit.allowedIps.join(', ')}`
}

/** Whether an allow-list admits nothing that another does not; the empty list admits everything. */
export function areEnclosed(outer: readonly string[], inner: readonly string[]): boolean {
  if (outer.length === 0) return true
  if (inner.length === 0) return false
  const blocks = parseBlocks(outer)
  return parseBlocks(inner).every((block) => blocks.some((one) => encloses(one, block)))
}
