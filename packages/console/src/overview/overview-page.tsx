import type { ListTokensQuery, Usage } from '@chatelaine/sdk'
import { useQuery } from '@tanstack/react-query'
import { useId, useState, type ReactNode } from 'react'
import { Link } from 'wouter'
import { conditions, queryFor } from '../conditions.ts'
import { useApi } from '../server.tsx'
import { Bars } from '../ui/bars.tsx'
import { Chip } from '../ui/chip.tsx'
import { Facts } from '../ui/facts.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { nameOfStep, useNow } from '../ui/time.tsx'
import { Loaded } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import './overview.css'

const text = words.overview

/** How the deployment does, for administrators: each figure leads to the tokens behind it. */
export function OverviewPage() {
  const api = useApi()
  const [by, setBy] = useState<'hour' | 'day'>('hour')
  const name = useId()
  const now = useNow()
  const usage = useQuery({
    queryKey: ['usage', by],
    queryFn: ({ signal }) => api.server.usage({ by }, { signal }),
    placeholderData: (before) => before,
    refetchInterval: 15_000,
  })
  return (
    <Page title={words.nav.overview}>
      <Sheet title={text.verifications}>
        <div className="chips">
          <Chip name={name} isChosen={by === 'hour'} onChoose={() => setBy('hour')}>
            {words.token.byHour}
          </Chip>
          <Chip name={name} isChosen={by === 'day'} onChoose={() => setBy('day')}>
            {words.token.byDay}
          </Chip>
        </div>
        <Loaded query={usage}>{(counted) => <Verifications usage={counted} />}</Loaded>
      </Sheet>
      <div className="cards">
        {conditions.map((condition) => (
          <Card
            key={condition}
            title={text.cards[condition].title}
            href={`/all-tokens?condition=${condition}`}
            action={text.cards[condition].action}
          >
            <Count query={queryFor(condition, now)} />
          </Card>
        ))}
      </div>
    </Page>
  )
}

function Verifications({ usage: { by, series, total, codes, top_tokens: top } }: { usage: Usage }) {
  const refusals = Object.entries(codes).filter(([code]) => code !== 'valid')
  return (
    <>
      <Bars
        caption={words.token.usageCaption(total)}
        good={words.token.accepted}
        bad={words.token.refused}
        bars={series.map((step) => ({
          name: nameOfStep(step.at, by),
          good: step.codes.valid ?? 0,
          bad: step.total - (step.codes.valid ?? 0),
        }))}
      />
      {refusals.length > 0 && (
        <>
          <h3>{text.refusals}</h3>
          <Facts facts={refusals.map(([code, count]) => [code, count] as const)} />
        </>
      )}
      {top.length > 0 && (
        <>
          <h3>{text.top}</h3>
          <ol className="lines">
            {top.map(({ token_id: id, label, total: count }) => (
              <li key={id}>
                <Link href={`/tokens/${id}`}>{label === null || label === '' ? id : label}</Link>
                <span className="muted">{words.token.usageCaption(count)}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  )
}

function Card({ title, href, action, children }: { title: string; href: string; action: string; children: ReactNode }) {
  return (
    <section className="sheet">
      <h2>{title}</h2>
      {children}
      <Link href={href}>{action}</Link>
    </section>
  )
}

/** The cards are counted as far as a page goes; beyond that there are simply many. */
const countedMax = 200

function Count({ query }: { query: ListTokensQuery }) {
  const api = useApi()
  const page = useQuery({
    queryKey: ['tokens', 'count', query],
    queryFn: ({ signal }) => api.tokens.page({ ...query, limit: countedMax }, { signal }),
  })
  return (
    <Loaded query={page}>
      {({ data, next_cursor: next }) => <p className="card-count">{text.count(data.length, next !== null)}</p>}
    </Loaded>
  )
}
