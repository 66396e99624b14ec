import { listTokens, notFound, type Caller, type Token, type TokenFilters } from '@chatelaine/core'
import type { Service } from '../service.ts'

/** Whose tokens a wire speaks of. */
export type Owned = Pick<TokenFilters, 'accountId' | 'projectId' | 'kind' | 'permanent' | 'serial' | 'uuid'>

/** The most of them are read at once; a policy that lets an owner have more is read in as many steps. */
const pageMax = 200

/**
 * Every token of an owner that is neither revoked nor expired, newest first, as the lists of all wires have it. Policy
 * bounds how many there are.
 * @throws as `listTokens` does.
 */
export async function liveTokens({ ports }: Service, caller: Caller, owned: Owned): Promise<readonly Token[]> {
  const found: Token[] = []
  const query = {
    ...owned,
    statuses: ['active', 'suspended'],
    sort: 'created_at',
    descending: true,
    limit: pageMax,
  } as const
  let page = await listTokens(ports, caller, query)
  found.push(...page.items)
  while (page.next !== undefined) {
    page = await listTokens(ports, caller, { ...query, after: page.next })
    found.push(...page.items)
  }
  return found
}

/** The one live token of an owner with this serial or uuid. @throws `not-found` */
export async function findLive(service: Service, caller: Caller, owned: Owned): Promise<Token> {
  const [token] = await liveTokens(service, caller, owned)
  if (token === undefined) throw notFound('token')
  return token
}
