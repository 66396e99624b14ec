import { authorise, isWithin } from './authorise.ts'
import type { Caller } from './caller.ts'
import { Failure, notFound } from './failure.ts'
import type { TokenId } from './id.ts'
import type { Page, Ports, TokenQuery } from './ports.ts'
import type { Token } from './token.ts'

/** @throws `scope-missing`, `not-found` for another's. */
export async function readToken(ports: Ports, caller: Caller, id: TokenId): Promise<Token> {
  const reach = authorise(caller, 'tokens.read')
  const token = await ports.tokens.find(id)
  if (token === undefined || !isWithin(reach, token.accountId)) throw notFound('token')
  return token
}

/** The token that asks, with no scope needed. @throws `not-permitted` for a session. */
export async function readSelf(ports: Ports, caller: Caller): Promise<Token> {
  if (caller.type !== 'token') {
    throw new Failure('not-permitted', 'This shows the token that asks. Send the request with a token.')
  }
  return (await ports.tokens.find(caller.token.id)) ?? caller.token
}

/** The tokens within the caller's reach. @throws `scope-missing`, `not-found` for another's account. */
export async function listTokens(ports: Ports, caller: Caller, query: Omit<TokenQuery, 'now'>): Promise<Page<Token>> {
  const reach = authorise(caller, 'tokens.read')
  if (query.accountId !== undefined && !isWithin(reach, query.accountId)) throw notFound('account')
  const own = reach.whole ? {} : { accountId: reach.accountId }
  return ports.tokens.list({ ...query, ...own, now: ports.clock.now() })
}
