import { Secret } from '@chatelaine/token'
import { callerGuards } from '../log/guards.ts'
import { callerInForce } from '../access/rules.ts'
import { heldBy } from '../access/grow.ts'
import { authorise } from '../access/authorise.ts'
import { isPortalAllowed, requirePortalAllowed } from '../access/portal.ts'
import { accountRoles, type Account, type AccountRole } from '../domain/account.ts'
import { actorOf, type Caller, type Peer, type PortalCaller, type TokenCaller } from '../domain/caller.ts'
import { Failure, notFound } from '../domain/failure.ts'
import { isAccountId, isTokenId, type AccountId, type TokenId } from '../domain/id.ts'
import { digestOf, secretEndsAt, type SecretAge } from '../domain/rotation.ts'
import { earlier, formatInstant, secondMs, type EpochMs } from '../domain/time.ts'
import type { Token } from '../domain/token.ts'
import { commit, settle, type Conflict } from '../log/commit.ts'
import { makeOnce, onceOf, requireSameRequest, type OnceAsk } from '../log/once.ts'
import type { Keys, Ports } from '../ports.ts'

/**
 * What a platform's backend gives to a page of its own, so that the page shows and manages the tokens of one account: the
 * manager token that opened it never leaves the backend. Nothing of it is stored. It says whom it is for and who opened it
 * under a MAC, and whether those two still allow it is asked anew each time.
 */
export interface PortalSession {
  readonly managerTokenId: TokenId
  readonly accountId: AccountId
  /** That of the account when it was opened. */
  readonly role: AccountRole
  readonly endsAt: EpochMs
  /** The keyed hash by which the secret of the manager token is told that opened it. */
  readonly openedBy: string
}

export interface PortalAsk {
  readonly account: { readonly id: AccountId } | { readonly externalId: string }
  readonly lifetimeSeconds: number
}

export type PortalOpened =
  /** The one time that the secret is there. */
  | { readonly repeated: false; readonly accountId: AccountId; readonly endsAt: EpochMs; readonly secret: Secret }
  /** The same idempotency key opened this one before; its secret was shown then. */
  | { readonly repeated: true; readonly accountId: AccountId; readonly endsAt: EpochMs }

/**
 * Opens a portal session for an account. It lives no longer than the manager token that opens it, and ends at once when
 * that is revoked, suspended or loses the scope, when that secret of it ends, when the account is disabled and when its
 * role changes.
 * @throws `scope-missing`, `not-permitted` for whoever is no manager token and for a disabled account, `not-found`,
 *   `exceeds-caller` for an administrator, `idempotency-running`, `idempotency-key-reused`.
 */
export async function openPortalSession(
  ports: Ports,
  caller: Caller,
  ask: PortalAsk,
  once?: OnceAsk,
): Promise<PortalOpened> {
  requireManager(caller)
  const make = () => settle(ports, caller, (current) => tryToOpen(ports, current, ask, once))
  return makeOnce(ports, caller, once, make, (accountId, at) => again(ports, caller, ask, accountId, at))
}

async function tryToOpen(
  ports: Ports,
  caller: Caller,
  ask: PortalAsk,
  once: OnceAsk | undefined,
): Promise<PortalOpened | Conflict> {
  const manager = requireManager(caller)
  const account = await findAccount(ports, ask.account)
  requirePortalAllowed(manager, account)
  const now = ports.clock.now()
  const endsAt = await endOf(ports, manager, ask, now)
  const outcome = await commit(
    ports,
    [
      {
        at: now,
        actor: actorOf(manager),
        action: 'account.portal_opened',
        effect: 'none',
        subject: { type: 'account', id: account.id },
        details: { expires_at: formatInstant(endsAt) },
        write: { put: 'nothing' },
        guards: [
          ...callerGuards(manager),
          { guard: 'account-unchanged', id: account.id, changedSeq: account.changedSeq },
        ],
      },
    ],
    once && onceOf(ports, manager, once, now),
  )
  if (outcome.outcome === 'conflict') return outcome
  if (outcome.outcome === 'repeated') {
    if (once !== undefined) requireSameRequest(ports, outcome.first, once)
    return again(ports, manager, ask, outcome.first.subjectId, outcome.first.at)
  }
  return { repeated: false, accountId: account.id, endsAt, secret: bearerFor(ports.keys, manager, account, endsAt) }
}

/** @throws `scope-missing`, `not-permitted`. */
function requireManager(caller: Caller): TokenCaller {
  authorise(caller, 'portal-sessions.open')
  if (caller.type === 'token' && caller.token.kind === 'manager') return caller
  throw new Failure('not-permitted', 'Only a manager token opens portal sessions.')
}

async function findAccount({ accounts, freshness }: Ports, named: PortalAsk['account']): Promise<Account> {
  const account =
    'id' in named
      ? await accounts.find(named.id)
      : (await accounts.list({ externalId: named.externalId, limit: 1 })).items[0]
  if (account === undefined) throw notFound('account')
  await freshness.reach(account.changedSeq)
  return account
}

/** What is told of one that was opened before is what holds now: its manager token may have been shortened meanwhile. */
async function again(
  ports: Ports,
  caller: Caller,
  ask: PortalAsk,
  accountId: string,
  openedAt: EpochMs,
): Promise<PortalOpened> {
  const endsAt = await endOf(ports, requireManager(caller), ask, openedAt)
  return { repeated: true, accountId: accountId as AccountId, endsAt }
}

async function endOf(ports: Ports, manager: TokenCaller, ask: PortalAsk, openedAt: EpochMs): Promise<EpochMs> {
  const inRules = await callerInForce(ports, manager)
  const managerEndsAt = inRules.type === 'token' ? heldBy(inRules).expiresAt : null
  return earlier(openedAt + ask.lifetimeSeconds * secondMs, managerEndsAt)!
}

/** What no token begins with, so that one look tells which of the two was presented. */
const lead = 'portal.'

/** Whether a presented credential claims to be a portal session. */
export function isPortalSession(presented: string): boolean {
  return presented.startsWith(lead)
}

/** `portal`, the key's id, what it says and the MAC, divided by dots. `~`, which RFC 6750 allows and no id has, divides what it says. */
function bearerFor(keys: Keys, { token, secret }: TokenCaller, { id, role }: Account, endsAt: EpochMs): Secret {
  const openedBy = keys.mac('bearer', markOf(digestOf(token, secret))).split(':')[1]
  const said = [token.id, id, role, endsAt, openedBy].join('~')
  const [keyId, mac] = keys.mac('bearer', sealed(said)).split(':')
  return new Secret(`${lead}${keyId}.${said}.${mac}`)
}

/**
 * What a portal session says, when it is genuine and its time is not over; else `undefined`. Asks nothing of the store:
 * whether manager and account still allow it is for the verifier and `enterPortal` to say.
 */
export function readPortalSession({ keys, clock }: Ports, presented: string): OpenPortal | undefined {
  if (!isPortalSession(presented)) return undefined
  const [keyId = '', said = '', mac = '', ...rest] = presented.slice(lead.length).split('.')
  const session = parse(said)
  if (session === undefined || rest.length > 0) return undefined
  if (!keys.macMatches('bearer', sealed(said), `${keyId}:${mac}`) || clock.now() >= session.endsAt) return undefined
  return { ...session, secretOf: (token) => secretThatOpened(keys, token, `${keyId}:${session.openedBy}`) }
}

/** A genuine session, with which secret of the manager token opened it, as the token now stands. */
export interface OpenPortal extends PortalSession {
  readonly secretOf: (token: Token) => SecretAge | undefined
}

/**
 * `undefined` when the secret is gone, so that rotating a manager token that leaked ends what was opened with it. A digest
 * that moves to a new master key ends it too: whoever shows the page opens another.
 */
function secretThatOpened(keys: Keys, token: Token, openedBy: string): SecretAge | undefined {
  const ages: readonly SecretAge[] = token.rotation === null ? ['newest'] : ['newest', 'old']
  return ages.find((age) => keys.macMatches('bearer', markOf(digestOf(token, age)), openedBy))
}

/**
 * Lets a portal session in, once the verifier has found the manager token behind it good for `managerQuestion`.
 * @throws `credential-rejected` when the account does not allow it any more.
 */
export async function enterPortal(
  ports: Ports,
  { accountId, role, endsAt }: PortalSession,
  { token, secret }: Pick<TokenCaller, 'token' | 'secret'>,
  peer: Peer,
): Promise<PortalCaller> {
  const manager: TokenCaller = { type: 'token', token, secret, peer }
  const account = await ports.accounts.find(accountId)
  if (account === undefined || !isPortalAllowed(manager, account, role)) throw portalOver()
  return { type: 'portal', account, manager, endsAt: earlier(endsAt, secretEndsAt(token, secret))!, peer }
}

/** What a page is told whose session is over, for whatever reason: those who may know it read the log. */
export function portalOver(): Failure {
  return new Failure('credential-rejected', 'This portal session is over. Open another for the page that shows it.')
}

function parse(said: string): PortalSession | undefined {
  const [managerTokenId = '', accountId = '', role = '', expiry = '', openedBy = '', ...rest] = said.split('~')
  if (rest.length > 0 || !isTokenId(managerTokenId) || !isAccountId(accountId)) return undefined
  if (!isRole(role) || !/^[1-9][0-9]{0,15}$/.test(expiry)) return undefined
  return { managerTokenId, accountId, role, endsAt: Number(expiry), openedBy }
}

function isRole(text: string): text is AccountRole {
  return accountRoles.some((role) => role === text)
}

function sealed(said: string): string {
  return `portal ${said}`
}

function markOf(digest: string): string {
  return `portal-secret ${digest}`
}
