import { isPortalAllowed, managerQuestion } from '../access/portal.ts'
import type { Account } from '../domain/account.ts'
import { accountIdOf, type Caller, type SessionCaller, type TokenCaller } from '../domain/caller.ts'
import type { Change } from './change.ts'
import { decide, type Question } from '../verify/decide.ts'
import { Failure } from '../domain/failure.ts'
import type { CommitOutcome, Once, Ports } from '../ports.ts'
import type { Project } from '../domain/project.ts'
import { secretAgeSince } from '../domain/rotation.ts'
import { isSessionOver } from '../domain/session.ts'
import { standingFrom } from '../verify/standing.ts'
import type { Token } from '../domain/token.ts'

export type Committed = Extract<CommitOutcome, { outcome: 'committed' }>
export type Repeated = Extract<CommitOutcome, { outcome: 'repeated' }>
export type Conflict = Extract<CommitOutcome, { outcome: 'conflict' }>

const attemptsMax = 8

/**
 * Reads, composes and commits, again from the read when somebody else changed the same thing in between. The caller is
 * read again too, so that whoever lost a right in the meantime cannot use it.
 * @throws `changed-meanwhile` when that happens too often, `credential-rejected` when the caller ended meanwhile, and
 *   the failure that belongs to each limit.
 */
export async function settle<T>(
  ports: Ports,
  caller: Caller,
  attempt: (caller: Caller) => Promise<T | Conflict>,
): Promise<T> {
  let current = caller
  for (let tries = 1; tries <= attemptsMax; tries += 1) {
    const result = await attempt(current)
    if (!isConflict(result)) return result
    current = await readAgain(ports, current)
  }
  throw new Failure('changed-meanwhile', 'Others kept changing the same thing. Read it again and repeat your request.')
}

async function readAgain(ports: Ports, caller: Caller): Promise<Caller> {
  if (caller.type === 'token') {
    const again = await readTokenAgain(ports, caller, questionOf(caller))
    if (again !== undefined) return again
    throw new Failure('credential-rejected', 'This token ended, or was bound further, while the request ran.')
  }
  if (caller.type === 'portal') {
    const manager = await readTokenAgain(ports, caller.manager, managerQuestion)
    const account = await ports.accounts.find(caller.account.id)
    const isOver = ports.clock.now() >= caller.endsAt
    if (manager && account && !isOver && isPortalAllowed(manager, account, caller.account.role)) {
      return { ...caller, manager, account }
    }
    throw new Failure('credential-rejected', 'This portal session ended while the request ran. Open another.')
  }
  if (caller.type === 'session') {
    if (caller.sessionId === null) return readPersonAgain(ports, caller)
    // Signing out, a new password and being disabled have all removed it.
    const found = await ports.sessions.find(caller.sessionId)
    if (found?.account.status === 'active' && !isSessionOver(found.session, ports.clock.now())) {
      return { ...caller, account: found.account }
    }
    throw new Failure('credential-rejected', 'This session ended while the request ran. Sign in again.')
  }
  return caller
}

/** `undefined` when it is not good for that any more. */
async function readTokenAgain(ports: Ports, caller: TokenCaller, question: Question): Promise<TokenCaller | undefined> {
  const found = await ports.tokens.findStanding(caller.token.id)
  if (found !== undefined) await ports.freshness.reach(found.token.changedSeq)
  const secret = found && secretAgeSince(ports.keys, caller.token, caller.secret, found.token)
  if (found === undefined || secret === undefined) return undefined
  const { code } = decide(standingFrom(found, secret), question, ports.clock.now())
  return code === 'valid' ? { ...caller, token: found.token, secret } : undefined
}

function questionOf({ token, peer: { ip } }: TokenCaller): Question {
  return { kinds: [token.kind], ...(ip === null ? {} : { clientIp: ip }) }
}

/** Whoever proved a password has proved nothing once there is another. */
async function readPersonAgain(ports: Ports, caller: SessionCaller): Promise<Caller> {
  const account = await ports.accounts.find(caller.account.id)
  if (account?.status === 'active' && account.passwordHash === caller.account.passwordHash)
    return { ...caller, account }
  throw new Failure('sign-in-failed', 'The account was disabled, or its password changed, while the request ran.')
}

function isConflict(result: unknown): result is Conflict {
  return typeof result === 'object' && result !== null && 'outcome' in result && result.outcome === 'conflict'
}

/** Commits, and turns every refusal of the store into the failure that its reader can act on. */
export async function commit(ports: Ports, changes: readonly Change[]): Promise<Committed | Conflict>
export async function commit(
  ports: Ports,
  changes: readonly Change[],
  once: Once | undefined,
): Promise<Committed | Conflict | Repeated>
export async function commit(
  ports: Ports,
  changes: readonly Change[],
  once?: Once,
): Promise<Committed | Conflict | Repeated> {
  const outcome = await (once === undefined ? ports.log.commit(changes) : ports.log.commit(changes, once))
  switch (outcome.outcome) {
    case 'committed':
      await (takesAway(changes)
        ? ports.freshness.reach(outcome.seq, outcome.epoch)
        : ports.freshness.reachHere(outcome.seq, outcome.epoch))
      return outcome
    case 'conflict':
    case 'repeated':
      return outcome
    case 'taken':
      throw new Failure('already-taken', `Another account has this ${outcome.field}. Choose another.`, {
        fields: [{ pointer: `/${outcome.field}`, detail: 'is in use by another account' }],
      })
    case 'permanent-limit':
      throw new Failure(
        'permanent-limit-reached',
        `${outcome.inUse} of ${outcome.max} permanent tokens are in use. Revoke one, or let this one expire.`,
      )
    case 'live-limit':
      throw new Failure(
        'token-limit-reached',
        `${outcome.inUse} of ${outcome.max} tokens are in use. Revoke those that are no longer needed.`,
      )
    case 'administrator-exists':
      throw new Failure('set-up-closed', 'This deployment has an administrator already. Sign in instead.')
    case 'last-administrator':
      throw new Failure(
        'last-administrator',
        'This is the last active administrator. Make another one first, then repeat your request.',
      )
  }
}

/** Only what takes away is held up for the memories of others. */
function takesAway(changes: readonly Change[]): boolean {
  return changes.some(({ effect }) => effect === 'takes')
}

/** Who asks, for keys that must never meet those of another caller. Portal sessions of one account share theirs. */
export function callerName(caller: Caller): string {
  if (caller.type === 'portal') return `portal ${caller.account.id}`
  return caller.type === 'token' ? caller.token.id : (accountIdOf(caller) ?? caller.type)
}

/** The token that a commit of one token left behind. */
export function writtenToken(committed: Committed): Token {
  const written = committed.written[0]
  if (written?.type !== 'token') throw new Error('a token was committed and not given back')
  return written.token
}

/** The account that a commit of one account left behind. */
export function writtenAccount(committed: Committed): Account {
  const written = committed.written[0]
  if (written?.type !== 'account') throw new Error('an account was committed and not given back')
  return written.account
}

/** The project that a commit of one project left behind. */
export function writtenProject(committed: Committed): Project {
  const written = committed.written[0]
  if (written?.type !== 'project') throw new Error('a project was committed and not given back')
  return written.project
}
