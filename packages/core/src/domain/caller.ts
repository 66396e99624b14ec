import type { Account } from './account.ts'
import type { AccountId, TokenId } from './id.ts'
import type { RateStanding } from './rate.ts'
import type { SecretAge } from './rotation.ts'
import type { Token } from './token.ts'

/** From where a request came, as far as we can say. */
export interface Peer {
  readonly ip: string | null
  /** What the client calls itself: the first product of its User-Agent. */
  readonly client: string | null
}

/**
 * Who asks. `token`: a program with a live credential. `session`: a person who signed in, or who sent name and password
 * with this very request, and then has no session. `operator`: somebody with the data directory in hand, through a
 * command on the machine or the first start. `anonymous`: nobody yet.
 */
export type Caller =
  | {
      readonly type: 'token'
      readonly token: Token
      readonly secret: SecretAge
      readonly peer: Peer
      /** What is left of its rate limit after this request, if it has one. */
      readonly rate?: RateStanding | undefined
    }
  | { readonly type: 'session'; readonly account: Account; readonly sessionId: string | null; readonly peer: Peer }
  | { readonly type: 'operator'; readonly peer: Peer }
  | { readonly type: 'anonymous'; readonly peer: Peer }

export type TokenCaller = Extract<Caller, { type: 'token' }>
export type SessionCaller = Extract<Caller, { type: 'session' }>

/** Who did it, as the log keeps it. `system`: the server by itself, because it was time for it. */
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
    tokenId: caller.type === 'token' ? caller.token.id : null,
    ip: caller.peer.ip,
    client: caller.peer.client,
  }
}

/** The account that a caller speaks for; `null` for managers, the operator and nobody. */
export function accountIdOf(caller: Caller): AccountId | null {
  if (caller.type === 'session') return caller.account.id
  return caller.type === 'token' ? caller.token.accountId : null
}
