import { authorise } from './authorise.ts'
import type { Caller } from './caller.ts'
import { Failure } from './failure.ts'
import type { TokenId } from './id.ts'
import type { Page, Ports, TokenQuery } from './ports.ts'
import { filtersToSee, findToSee } from './token-access.ts'
import type { Token } from './token.ts'

/** @throws `scope-missing`, `not-found` for another's. */
export async function readToken(ports: Ports, caller: Caller, id: TokenId): Promise<Token> {
  return findToSee(ports, authorise(caller, 'tokens.read'), id)
}

/** The token that asks, with no scope needed. @throws `not-permitted` for whoever asks without one. */
export async function readSelf(ports: Ports, caller: Caller): Promise<Token> {
  if (caller.type !== 'token') {
    throw new Failure('not-permitted', 'This shows the token that asks. Send the request with a token.')
  }
  return findToSee(ports, { whole: true }, caller.token.id)
}

/** The tokens within the caller's reach. @throws `scope-missing`, `not-found` for another's account or project. */
export async function listTokens(ports: Ports, caller: Caller, query: Omit<TokenQuery, 'now'>): Promise<Page<Token>> {
  const reach = authorise(caller, 'tokens.read')
  const within = await filtersToSee(ports, reach, query)
  const page = await ports.tokens.list({ ...query, ...within, now: ports.clock.now() })
  await ports.freshness.reach(Math.max(0, ...page.items.map((token) => token.changedSeq)))
  return page
}
