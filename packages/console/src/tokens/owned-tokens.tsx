import type { ListTokensQuery, Token } from '@chatelaine/sdk'
import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState, type ReactNode } from 'react'
import { useApi } from '../server.tsx'
import { Button, ButtonLink } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { Sheet } from '../ui/page.tsx'
import { Arriving, usePages } from '../ui/paged.tsx'
import { Said } from '../ui/said.tsx'
import { useSurroundings } from '../ui/surroundings.tsx'
import { useNow } from '../ui/time.tsx'
import { Loaded } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { DeleteMany } from './delete-many.tsx'
import { nameOf } from './delete-token.tsx'
import { InProjects, Pasted } from './elsewhere.tsx'
import { recognise, sendable } from './recognise.ts'
import { TokenFilterBar } from './token-filter-bar.tsx'
import { queryOf, useTokenFilters } from './token-filters.ts'
import { TokenList } from './token-list.tsx'

const text = words.tokens

/** The tokens of an owner, with what narrows and sorts them. A project's and a person's look the same. */
export function OwnedTokens({ owner, createHref }: { owner: ListTokensQuery; createHref?: string }) {
  const api = useApi()
  const { ownsWindow } = useSurroundings()
  const [filters, change] = useTokenFilters()
  const [said, setSaid] = useState<{ key: string; text: string }>()
  const pasted = recognise(useDeferredValue(filters.search))
  const query = queryOf({ ...filters, search: useDeferredValue(sendable(filters.search)) }, owner, useNow())
  const list = usePages(
    ['tokens', 'list', query],
    (cursor, options) => api.tokens.page({ ...query, ...cursor }, options),
    { watchEveryMs: 15_000 },
  )
  const isPasted = pasted?.id !== undefined
  const isSecret = filters.search !== '' && sendable(filters.search) === ''
  const tokens = (list.data ?? []).filter(
    ({ id, status }) => !isSecret && (!isPasted || id === pasted.id) && (filters.showsEnded || status !== 'revoked'),
  )
  const sayDeleted = (token: Token) => setSaid({ key: token.id, text: text.deleted(nameOf(token)) })
  const isNarrowed =
    query.q !== undefined || query.kind !== undefined || filters.condition !== 'any' || filters.showsEnded
  const isOfOne = owner.account_id !== undefined || owner.project_id !== undefined
  const bar = <TokenFilterBar filters={filters} hasKinds={!isOfOne} onChange={change} />
  return (
    <>
      {said !== undefined && <Said key={said.key}>{said.text}</Said>}
      {(isNarrowed || filters.search !== '' || tokens.length > 0) && bar}
      {isPasted && <Pasted key={pasted.id} id={pasted.id} onDeleted={sayDeleted} />}
      {isSecret && <Notice>{text.notSent}</Notice>}
      <Arriving list={list} />
      {list.data !== undefined && tokens.length === 0 && !isPasted && !isSecret && (
        <NothingLive
          query={query}
          isNarrowed={isNarrowed}
          createHref={createHref}
          onShow={() => change({ showsEnded: true })}
        >
          {isOfOne && owner.project_id === undefined && <InProjects start={query.q ?? ''} />}
        </NothingLive>
      )}
      {tokens.length > 0 && (
        <TokenList
          tokens={tokens}
          isWhole={!list.hasNextPage}
          onEnd={() => void (list.hasNextPage && !list.isFetchingNextPage && list.fetchNextPage())}
          onDeleted={sayDeleted}
        />
      )}
      {/* Somebody else's page hears of each token by its id, which the end of many at once does not give. */}
      {ownsWindow && createHref !== undefined && !isNarrowed && (
        <div hidden={tokens.length < 2}>
          <DeleteMany
            filters={ownerOf(owner)}
            name={text.deleteAll}
            title={text.deleteAllTitle}
            onEnded={(ended) => setSaid({ key: ended, text: ended })}
          />
        </div>
      )}
    </>
  )
}

function ownerOf({ account_id: accountId, project_id: projectId }: ListTokensQuery) {
  return {
    ...(accountId === undefined ? {} : { account_id: accountId }),
    ...(projectId === undefined ? {} : { project_id: projectId }),
  }
}

/** Where no token is in the list: whether others would be if those were shown that have ended, and the way to a first one. */
function NothingLive({
  query,
  isNarrowed,
  createHref,
  onShow,
  children,
}: {
  query: ListTokensQuery
  isNarrowed: boolean
  createHref: string | undefined
  onShow: () => void
  /** Where else to look. */
  children: ReactNode
}) {
  const api = useApi()
  const wanted = { ...query, status: 'expired,revoked', limit: 1 }
  const ended = useQuery({
    queryKey: ['tokens', 'ended', wanted],
    queryFn: async ({ signal }) => (await api.tokens.page(wanted, { signal })).data,
    enabled: query.status === undefined,
  })
  const show = <Button onClick={onShow}>{text.showEnded}</Button>
  if (query.status !== undefined)
    return (
      <>
        <p>{text.noneFound}</p>
        {children}
      </>
    )
  return (
    <Loaded query={ended}>
      {({ length }) => {
        if (isNarrowed)
          return (
            <>
              {length > 0 ? <Notice action={show}>{text.onlyEndedFit}</Notice> : <p>{text.noneFound}</p>}
              {children}
            </>
          )
        return (
          <Sheet title={length > 0 ? text.noneLiveTitle : text.emptyTitle}>
            <p>{length > 0 ? text.noneLiveText : text.emptyText}</p>
            <div className="row">
              {createHref !== undefined && (
                <ButtonLink look="primary" href={createHref}>
                  {length > 0 ? text.create : text.emptyAction}
                </ButtonLink>
              )}
              {length > 0 && show}
            </div>
          </Sheet>
        )
      }}
    </Loaded>
  )
}
