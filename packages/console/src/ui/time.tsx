import { useSyncExternalStore, type ReactNode } from 'react'
import { words } from '../words/words.ts'

const tickMs = 15_000
const listeners = new Set<() => void>()
let now = Date.now()
let ticking: ReturnType<typeof setInterval> | undefined

function tick(): void {
  now = Date.now()
  for (const listener of listeners) listener()
}

/** Nothing ticks while nobody looks. */
function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now()
    ticking = setInterval(tick, tickMs)
  }
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) clearInterval(ticking)
  }
}

/** The time, as often as it matters to what is drawn. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}

/** An instant by its distance from now; the exact time, in the person's zone and in UTC, is there on hover. */
export function Instant({ at }: { at: string }) {
  const time = Date.parse(at)
  // What was read a moment ago may be younger than the last tick.
  const from = Math.max(useNow(), Math.min(time, Date.now()))
  return <Timed at={time}>{relatively(time, from)}</Timed>
}

/** Words about an instant, with the exact time, in the person's zone and in UTC, on hover. */
export function Timed({ at, children }: { at: number; children: ReactNode }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={exactly(at)}>
      {children}
    </time>
  )
}

const localFormat = new Intl.DateTimeFormat(words.language, { dateStyle: 'medium', timeStyle: 'long' })
const utcFormat = new Intl.DateTimeFormat(words.language, { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' })

/** To the second, in the person's zone and in UTC. */
export function exactly(time: number): string {
  return `${localFormat.format(time)} (${utcFormat.format(time)} UTC)`
}

const shortFormat = new Intl.DateTimeFormat(words.language, { dateStyle: 'medium', timeStyle: 'short' })

/** Such as `Nov 22, 2026, 10:00 AM`, in the person's zone. */
export function shortly(time: number): string {
  return shortFormat.format(time)
}

const utcHourFormat = new Intl.DateTimeFormat(words.language, { timeStyle: 'short', timeZone: 'UTC' })
const utcDayFormat = new Intl.DateTimeFormat(words.language, { dateStyle: 'medium', timeZone: 'UTC' })

/** What a count goes by. */
export type StepUnit = 'hour' | 'day'

/**
 * An hour or a day of a count. Days are those of UTC, wherever the person is; an hour is named in both, so that the two
 * that have one name when clocks are set back are told apart.
 */
export function nameOfStep(at: string, by: StepUnit): string {
  const time = Date.parse(at)
  return by === 'day' ? `${utcDayFormat.format(time)} UTC` : `${shortly(time)} (${utcHourFormat.format(time)} UTC)`
}

const hourFormat = new Intl.DateTimeFormat(words.language, { hour: 'numeric' })
const dayFormat = new Intl.DateTimeFormat(words.language, { month: 'short', day: 'numeric' })
const utcDayOfMonthFormat = new Intl.DateTimeFormat(words.language, { month: 'short', day: 'numeric', timeZone: 'UTC' })

/**
 * The few steps that are named below a chart, so that they fit on a telephone: of hours every sixth of the person's own
 * day, which begins with its date; of days every seventh, back from the last.
 */
export function ticksOf(steps: readonly { readonly at: string }[], by: StepUnit): { index: number; name: string }[] {
  return steps.flatMap(({ at }, index) => {
    const time = new Date(at)
    if (by === 'day') {
      return (steps.length - 1 - index) % 7 === 0 ? [{ index, name: utcDayOfMonthFormat.format(time) }] : []
    }
    if (time.getHours() % 6 !== 0) return []
    return [{ index, name: (time.getHours() === 0 ? dayFormat : hourFormat).format(time) }]
  })
}

const steps = [
  { unit: 'second', ms: 1_000, below: 60_000 },
  { unit: 'minute', ms: 60_000, below: 3_600_000 },
  { unit: 'hour', ms: 3_600_000, below: 48 * 3_600_000 },
  { unit: 'day', ms: 86_400_000, below: 60 * 86_400_000 },
  { unit: 'month', ms: 30.44 * 86_400_000, below: 730 * 86_400_000 },
  { unit: 'year', ms: 365.25 * 86_400_000, below: Infinity },
] as const

const relative = new Intl.RelativeTimeFormat(words.language, { numeric: 'auto' })

/** `in 6 days`, `3 minutes ago`. */
export function relatively(time: number, from: number): string {
  const distance = time - from
  const { unit, ms } = steps.find(({ below }) => Math.abs(distance) < below) ?? steps[steps.length - 1]!
  return relative.format(Math.trunc(distance / ms), unit)
}
