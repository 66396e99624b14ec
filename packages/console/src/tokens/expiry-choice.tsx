import type { TokenAllowance } from '@chatelaine/sdk'
import { useId } from 'react'
import { Chip } from '../ui/chip.tsx'
import { TextField } from '../ui/field.tsx'
import { relatively, shortly, Timed, useNow } from '../ui/time.tsx'
import { words } from '../words/words.ts'
import { endOf, lifeFaultOf, type Life } from './draft.ts'

const text = words.create.expiry

const days = [1, 7, 30, 90]

/** How long the token will live: the usual spans as chips, and what policy forbids with the reason. */
export function ExpiryChoice({
  life,
  allowance,
  asItIs,
  onChange,
}: {
  /** `undefined`: the end stays as it is. */
  life: Life | undefined
  allowance: TokenAllowance
  /** What the choice is called that changes nothing, where there is one. */
  asItIs?: { readonly name: string; readonly onChoose: () => void }
  onChange: (life: Life) => void
}) {
  const now = useNow()
  const name = useId()
  const isDays = (count: number) => life?.in === 'days' && life.days === count
  const others = life?.in === 'days' && !days.includes(life.days) ? [life.days] : []
  const end = life && endOf(life, now)
  const fault = life && lifeFaultOf(life, allowance, now)
  const { in_use: inUse, max } = allowance.permanent
  const noteOn = (other: Life) => {
    const isForbidden = lifeFaultOf(other, allowance, now) !== undefined
    return isForbidden ? text.notHere : other.in === 'never' ? text.permanentInUse(inUse, max) : undefined
  }
  return (
    <fieldset className="choice">
      <legend>{text.legend}</legend>
      <div className="chips">
        {asItIs !== undefined && (
          <Chip name={name} isChosen={life === undefined} onChoose={asItIs.onChoose}>
            {asItIs.name}
          </Chip>
        )}
        {[...days, ...others].map((count) => (
          <Chip
            key={count}
            name={name}
            isChosen={isDays(count)}
            note={noteOn({ in: 'days', days: count })}
            onChoose={() => onChange({ in: 'days', days: count })}
          >
            {text.days(count)}
          </Chip>
        ))}
        <Chip name={name} isChosen={life?.in === 'date'} onChoose={() => onChange({ in: 'date', date: '' })}>
          {text.date}
        </Chip>
        <Chip name={name} isChosen={life?.in === 'hours'} onChoose={() => onChange({ in: 'hours', hours: '' })}>
          {text.hours}
        </Chip>
        <Chip
          name={name}
          isChosen={life?.in === 'never'}
          note={noteOn({ in: 'never' })}
          onChoose={() => onChange({ in: 'never' })}
        >
          {text.never}
        </Chip>
      </div>
      {life?.in === 'date' && (
        <TextField
          label={text.dateLabel}
          type="date"
          value={life.date}
          onChange={({ target }) => onChange({ in: 'date', date: target.value })}
        />
      )}
      {life?.in === 'hours' && (
        <TextField
          label={text.hoursLabel}
          hint={text.hoursHint}
          inputMode="numeric"
          value={life.hours}
          onChange={({ target }) => onChange({ in: 'hours', hours: target.value })}
        />
      )}
      {life !== undefined && (
        <p className={fault === undefined ? 'muted' : 'field-fault'} aria-live="polite">
          {fault === undefined ? (
            end === null || end === undefined ? (
              text.endsNever
            ) : (
              <Timed at={end}>{text.ends(shortly(end), relatively(end, now))}</Timed>
            )
          ) : (
            text.faults[fault]({ inUse, max, longestSeconds: allowance.longest_lifetime_seconds ?? 0 })
          )}
        </p>
      )}
      {end === null && fault === undefined && <p className="muted">{text.permanentAdvice}</p>}
    </fieldset>
  )
}
