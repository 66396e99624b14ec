import type { CallOptions, TokenUsage, Usage } from '@chatelaine/sdk'
import { useQuery } from '@tanstack/react-query'
import { useId, useState, type ReactNode } from 'react'
import { Bars } from './ui/bars.tsx'
import { Chip } from './ui/chip.tsx'
import { Ranking } from './ui/ranking.tsx'
import { Loaded } from './ui/waiting.tsx'
import './verifications.css'
import { words } from './words/words.ts'

const text = words.usage

type By = Usage['by']
type Counted = Pick<Usage & TokenUsage, 'by' | 'series' | 'total' | 'codes'>

/** How verifications ended, by hour or by day: drawn, with the reasons of refusals, and with what else is told of them. */
export function Verifications<T extends Counted>({
  queryKey,
  read,
  children,
}: {
  queryKey: readonly unknown[]
  read: (by: By, options: CallOptions) => Promise<T>
  children: (counted: T) => ReactNode
}) {
  const [by, setBy] = useState<By>('hour')
  const name = useId()
  const usage = useQuery({
    queryKey: [...queryKey, by],
    queryFn: ({ signal }) => read(by, { signal }),
    placeholderData: (before) => before,
    refetchInterval: 10_000,
  })
  return (
    <>
      <div className="chips">
        <Chip name={name} isChosen={by === 'hour'} onChoose={() => setBy('hour')}>
          {text.byHour}
        </Chip>
        <Chip name={name} isChosen={by === 'day'} onChoose={() => setBy('day')}>
          {text.byDay}
        </Chip>
      </div>
      <Loaded query={usage}>
        {(counted) => (
          <>
            <Bars
              caption={text.caption(counted.total)}
              by={counted.by}
              good={text.accepted}
              bad={text.refused}
              steps={counted.series.map(({ at, total, codes: { valid = 0 } }) => ({
                at,
                good: valid,
                bad: total - valid,
              }))}
            />
            <div className="verifications-parts">
              <Refusals codes={counted.codes} />
              {children(counted)}
            </div>
          </>
        )}
      </Loaded>
    </>
  )
}

/** Why tokens were refused, in words, the most frequent reason first. */
function Refusals({ codes: { valid, ...refused } }: { codes: Usage['codes'] }) {
  const reasons = Object.entries(refused) as [keyof typeof refused, number][]
  return (
    <section>
      <h3>{text.refusals}</h3>
      {reasons.length === 0 && <p className="muted">{text.noRefusals(valid ?? 0)}</p>}
      <Ranking
        look="fault"
        items={reasons
          .toSorted(([, one], [, other]) => other - one)
          .map(([code, count]) => ({ key: code, name: text.codes[code], about: <code>{code}</code>, count }))}
      />
    </section>
  )
}
