import { readCredential } from '@chatelaine/api/credential'
import {
  Failure,
  isProjectId,
  openBearer,
  personBehind,
  readOwnAccount,
  type Account,
  type Caller,
  type TenantId,
} from '@chatelaine/core'
import { tokenIdLead, tokenIdOf } from '@chatelaine/token'
import { authenticateStandIn, requireCredential } from '../../http/credential.ts'
import { peerOf } from '../../http/peer.ts'
import { authenticatePerson } from '../person.ts'
import { accountOf, type WireAsk } from '../wire.ts'

/** Who asks: always an account, by whichever credential, and for one of its tenants. */
export interface User {
  readonly caller: Caller
  readonly account: Account
  readonly tenantId: TenantId
}

/**
 * Who asks with a bearer, or with what is traded for one: that is as welcome on every call.
 * @throws `credential-required`, `credential-rejected`, `not-permitted` for tokens that are no account's.
 */
export async function userOf(ask: WireAsk): Promise<User> {
  const credential = readCredential(ask.incoming.headers)
  if (credential !== undefined && credential !== 'conflicting' && credential.presented.includes('.')) {
    if (credential.scheme === 'bearer') return userBehind(ask, credential.presented)
  }
  return traderOf(ask)
}

/** Who asks with a key, a password or a token, and not with a bearer: a bearer is not renewed by itself. */
export async function traderOf({ service, incoming }: WireAsk): Promise<User> {
  const credential = readCredential(incoming.headers)
  if (credential !== undefined && credential !== 'conflicting' && credential.scheme === 'key') {
    requireOwnId(credential.username, credential.presented)
  }
  const caller = await authenticatePerson(service, incoming)
  requireCredential(caller)
  if (caller.type === 'session') return { caller, account: caller.account, tenantId: caller.account.id }
  const tenantId = accountOf(caller)
  return { caller, account: await readOwnAccount(service.ports, caller), tenantId }
}

async function userBehind({ service, incoming }: WireAsk, presented: string): Promise<User> {
  const { ports } = service
  const bearer = await openBearer(ports, presented)
  if (bearer === undefined) {
    throw new Failure('credential-rejected', 'This bearer is not good any more. Trade your key for another.')
  }
  const { parentTokenId, tenantId } = bearer
  if (parentTokenId === null) {
    const peer = peerOf(service.settings.trustedProxies, incoming)
    const caller = await personBehind(ports, peer, bearer)
    return { caller, account: await readOwnAccount(ports, caller), tenantId }
  }
  const projectId = isProjectId(tenantId) ? tenantId : undefined
  const caller = await authenticateStandIn(service, incoming, parentTokenId, projectId)
  return { caller, account: await readOwnAccount(ports, caller), tenantId }
}

/** @throws `credential-rejected` where the id beside a key is that of another. */
function requireOwnId(keyId: string | undefined, presented: string): void {
  if (tokenIdOf(presented) === `${tokenIdLead}${keyId}`) return
  throw new Failure('credential-rejected', 'This is no key, or its id and its secret do not belong together.')
}

/** @throws `not-permitted` for another's id; `current` is one's own. */
export function requireSelf({ account }: User, userId: string | undefined): void {
  if (userId === 'current' || userId === account.id) return
  throw new Failure('not-permitted', 'This is another user. Use your own id, or "current".')
}

/** What somebody is called by: the address where there is one. */
export function emailOf({ email, username }: Account): string {
  return email ?? username
}
