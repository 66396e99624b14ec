import { randomBase62 } from '@chatelaine/token'
import { callerGuards } from '../log/guards.ts'
import { isSameIdentity, usernameLengthMax, type Account, type Identity } from '../domain/account.ts'
import { authorise } from '../access/authorise.ts'
import { accountCreation, newAccount, readOwnAccount, requirePassword } from '../owners/accounts.ts'
import { addressSubject } from './attempts.ts'
import { actorOf, type Caller, type Peer, type SessionCaller } from '../domain/caller.ts'
import { commit, settle, writtenAccount } from '../log/commit.ts'
import { Failure } from '../domain/failure.ts'
import type { Ports } from '../ports.ts'
import { openSession, type SignedIn } from './sign-in.ts'

/** For whom a provider of single sign-on vouches, and how to call them if they are new here. */
export interface Vouched {
  readonly identity: Identity
  readonly username: string
  readonly email: string | null
  readonly name: string
}

/**
 * Signs a person in for whom a provider vouches. Their account is the one with this issuer and subject: names and
 * addresses say nothing, since a provider may give them to somebody else.
 * @param vouch asks the provider; what it throws as `sign-in-failed` counts as a failed attempt from this address.
 * @param mayCreate whether somebody who has no account is given one.
 * @throws `sign-in-failed`, `too-many-attempts`, `changed-meanwhile`, and what `vouch` throws.
 */
export async function signInVouched(
  ports: Ports,
  peer: Peer,
  vouch: () => Promise<Vouched>,
  { mayCreate }: { readonly mayCreate: boolean },
): Promise<SignedIn> {
  const vouched = await ask(ports, peer, vouch)
  const found = await ports.accounts.findByIdentity(vouched.identity)
  if (found === undefined && !mayCreate) {
    throw new Failure('sign-in-failed', 'Nobody here is known by this sign-in. Ask an administrator to add you.')
  }
  const account = found ?? (await createVouched(ports, peer, vouched))
  if (account.status !== 'active') {
    throw new Failure('sign-in-failed', 'This account is disabled. Ask an administrator.')
  }
  return openSession(ports, peer, account, vouched.identity.issuer)
}

/**
 * Lets a person who is signed in also sign in through a provider: as whoever it vouches for from now on.
 * @param vouch as for `signInVouched`
 * @throws `already-taken` when that is somebody else's sign-in, `not-permitted` when this account has another,
 *   `sign-in-failed`, `too-many-attempts`, `credential-rejected`, `changed-meanwhile`, and what `vouch` throws.
 */
export async function connectIdentity(
  ports: Ports,
  person: SessionCaller,
  vouch: () => Promise<Vouched>,
): Promise<Account> {
  const { identity } = await ask(ports, person.peer, vouch)
  return settle(ports, person, async (current) => {
    const before = await readOwnAccount(ports, current)
    if (isSameIdentity(before.identity, identity)) return before
    requireUnconnected(before)
    if ((await ports.accounts.findByIdentity(identity)) !== undefined) {
      const message = 'With this sign-in somebody comes to another account here. Sign in to the provider as yourself.'
      throw new Failure('already-taken', message)
    }
    const change = identityChange(ports, current, { ...before, identity }, identity)
    const outcome = await commit(ports, [{ ...change, action: 'account.identity_connected', effect: 'none' }])
    return outcome.outcome === 'conflict' ? outcome : writtenAccount(outcome)
  })
}

/** @throws `not-permitted` for an account that single sign-on leads to already. */
export function requireUnconnected({ identity }: Account): void {
  if (identity === null) return
  throw new Failure('not-permitted', 'Single sign-on leads to this account already. Disconnect it first.')
}

/**
 * Ends single sign-on for the account that the caller speaks for, and all of its sessions, this one too. One that has
 * none stays as it is.
 * @throws `last-sign-in-method` for an account without a password, `not-found` for managers, `scope-missing`.
 */
export async function disconnectIdentity(ports: Ports, caller: Caller): Promise<Account> {
  return settle(ports, caller, async (current) => {
    authorise(current, 'accounts.write')
    const before = await readOwnAccount(ports, current)
    if (before.identity === null) return before
    requirePassword(before)
    const change = identityChange(ports, current, { ...before, identity: null }, before.identity)
    const outcome = await commit(ports, [
      {
        ...change,
        action: 'account.identity_disconnected',
        effect: 'takes',
        write: { ...change.write, endSessions: true },
      },
    ])
    return outcome.outcome === 'conflict' ? outcome : writtenAccount(outcome)
  })
}

function identityChange(ports: Ports, caller: Caller, account: Account, { issuer, subject }: Identity) {
  return {
    at: ports.clock.now(),
    actor: actorOf(caller),
    subject: { type: 'account', id: account.id },
    details: { identity: { issuer, subject } },
    write: { put: 'account', account },
    guards: callerGuards(caller),
  } as const
}

/** Each question costs the provider something too, so that only so many from one address may fail. */
async function ask(ports: Ports, peer: Peer, vouch: () => Promise<Vouched>): Promise<Vouched> {
  const { byAddress } = ports.attempts
  const address = addressSubject(peer.ip)
  const waitSeconds = byAddress.waitSeconds(address, ports.clock.now())
  if (waitSeconds > 0) {
    const message = `Too many sign-ins failed. Try again in ${Math.ceil(waitSeconds / 60)} min; tokens go on working.`
    throw new Failure('too-many-attempts', message, { retryAfterSeconds: waitSeconds })
  }
  byAddress.count(address, ports.clock.now())
  try {
    const vouched = await vouch()
    byAddress.takeBack(address)
    return vouched
  } catch (error) {
    if (!(error instanceof Failure && error.key === 'sign-in-failed')) byAddress.takeBack(address)
    throw error
  }
}

/** A user name that is taken is given an ending by chance so often. */
const namesMax = 4
const endingLength = 6

/**
 * The account of somebody who comes for the first time, made by themselves. A name or an address that somebody else has
 * here is not theirs: the name gets an ending, the address is left out.
 */
async function createVouched(ports: Ports, peer: Peer, { identity, username, email, name }: Vouched): Promise<Account> {
  const ask = { username, email, name, identity }
  for (let tries = 0; tries <= namesMax; tries += 1) {
    const account = newAccount(ports, ask, null)
    const caller = { type: 'session', account, sessionId: null, peer } as const
    try {
      const outcome = await commit(ports, [accountCreation(caller, account, [])])
      if (outcome.outcome === 'committed') return writtenAccount(outcome)
    } catch (error) {
      const taken = error instanceof Failure && error.key === 'already-taken' ? error.fields[0]?.pointer : undefined
      if (taken === undefined) throw error
      // Two browsers of one person came at once.
      if (taken === '/identity') return requireMade(ports, identity)
      if (taken === '/email') ask.email = null
      if (taken === '/username') ask.username = withEnding(ports, username)
    }
  }
  throw new Failure('changed-meanwhile', 'No account could be made for you just now. Sign in again.')
}

function withEnding(ports: Ports, username: string): string {
  const ending = `-${randomBase62(endingLength, ports.random).toLowerCase()}`
  return (
    Array.from(username)
      .slice(0, usernameLengthMax - ending.length)
      .join('') + ending
  )
}

async function requireMade(ports: Ports, identity: Identity): Promise<Account> {
  const account = await ports.accounts.findByIdentity(identity)
  if (account === undefined) throw new Failure('changed-meanwhile', 'Your account was changed. Sign in again.')
  return account
}
