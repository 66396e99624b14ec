import { Secret } from '@chatelaine/token'
import { callerInForce } from '../access/rules.ts'
import type { Account } from '../domain/account.ts'
import { accountIdOf, type Caller, type Peer } from '../domain/caller.ts'
import { Failure } from '../domain/failure.ts'
import { heldBy } from '../access/grow.ts'
import { isAccountId, isProjectId, isTokenId, type AccountId, type ProjectId, type TokenId } from '../domain/id.ts'
import type { Ports } from '../ports.ts'
import { memberOf } from '../domain/project.ts'
import { earlier, hourMs, type EpochMs } from '../domain/time.ts'

/** A bearer is good for so long, and never longer than what it was traded for. */
export const bearerLifetimeMs = 12 * hourMs

/** The account itself, or a project that it belongs to. */
export type TenantId = AccountId | ProjectId

/**
 * What somebody was given in place of a credential, for one tenant. Nothing of it is stored: it says whom it stands for
 * under a MAC, and whether that one is still good is asked anew each time.
 */
export interface Bearer {
  /** The token that it was traded for; `null`: a password. */
  readonly parentTokenId: TokenId | null
  readonly accountId: AccountId
  readonly tenantId: TenantId
  readonly expiresAt: EpochMs
}

export interface BearerIssued {
  readonly bearer: Bearer
  readonly issuedAt: EpochMs
  /** Three parts divided by dots: the key's id, what it says, the MAC. */
  readonly secret: Secret
}

/**
 * Trades a token of an account, or the password that came with the request, for a bearer.
 * @throws `not-permitted` for a tenant that the account does not belong to, and for callers that speak for no account.
 */
export async function issueBearer(ports: Ports, caller: Caller, tenantId: TenantId): Promise<BearerIssued> {
  const account = await accountOf(ports, caller)
  if (account === undefined) throw new Failure('not-permitted', 'Only an account’s credential is traded for a bearer.')
  await requireTenant(ports, account.id, tenantId)
  const inRules = await callerInForce(ports, caller)
  const parentEndsAt = inRules.type === 'token' ? heldBy(inRules).expiresAt : null
  const issuedAt = ports.clock.now()
  const bearer: Bearer = {
    parentTokenId: caller.type === 'token' ? caller.token.id : null,
    accountId: account.id,
    tenantId,
    expiresAt: earlier(issuedAt + bearerLifetimeMs, parentEndsAt)!,
  }
  const said = textOf(bearer)
  const [keyId, mac] = ports.keys.mac('bearer', sealed(said, bearer, account)).split(':')
  return { bearer, issuedAt, secret: new Secret(`${keyId}.${said}.${mac}`) }
}

/** As it was when its password was checked, so that a newer one ends what the old one gives. */
async function accountOf({ accounts }: Ports, caller: Caller): Promise<Account | undefined> {
  if (caller.type === 'session') return caller.account
  const accountId = accountIdOf(caller)
  return accountId === null ? undefined : accounts.find(accountId)
}

/**
 * What a bearer says, when it is genuine and its time is not over; else `undefined`. Whether the token behind it is good is
 * for the verifier to say.
 */
export async function openBearer(ports: Ports, presented: string): Promise<Bearer | undefined> {
  const [keyId = '', said = '', mac = '', ...rest] = presented.split('.')
  const bearer = parse(said)
  if (bearer === undefined || rest.length > 0) return undefined
  const account = bearer.parentTokenId === null ? await ports.accounts.find(bearer.accountId) : undefined
  if (!ports.keys.macMatches('bearer', sealed(said, bearer, account), `${keyId}:${mac}`)) return undefined
  return ports.clock.now() < bearer.expiresAt ? bearer : undefined
}

/**
 * The person behind a bearer that was traded for a password, while the account is active. That the password is still the
 * same, `openBearer` has made sure of.
 * @throws `credential-rejected`, `not-permitted` when the account belongs to the tenant no more.
 */
export async function personBehind(ports: Ports, peer: Peer, { accountId, tenantId }: Bearer): Promise<Caller> {
  const account = await ports.accounts.find(accountId)
  if (account?.status !== 'active') {
    throw new Failure('credential-rejected', 'The account behind this bearer is disabled. Ask an administrator.')
  }
  await requireTenant(ports, accountId, tenantId)
  return { type: 'session', account, sessionId: null, peer }
}

async function requireTenant({ projects }: Ports, accountId: AccountId, tenantId: TenantId): Promise<void> {
  if (tenantId === accountId) return
  const project = isProjectId(tenantId) ? await projects.find(tenantId) : undefined
  if (project?.status === 'active' && memberOf(project, accountId) !== undefined) return
  throw new Failure('not-permitted', 'This account does not belong to that tenant.')
}

/** `~`, which RFC 6750 allows in bearers and no id has, stands between the parts. */
function textOf({ parentTokenId, accountId, tenantId, expiresAt }: Bearer): string {
  return [parentTokenId ?? '', accountId, tenantId, expiresAt].join('~')
}

function parse(said: string): Bearer | undefined {
  const [parent = '', accountId = '', tenantId = '', expiry = '', ...rest] = said.split('~')
  if (rest.length > 0 || !isAccountId(accountId) || !/^[1-9][0-9]{0,15}$/.test(expiry)) return undefined
  if (!isAccountId(tenantId) && !isProjectId(tenantId)) return undefined
  if (parent !== '' && !isTokenId(parent)) return undefined
  return { parentTokenId: parent === '' ? null : parent, accountId, tenantId, expiresAt: Number(expiry) }
}

/** What the MAC is made of: with the hash of the password where that stands behind it, so that it ends with a new one. */
function sealed(said: string, { parentTokenId }: Bearer, account: Account | undefined): string {
  return `bearer ${said} ${parentTokenId === null ? (account?.passwordHash ?? '') : ''}`
}
