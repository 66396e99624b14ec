import { authorise, isWithin, type Reach } from './authorise.ts'
import type { Caller } from './caller.ts'
import { Failure, notFound } from './failure.ts'
import type { TokenId } from './id.ts'
import type { Page, Ports, TokenQuery } from './ports.ts'
import type { Token } from './token.ts'

/** @throws `scope-missing`, `not-found` for another's. */
export async function readToken(ports: Ports, caller: Caller, id: TokenId): Promise<Token> {
  return findToken(ports, authorise(caller, 'tokens.read'), id)
}

/**
 * A token within reach, in a state that holds everywhere: whoever is shown a revocation may rely on it.
 * @throws `not-found`.
 */
export async function findToken(ports: Ports, reach: Reach, id: TokenId): Promise<Token> {
  const token = await ports.tokens.find(id)
  if (token === undefined || !isWithin(reach, token.accountId)) throw notFound('token')
  await ports.freshness.reach(token.changedSeq)
  return token
}

/** The token that asks, with no scope needed. @throws `not-permitted` for whoever asks without one. */
export async function readSelf(ports: Ports, caller: Caller): Promise<Token> {
  if (caller.type !== 'token') {
    throw new Failure('not-permitted', 'This shows the token that asks. Send the request with a token.')
  }
  return findToken(ports, { whole: true }, caller.token.id)
}

/** The tokens within the caller's reach. @throws `scope-missing`, `not-found` for another's account. */
export async function listTokens(ports: Ports, caller: Caller, query: Omit<TokenQuery, 'now'>): Promise<Page<Token>> {
  const reach = authorise(caller, 'tokens.read')
  if (query.accountId !== undefined && !isWithin(reach, query.accountId)) throw notFound('account')
  const own = reach.whole ? {} : { accountId: reach.accountId }
  const page = await ports.tokens.list({ ...query, ...own, now: ports.clock.now() })
  await ports.freshness.reach(Math.max(0, ...page.items.map((token) => token.changedSeq)))
  return page
}
