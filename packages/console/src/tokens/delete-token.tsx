import type { Token, TokenList } from '@chatelaine/sdk'
import { useQuery, useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query'
import { useApi } from '../server.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { relatively, useNow } from '../ui/time.tsx'
import { words } from '../words/words.ts'

const text = words.tokens

/** Ends a token for good, after a question that says what it will break. */
export function DeleteToken({ token, onDeleted }: { token: Token; onDeleted?: (token: Token) => void }) {
  const api = useApi()
  const queries = useQueryClient()
  const name = nameOf(token)
  return (
    <Confirm
      name={text.delete}
      look="danger"
      label={text.deleteNamed(name)}
      title={text.deleteTitle}
      text={<WhatBreaks token={token} name={name} />}
      doIt={async () => {
        await api.tokens.revoke(token.id)
        markRevoked(queries, token.id)
        onDeleted?.(token)
      }}
    />
  )
}

/** What a token is called where something is said of it. */
export function nameOf({ label, start }: Token): string {
  return label === '' ? `${start}…` : label
}

/** Shows the end of a token at once, wherever it is listed, and then reads again what is not too long to be read. */
function markRevoked(queries: QueryClient, id: string): void {
  queries.setQueriesData<InfiniteData<TokenList>>({ queryKey: ['tokens', 'list'] }, (list) => {
    if (list === undefined) return undefined
    const ended = (token: Token): Token => (token.id === id ? { ...token, status: 'revoked', is_active: false } : token)
    return { ...list, pages: list.pages.map((page) => ({ ...page, data: page.data.map(ended) })) }
  })
  void queries.invalidateQueries({
    queryKey: ['tokens'],
    predicate: ({ queryKey, state }) =>
      queryKey[1] !== 'list' || ((state.data as InfiniteData<TokenList> | undefined)?.pages.length ?? 0) < 2,
  })
}

/** Asked for when the question is. */
function WhatBreaks({ token, name }: { token: Token; name: string }) {
  const api = useApi()
  const now = useNow()
  const usage = useQuery({
    queryKey: ['tokens', 'usage', token.id, 'hour'],
    queryFn: ({ signal }) => api.tokens.usage(token.id, { by: 'hour' }, { signal }),
  })
  const last = token.last_used_at === null ? undefined : relatively(Date.parse(token.last_used_at), now)
  return (
    <>
      <p>{text.deleteText(name)}</p>
      <p>
        {usage.data === undefined
          ? words.app.loading
          : text.breaks(usage.data.codes.valid ?? 0, last, token.last_used_ip)}
      </p>
    </>
  )
}
