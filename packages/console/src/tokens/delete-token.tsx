import type { Token, TokenList, TokenUsage } from '@chatelaine/sdk'
import { useQuery, useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query'
import { useApi } from '../server.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { relatively, useNow } from '../ui/time.tsx'
import { Loaded } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { useTokenNews } from './news.ts'

const text = words.tokens

/** Ends a token for good, after a question that says what it will break. */
export function DeleteToken({ token, onDeleted }: { token: Token; onDeleted?: (token: Token) => void }) {
  const api = useApi()
  const queries = useQueryClient()
  const news = useTokenNews()
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
        news.deleted(token.id)
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
  const usage = useQuery({
    queryKey: ['tokens', 'usage', token.id, 'hour'],
    queryFn: ({ signal }) => api.tokens.usage(token.id, { by: 'hour' }, { signal }),
  })
  return (
    <>
      <p>{text.deleteText(name)}</p>
      <Loaded query={usage}>{(counted) => <LatelyAccepted usage={counted} token={token} />}</Loaded>
    </>
  )
}

/** So many addresses are named; the token's own page shows them all. */
const namedMax = 3

function LatelyAccepted({ usage, token }: { usage: TokenUsage; token: Token }) {
  const now = useNow()
  const { codes, addresses, address_count: addressCount, addresses_are_more: areMore } = usage
  const calls = codes.valid ?? 0
  if (calls === 0) {
    return (
      <p>{text.unused(token.last_used_at === null ? undefined : relatively(Date.parse(token.last_used_at), now))}</p>
    )
  }
  return (
    <>
      <p>{text.breaks(calls, addressCount, areMore)}</p>
      <ul className="plain-list muted">
        {addresses.slice(0, namedMax).map(({ ip, client, accepted }) => (
          <li key={ip}>{text.breaksAt(ip, client, accepted)}</li>
        ))}
      </ul>
    </>
  )
}
