import { randomBase62, Secret } from '@chatelaine/token'
import { callerGuards } from '../log/guards.ts'
import { foldName, type Account, type Identity } from '../domain/account.ts'
import { addressSubject } from './attempts.ts'
import { accountIdOf, actorOf, type Caller, type Peer } from '../domain/caller.ts'
import { authorise, isWithin } from '../access/authorise.ts'
import type { Change } from '../log/change.ts'
import { commit, settle, writtenAccount } from '../log/commit.ts'
import { Failure, notFound } from '../domain/failure.ts'
import { requireMayTouchAdministrators } from '../access/grow.ts'
import type { AccountId } from '../domain/id.ts'
import type { Ports } from '../ports.ts'
import { isSessionOver, type Session } from '../domain/session.ts'
import { minuteMs } from '../domain/time.ts'

const sessionIdLength = 16
const sessionSecretLength = 43

export interface SignedIn {
  readonly account: Account
  readonly session: Session
  /** What the browser holds: `<session id>.<secret>`. */
  readonly cookie: Secret
}

/**
 * Signs a person in with user name, or else e-mail address, and password. Unknown names and wrong passwords cost and say the same.
 * @throws `sign-in-failed`, `too-many-attempts`, `unavailable` when too many passwords are being checked,
 *   `changed-meanwhile` when the account was changed while its password was checked.
 */
export async function signIn(ports: Ports, peer: Peer, username: string, password: string): Promise<SignedIn> {
  const account = await checkPassword(ports, peer, username, password)
  return openSession(ports, peer, account)
}

/**
 * Whose name and password these are.
 * @throws like `signIn`.
 */
export async function checkPassword(ports: Ports, peer: Peer, username: string, password: string): Promise<Account> {
  const { byName, byAddress } = ports.attempts
  const name = foldName(username)
  const address = addressSubject(peer.ip)
  const waitSeconds = Math.max(
    byName.waitSeconds(name, ports.clock.now()),
    byAddress.waitSeconds(address, ports.clock.now()),
  )
  if (waitSeconds > 0) {
    const message = `Too many sign-ins failed. Try again in ${Math.ceil(waitSeconds / 60)} min; tokens go on working.`
    throw new Failure('too-many-attempts', message, { retryAfterSeconds: waitSeconds })
  }
  // Counted before the password is computed, so that many attempts at once are many failures.
  byName.count(name, ports.clock.now())
  byAddress.count(address, ports.clock.now())
  try {
    const account = await requireMatch(ports, username, password)
    byName.forgive(name)
    byAddress.takeBack(address)
    return account
  } catch (error) {
    // An attempt that could not be checked told nobody anything.
    if (!isSignInFailed(error)) {
      byName.takeBack(name)
      byAddress.takeBack(address)
    }
    throw error
  }
}

async function requireMatch(ports: Ports, username: string, password: string): Promise<Account> {
  const account = await findToSignIn(ports, username)
  const matches = await ports.passwords.matches(password, account?.passwordHash ?? null)
  if (account !== undefined && matches && account.status === 'active') return account
  throw new Failure('sign-in-failed', 'User name and password do not match.')
}

/**
 * By user name, or else by e-mail address. Who has no password cannot sign in by one, and hides nobody either: a user name
 * that a provider of single sign-on gave to somebody may be the address of another.
 */
async function findToSignIn({ accounts }: Ports, name: string): Promise<Account | undefined> {
  const named = await accounts.findByUsername(name)
  return named === undefined || named.passwordHash === null ? accounts.findByEmail(name) : named
}

function isSignInFailed(error: unknown): boolean {
  return error instanceof Failure && error.key === 'sign-in-failed'
}

/**
 * Signs in whoever has proved to be this account.
 * @param vouchedBy who proved it for them, for the log; nobody where they gave their password.
 * @throws `changed-meanwhile` when the account was changed since.
 */
export async function openSession(
  ports: Ports,
  peer: Peer,
  account: Account,
  vouchedBy?: Identity['issuer'],
): Promise<SignedIn> {
  const now = ports.clock.now()
  const id = `ses_${randomBase62(sessionIdLength, ports.random)}`
  const cookie = new Secret(`${id}.${randomBase62(sessionSecretLength, ports.random)}`)
  const digest = ports.keys.mac('session', cookie.reveal())
  const session: Session = { id, digest, accountId: account.id, createdAt: now, lastSeenAt: now }
  const outcome = await commit(ports, [
    {
      at: now,
      actor: actorOf({ type: 'session', account, sessionId: id, peer }),
      action: 'account.signed_in',
      effect: 'none',
      subject: { type: 'account', id: account.id },
      details: { session: id, ...(vouchedBy === undefined ? {} : { issuer: vouchedBy }) },
      write: { put: 'session', session },
      guards: [{ guard: 'account-unchanged', id: account.id, changedSeq: account.changedSeq }],
    },
  ])
  if (outcome.outcome === 'conflict') {
    throw new Failure('changed-meanwhile', 'Your account was changed while you signed in. Sign in again.')
  }
  return { account, session, cookie }
}

/** Whose session a cookie is; `undefined` when it is none, or over, or its account is disabled. */
export async function findSession(
  ports: Ports,
  cookie: string,
): Promise<{ session: Session; account: Account } | undefined> {
  const id = cookie.split('.', 1)[0] ?? ''
  const found = await ports.sessions.find(id)
  if (found === undefined || !ports.keys.macMatches('session', cookie, found.session.digest)) return undefined
  const now = ports.clock.now()
  if (isSessionOver(found.session, now) || found.account.status !== 'active') return undefined
  if (now - found.session.lastSeenAt >= minuteMs) await ports.sessions.touch(id, now)
  return found
}

export async function signOut(ports: Ports, peer: Peer, account: Account, session: Session): Promise<void> {
  await commit(ports, [
    {
      at: ports.clock.now(),
      actor: actorOf({ type: 'session', account, sessionId: session.id, peer }),
      action: 'account.signed_out',
      effect: 'none',
      subject: { type: 'account', id: account.id },
      details: { session: session.id },
      write: { remove: 'session', sessionId: session.id },
      guards: [],
    },
  ])
}

/**
 * Ends every session of the account that the caller speaks for, this one too.
 * @throws `not-permitted` for whoever speaks for no account.
 */
export async function signOutEverywhere(ports: Ports, caller: Caller): Promise<void> {
  await settle(ports, caller, async (current) => {
    const id = accountIdOf(current)
    const account = id === null ? undefined : await ports.accounts.find(id)
    if (account === undefined) throw new Failure('not-permitted', 'This ends the sessions of a person. Sign in first.')
    const outcome = await commit(ports, [
      {
        at: ports.clock.now(),
        actor: actorOf(current),
        action: 'account.signed_out',
        effect: 'none',
        subject: { type: 'account', id: account.id },
        details: { everywhere: true },
        write: { put: 'account', account, endSessions: true },
        guards: callerGuards(current),
      },
    ])
    return outcome.outcome === 'conflict' ? outcome : undefined
  })
}

export interface PasswordChange {
  /** Needed by everybody who changes their own. */
  readonly currentPassword?: string
  readonly newPassword: string
  /** Also revoke all of the account's tokens. */
  readonly revokeTokens?: boolean
}

/**
 * Sets an account's password and ends all of its sessions, this one too.
 * @throws `password-rejected`, `too-many-attempts`, `not-found`, `exceeds-caller` for an administrator's.
 */
export async function changePassword(
  ports: Ports,
  caller: Caller,
  id: AccountId,
  change: PasswordChange,
): Promise<Account> {
  const found = await findForPassword(ports, caller, id)
  const isOwn = accountIdOf(caller) === id
  if (isOwn) await requireCurrentPassword(ports, caller, found, change.currentPassword)
  const passwordHash = await ports.passwords.hash(change.newPassword)
  return settle(ports, caller, async (current) => {
    const before = await findForPassword(ports, current, id)
    // Whoever proved the old password has proved nothing once there is another.
    if (isOwn && before.passwordHash !== found.passwordHash) throw passwordRejected()
    const outcome = await commit(ports, [passwordChange(ports, current, { ...before, passwordHash }, change)])
    return outcome.outcome === 'conflict' ? outcome : writtenAccount(outcome)
  })
}

/** The account whose password this caller may set. */
async function findForPassword(ports: Ports, caller: Caller, id: AccountId): Promise<Account> {
  const reach = authorise(caller, 'accounts.write')
  const account = isWithin(reach, id) ? await ports.accounts.find(id) : undefined
  if (account === undefined) throw notFound('account')
  if (account.role === 'admin' && accountIdOf(caller) !== id) requireMayTouchAdministrators(caller)
  return account
}

function passwordChange(ports: Ports, caller: Caller, account: Account, { revokeTokens }: PasswordChange): Change {
  return {
    at: ports.clock.now(),
    actor: actorOf(caller),
    action: 'account.password_changed',
    effect: 'takes',
    subject: { type: 'account', id: account.id },
    details: {},
    write: { put: 'account', account, endSessions: true, ...(revokeTokens ? { endTokens: 'own' } : {}) },
    guards: callerGuards(caller),
  }
}

async function requireCurrentPassword(
  ports: Ports,
  caller: Caller,
  account: Account,
  password: string | undefined,
): Promise<void> {
  let matching: Account
  try {
    matching = await checkPassword(ports, caller.peer, account.username, password ?? '')
  } catch (error) {
    throw isSignInFailed(error) ? passwordRejected() : error
  }
  if (matching.id !== account.id) throw passwordRejected()
}

function passwordRejected(): Failure {
  return new Failure('password-rejected', 'The current password does not match.', {
    fields: [{ pointer: '/current_password', detail: 'does not match' }],
  })
}
