import { listTokens, notFound, type Caller, type Token, type TokenFilters, type TokenStatus } from '@chatelaine/core'
import type { Service } from '../service.ts'

/** Whose tokens a wire speaks of. */
export type Owned = Pick<TokenFilters, 'accountId' | 'projectId' | 'kind' | 'permanent' | 'serial' | 'uuid'>

/** What the lists of all wires show: what is neither revoked nor expired. */
export const liveStatuses: readonly TokenStatus[] = ['active', 'suspended']

/** The most of them are read at once; a policy that lets an owner have more is read in as many steps. */
const pageMax = 200

/**
 * Every live token of an owner, newest first, as the lists of all wires have it. Policy bounds how many there are.
 * @throws as `listTokens` does.
 */
export async function liveTokens({ ports }: Service, caller: Caller, owned: Owned): Promise<readonly Token[]> {
  const found: Token[] = []
  const query = {
    ...owned,
    statuses: liveStatuses,
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

/** The one token of an owner with this serial or uuid, live unless said otherwise. @throws `not-found` */
export async function findToken(
  { ports }: Service,
  caller: Caller,
  owned: Owned,
  statuses: readonly TokenStatus[] = liveStatuses,
): Promise<Token> {
  const query = { ...owned, statuses, sort: 'created_at', descending: true, limit: 1 } as const
  const { items } = await listTokens(ports, caller, query)
  if (items[0] === undefined) throw notFound('token')
  return items[0]
}
