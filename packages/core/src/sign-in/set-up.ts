import { randomBase62, Secret } from '@chatelaine/token'
import type { Account } from '../domain/account.ts'
import { accountCreation, newAccount, type AccountAsk } from '../owners/accounts.ts'
import { operatorCaller, type Caller } from '../domain/caller.ts'
import { commit, settle, writtenAccount } from '../log/commit.ts'
import { Failure } from '../domain/failure.ts'
import type { OnceAsk } from '../log/once.ts'
import { issueToken, type TokenAsk } from '../tokens/issue.ts'
import type { Ports } from '../ports.ts'
import { allManagementScopes } from '../domain/scope.ts'
import { hourMs } from '../domain/time.ts'

/** A set-up code lives this long; each start of the server makes a new one while there is no administrator. */
export const setUpCodeLifetimeMs = hourMs

const nonceLength = 22

/**
 * A code that lets its holder make the first administrator. Nothing of it is stored: it carries its time and a MAC, and
 * it is used up by the administrator's existence.
 */
export function makeSetUpCode(ports: Ports): Secret {
  const claim = `${ports.clock.now().toString(36)}.${randomBase62(nonceLength, ports.random)}`
  return new Secret(`${claim}.${ports.keys.mac('setup', claim)}`)
}

/**
 * Makes the first administrator.
 * @throws `set-up-closed` when there is one already, `set-up-code-rejected` when the code is wrong or too old.
 */
export async function setUp(ports: Ports, caller: Caller, code: string, ask: AccountAsk): Promise<Account> {
  if (await ports.accounts.hasAdministrator()) throw setUpClosed()
  requireSetUpCode(ports, code)
  return createFirstAdministrator(ports, caller, ask)
}

/** Makes the first administrator for whoever runs the server. @throws `set-up-closed`. */
export async function createFirstAdministrator(ports: Ports, caller: Caller, ask: AccountAsk): Promise<Account> {
  const passwordHash = ask.password === undefined ? null : await ports.passwords.hash(ask.password)
  return settle(ports, caller, async (current) => {
    const account = newAccount(ports, { ...ask, role: 'admin' }, passwordHash)
    const outcome = await commit(ports, [accountCreation(current, account, [{ guard: 'no-administrator-yet' }])])
    return outcome.outcome === 'conflict' ? outcome : writtenAccount(outcome)
  })
}

/**
 * The operator's own first credential: a permanent manager token with every management scope.
 * @param once of several instances that start at once and give the same key, one issues it
 * @returns `undefined` when another instance has issued it under this key
 */
export async function issueBootstrapToken(ports: Ports, once?: OnceAsk): Promise<Secret | undefined> {
  const ask: TokenAsk = {
    kind: 'manager',
    label: 'bootstrap',
    scopes: allManagementScopes,
    life: { permanent: true },
    origin: 'cli',
  }
  const issued = await issueToken(ports, operatorCaller, ask, once)
  return issued.repeated ? undefined : issued.secret
}

function requireSetUpCode(ports: Ports, code: string): void {
  const parts = code.split('.')
  const [issued, nonce, mac] = parts
  const isGenuine = parts.length === 3 && ports.keys.macMatches('setup', `${issued}.${nonce}`, mac ?? '')
  if (isGenuine && ports.clock.now() < Number.parseInt(issued ?? '', 36) + setUpCodeLifetimeMs) return
  throw new Failure(
    'set-up-code-rejected',
    'This set-up link is wrong or older than an hour. Restart the server: it prints a new one.',
  )
}

function setUpClosed(): Failure {
  return new Failure('set-up-closed', 'This deployment has an administrator already. Sign in instead.')
}
