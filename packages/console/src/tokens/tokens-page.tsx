import type { ListTokensQuery, Token } from '@chatelaine/sdk'
import { useDeferredValue, useState } from 'react'
import { useApi } from '../server.tsx'
import { usePerson } from '../session/person.tsx'
import { ButtonLink } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { usePages } from '../ui/paged.tsx'
import { Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { DeleteAll } from './delete-all.tsx'
import { recognise } from './recognise.ts'
import { noFilters, TokenFilterBar, type TokenFilters } from './token-filter-bar.tsx'
import { TokenList } from './token-list.tsx'

/** A person's own tokens. */
export function TokensPage() {
  return (
    <Page
      title={words.tokens.title}
      actions={
        <ButtonLink look="primary" href="/tokens/new">
          {words.tokens.create}
        </ButtonLink>
      }
    >
      <p className="muted">{words.tokens.warning}</p>
      <OwnedTokens owner={{ account_id: usePerson().id }} createHref="/tokens/new" />
    </Page>
  )
}

/** So many are asked for at once; more are when the last of them comes into sight. */
const pageSize = 200

/** The tokens of an owner, with what narrows and sorts them. A project's and a person's look the same. */
export function OwnedTokens({ owner, createHref }: { owner: ListTokensQuery; createHref?: string }) {
  const api = useApi()
  const [filters, setFilters] = useState<TokenFilters>(noFilters)
  const search = useDeferredValue(filters.search)
  const pasted = recognise(search)
  const query = queryOf({ ...filters, search: pasted === undefined ? search : pasted.start }, owner)
  const list = usePages(['tokens', query], (cursor, options) => api.tokens.page({ ...query, ...cursor }, options), {
    watchEveryMs: 15_000,
  })
  const found = list.data ?? []
  const tokens = pasted === undefined ? found : found.filter(({ id }) => id === pasted.id)
  const isNarrowed = filters !== noFilters
  return (
    <>
      {(isNarrowed || tokens.length > 0) && <TokenFilterBar filters={filters} onChange={setFilters} />}
      {pasted !== undefined && !list.isFetching && <Recognised token={tokens[0]} />}
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <p role="status">{words.app.loading}</p>}
      {list.data !== undefined &&
        tokens.length === 0 &&
        (isNarrowed ? <p>{words.tokens.noneFound}</p> : <NoTokens createHref={createHref} />)}
      {tokens.length > 0 && (
        <TokenList
          tokens={tokens}
          onEnd={() => void (list.hasNextPage && !list.isFetchingNextPage && list.fetchNextPage())}
        />
      )}
      {createHref !== undefined && !isNarrowed && tokens.length > 1 && (
        <div>
          <DeleteAll owner={ownerOf(owner)} />
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

function queryOf(filters: TokenFilters, owner: ListTokensQuery): ListTokensQuery {
  return {
    ...owner,
    limit: pageSize,
    sort: filters.sort,
    ...(filters.search === '' ? {} : { q: filters.search }),
    ...(filters.kind === 'any' ? {} : { kind: filters.kind }),
    ...(filters.showsEnded ? { status: 'active,suspended,expired,revoked' } : {}),
  }
}

/** Whether the token in the search is one of these, which is told without asking anybody. */
function Recognised({ token }: { token: Token | undefined }) {
  return <Notice>{token === undefined ? words.tokens.notRecognised : words.tokens.recognised(token.label)}</Notice>
}

function NoTokens({ createHref }: { createHref: string | undefined }) {
  return (
    <Sheet title={words.tokens.emptyTitle}>
      <p>{words.tokens.emptyText}</p>
      {createHref !== undefined && (
        <div>
          <ButtonLink look="primary" href={createHref}>
            {words.tokens.emptyAction}
          </ButtonLink>
        </div>
      )}
    </Sheet>
  )
}
