import type { Account } from './account.ts'
import type { AccountId, TokenId } from './id.ts'
import type { RateStanding } from './rate.ts'
import type { SecretAge } from './rotation.ts'
import type { EpochMs } from './time.ts'
import type { Token } from './token.ts'

/** From where a request came, as far as we can say. */
export interface Peer {
  readonly ip: string | null
  /** What the client calls itself: the first product of its User-Agent. */
  readonly client: string | null
}

/**
 * Who asks. `token`: a program with a live credential. `session`: a person who signed in, or who sent name and password
 * with this very request, and then has no session. `portal`: a page of the platform, on behalf of one account for which
 * the platform's backend opened a portal session; it has the rights of neither, only what `operations` says of it.
 * `operator`: somebody with the data directory in hand, through a command on the machine or the first start.
 * `anonymous`: nobody yet.
 */
export type Caller =
  | TokenCaller
  | { readonly type: 'session'; readonly account: Account; readonly sessionId: string | null; readonly peer: Peer }
  | {
      readonly type: 'portal'
      readonly account: Account
      /** The manager token that opened it, as it stands now: it bounds the session, and is named with what is done in it. */
      readonly manager: TokenCaller
      /** When it is over. */
      readonly endsAt: EpochMs
      readonly peer: Peer
    }
  | { readonly type: 'operator'; readonly peer: Peer }
  | { readonly type: 'anonymous'; readonly peer: Peer }

export interface TokenCaller {
  readonly type: 'token'
  readonly token: Token
  readonly secret: SecretAge
  readonly peer: Peer
  /** What is left of its rate limit after this request, if it has one. */
  readonly rate?: RateStanding | undefined
}

export type SessionCaller = Extract<Caller, { type: 'session' }>
export type PortalCaller = Extract<Caller, { type: 'portal' }>

/**
 * Who did it, as the log keeps it. `system`: the server by itself, because it was time for it. With `portal` the token is
 * the manager's that opened the session.
 */
export interface Actor {
  readonly type: Caller['type'] | 'system'
  readonly accountId: AccountId | null
  readonly tokenId: TokenId | null
  readonly ip: string | null
  readonly client: string | null
}

export const operatorCaller: Caller = { type: 'operator', peer: { ip: null, client: null } }

export const systemActor: Actor = { type: 'system', accountId: null, tokenId: null, ip: null, client: null }

export function actorOf(caller: Caller): Actor {
  return {
    type: caller.type,
    accountId: accountIdOf(caller),
    tokenId: tokenBehind(caller)?.id ?? null,
    ip: caller.peer.ip,
    client: caller.peer.client,
  }
}

/** The account that a caller speaks for; `null` for managers, the operator and nobody. */
export function accountIdOf(caller: Caller): AccountId | null {
  if (caller.type === 'session' || caller.type === 'portal') return caller.account.id
  return caller.type === 'token' ? caller.token.accountId : null
}

/** The token that a caller asks with, or that opened the portal session: what it makes ends with that one. */
export function tokenBehind(caller: Caller): Token | undefined {
  if (caller.type === 'portal') return caller.manager.token
  return caller.type === 'token' ? caller.token : undefined
}
