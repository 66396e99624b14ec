import type { ListTokensQuery, Usage } from '@chatelaine/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { conditions, queryFor, type Condition } from '../conditions.ts'
import { useNames } from '../names.ts'
import { useApi, useServer } from '../server.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { Ranking } from '../ui/ranking.tsx'
import { useNow } from '../ui/time.tsx'
import { Loaded } from '../ui/waiting.tsx'
import { Verifications } from '../verifications.tsx'
import { words } from '../words/words.ts'
import './overview.css'

const text = words.overview

/** How the deployment does, for administrators: each figure leads to the tokens behind it. */
export function OverviewPage() {
  const api = useApi()
  const now = useNow()
  return (
    <Page title={words.nav.overview}>
      <FirstSteps />
      <Sheet title={text.verifications}>
        <Verifications queryKey={['usage']} read={(by, options) => api.server.usage({ by }, options)}>
          {(counted) => <MostUsed tokens={counted.top_tokens} />}
        </Verifications>
      </Sheet>
      <div className="cards">
        {conditions.map((condition) => (
          <Card key={condition} condition={condition} query={queryFor(condition, now)} />
        ))}
      </div>
    </Page>
  )
}

/** As often as the figures below are read anew. */
const askEveryMs = 10_000

/** The way from an empty deployment to the first verification. It is gone once a token of somebody was verified. */
function FirstSteps() {
  const { api, origin } = useServer()
  const usage = useQuery({
    queryKey: ['usage', 'day'],
    queryFn: ({ signal }) => api.server.usage({ by: 'day' }, { signal }),
    refetchInterval: askEveryMs,
  })
  // Managers and administrators are at work before anybody has a token: their own requests are verifications too.
  const isInUse = usage.data?.top_tokens.some(({ kind }) => kind !== 'manager') ?? true
  if (isInUse) return null
  const { title, about, scopes, token, verify } = text.firstSteps
  return (
    <Sheet title={title}>
      <p>{about}</p>
      <ol className="first-steps">
        <li>
          <Link href="/settings">{scopes.action}</Link> <span className="muted">{scopes.why}</span>
        </li>
        <li>
          <Link href="/tokens/new">{token.action}</Link> <span className="muted">{token.why}</span>
        </li>
        <li>
          <a href={`${origin}/docs/guides/sdk`}>{verify.action}</a> <span className="muted">{verify.why}</span>
        </li>
      </ol>
    </Sheet>
  )
}

function MostUsed({ tokens }: { tokens: Usage['top_tokens'] }) {
  return (
    <section>
      <h3>{text.top}</h3>
      {tokens.length === 0 && <p className="muted">{text.noneUsed}</p>}
      <Ranking
        items={tokens.map((token) => ({
          key: token.token_id,
          name: <Link href={`/tokens/${token.token_id}`}>{token.label || token.token_id}</Link>,
          about: <Owner token={token} />,
          count: token.total,
        }))}
      />
    </section>
  )
}

function Owner({ token }: { token: Usage['top_tokens'][number] }) {
  const { kind, account_id: accountId, project_id: projectId } = token
  const nameOf = useNames()
  if (projectId !== null) return <Link href={`/projects/${projectId}`}>{nameOf(projectId) ?? projectId}</Link>
  if (accountId !== null) return <Link href={`/accounts/${accountId}`}>{nameOf(accountId) ?? accountId}</Link>
  return kind && words.tokens.kinds[kind]
}

/** The cards are counted as far as a page goes; beyond that there are simply many. */
const countedMax = 200

/** How many tokens deserve a look for one thing. */
function Card({ condition, query }: { condition: Condition; query: ListTokensQuery }) {
  const api = useApi()
  const { action, none } = text.cards[condition]
  const page = useQuery({
    queryKey: ['tokens', 'count', query],
    queryFn: ({ signal }) => api.tokens.page({ ...query, limit: countedMax }, { signal }),
  })
  return (
    <section className="sheet">
      <h2>{words.tokens.conditions[condition]}</h2>
      <Loaded query={page}>
        {({ data, next_cursor: next }) => (
          <>
            <p className="card-count">{text.count(data.length, next !== null)}</p>
            {data.length === 0 ? (
              <p className="muted">{none}</p>
            ) : (
              <Link href={`/all-tokens?condition=${condition}`}>{action}</Link>
            )}
          </>
        )}
      </Loaded>
    </section>
  )
}
