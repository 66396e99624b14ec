import type { Account } from '../domain/account.ts'
import { authorise } from '../access/authorise.ts'
import type { Caller } from '../domain/caller.ts'
import { Failure } from '../domain/failure.ts'
import type { AccountId, TokenId } from '../domain/id.ts'
import type { Page, Ports, TokenQuery } from '../ports.ts'
import { filtersToSee, findToSee } from '../access/token-access.ts'
import type { Token } from '../domain/token.ts'

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

/**
 * The account that each of these tokens belongs to, or, of a project's, that made it; absent where none did. Whoever may
 * see a token may see whose it is.
 */
export async function readAccountsBehind(
  ports: Ports,
  tokens: readonly Token[],
): Promise<ReadonlyMap<TokenId, Account>> {
  const ids = new Set(tokens.flatMap((token) => accountIdBehind(token) ?? []))
  const found = await Promise.all([...ids].map((id) => ports.accounts.find(id)))
  const accounts = new Map(found.flatMap((account) => (account === undefined ? [] : [[account.id, account]])))
  return new Map(
    tokens.flatMap((token) => {
      const id = accountIdBehind(token)
      const account = id === null ? undefined : accounts.get(id)
      return account === undefined ? [] : [[token.id, account]]
    }),
  )
}

function accountIdBehind({ accountId, createdBy }: Token): AccountId | null {
  return accountId ?? createdBy
}
