import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { useApi } from '../server.tsx'
import { Bars } from '../ui/bars.tsx'
import { nameOfStep } from '../ui/time.tsx'
import { Loaded } from '../ui/waiting.tsx'
import { Chip } from '../ui/chip.tsx'
import { words } from '../words/words.ts'
import { Addresses } from './addresses.tsx'

const text = words.token

/** How a token's verifications ended, by hour or by day, and from where it was accepted. */
export function TokenUsageChart({ id }: { id: string }) {
  const api = useApi()
  const [by, setBy] = useState<'hour' | 'day'>('hour')
  const name = useId()
  const usage = useQuery({
    queryKey: ['tokens', 'usage', id, by],
    queryFn: ({ signal }) => api.tokens.usage(id, { by }, { signal }),
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
              caption={text.usageCaption(counted.total)}
              good={text.accepted}
              bad={text.refused}
              bars={counted.series.map((step) => ({
                name: nameOfStep(step.at, counted.by),
                good: step.codes.valid ?? 0,
                bad: step.total - (step.codes.valid ?? 0),
              }))}
            />
            <p className="muted">
              {Object.entries(counted.codes)
                .filter(([code]) => code !== 'valid')
                .map(([code, count]) => `${code}: ${count}`)
                .join(' · ')}
            </p>
            <Addresses usage={counted} />
          </>
        )}
      </Loaded>
    </>
  )
}
