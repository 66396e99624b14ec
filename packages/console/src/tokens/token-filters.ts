import type { ListTokensQuery, Token } from '@chatelaine/sdk'
import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { conditions, queryFor, type Condition } from '../conditions.ts'
import { words } from '../words/words.ts'
import { sendable } from './recognise.ts'

type Sort = keyof typeof words.tokens.sorts
/** Of which kind tokens are wanted. */
export type KindFilter = 'any' | Token['kind']

/** What narrows and sorts a list of tokens. */
export interface TokenFilters {
  /** As it was typed or pasted: perhaps a whole token. */
  readonly search: string
  readonly kind: KindFilter
  readonly condition: 'any' | Condition
  readonly sort: Sort
  readonly showsEnded: boolean
}

const newestFirst: Sort = '-created_at'

/**
 * They stand in the address of the page, so that the way back and a bookmark lead to the same list; of what was typed
 * only what may be seen there.
 */
export function useTokenFilters(): [filters: TokenFilters, change: (part: Partial<TokenFilters>) => void] {
  const [parameters, setParameters] = useSearchParams()
  const sent = parameters.get('q') ?? ''
  const [typed, setTyped] = useState(sent)
  const kind = parameters.get('kind') ?? 'any'
  const condition = parameters.get('condition')
  const sort = parameters.get('sort') ?? newestFirst
  const filters: TokenFilters = {
    search: sendable(typed) === sent ? typed : sent,
    kind: isKind(kind) ? kind : 'any',
    condition: conditions.find((known) => known === condition) ?? 'any',
    sort: isSort(sort) ? sort : newestFirst,
    showsEnded: parameters.get('ended') === 'shown',
  }
  const change = (part: Partial<TokenFilters>) => {
    const wanted = { ...filters, ...part }
    setTyped(wanted.search)
    setParameters(
      (before) => {
        const after = new URLSearchParams(before)
        const put = (name: string, value: string, usual: string) =>
          value === usual ? after.delete(name) : after.set(name, value)
        put('q', sendable(wanted.search), '')
        put('kind', wanted.kind, 'any')
        put('condition', wanted.condition, 'any')
        put('sort', wanted.sort, newestFirst)
        put('ended', wanted.showsEnded ? 'shown' : '', '')
        return after
      },
      { replace: true },
    )
  }
  return [filters, change]
}

function isKind(text: string): text is Token['kind'] {
  return text in words.tokens.kinds
}

function isSort(text: string): text is Sort {
  return text in words.tokens.sorts
}

/** So many are asked for at once; more are when the last of them comes into sight. */
const pageSize = 200

/** What the server is asked for. */
export function queryOf(
  { search, kind, condition, sort, showsEnded }: TokenFilters,
  owner: ListTokensQuery,
  now: number,
): ListTokensQuery {
  const wanted = sendable(search).trim()
  return {
    ...owner,
    limit: pageSize,
    sort,
    ...(wanted === '' ? {} : { q: wanted }),
    ...(kind === 'any' ? {} : { kind }),
    ...(condition === 'any' ? {} : queryFor(condition, now)),
    ...(showsEnded ? { status: 'active,suspended,expired,revoked' } : {}),
  }
}
