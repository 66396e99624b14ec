import type { ListTokensQuery } from '@chatelaine/sdk'
import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { words } from '../words/words.ts'
import { sendable } from './recognise.ts'

type Sort = keyof typeof words.tokens.sorts
type Kind = 'any' | 'account' | 'project'

/** What narrows and sorts a list of tokens. */
export interface TokenFilters {
  /** As it was typed or pasted: perhaps a whole token. */
  readonly search: string
  readonly kind: Kind
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
  const kind = parameters.get('kind')
  const sort = parameters.get('sort') ?? newestFirst
  const filters: TokenFilters = {
    search: sendable(typed) === sent ? typed : sent,
    kind: kind === 'account' || kind === 'project' ? kind : 'any',
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
        put('sort', wanted.sort, newestFirst)
        put('ended', wanted.showsEnded ? 'shown' : '', '')
        return after
      },
      { replace: true },
    )
  }
  return [filters, change]
}

function isSort(text: string): text is Sort {
  return text in words.tokens.sorts
}

/** So many are asked for at once; more are when the last of them comes into sight. */
const pageSize = 200

/** What the server is asked for. */
export function queryOf({ search, kind, sort, showsEnded }: TokenFilters, owner: ListTokensQuery): ListTokensQuery {
  const wanted = sendable(search).trim()
  return {
    ...owner,
    limit: pageSize,
    sort,
    ...(wanted === '' ? {} : { q: wanted }),
    ...(kind === 'any' ? {} : { kind }),
    ...(showsEnded ? { status: 'active,suspended,expired,revoked' } : {}),
  }
}
