import { Misuse } from './failure.ts'

const secondsByUnit = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800, y: 31_536_000 } as const

/**
 * A duration as people write it: `90s`, `15m`, `12h`, `30d`, `4w`, `1y`.
 * @returns seconds; `undefined` for anything else.
 */
export function parseDuration(text: string): number | undefined {
  const [, count = '', unit = ''] = /^([1-9][0-9]{0,8})([smhdwy])$/.exec(text) ?? []
  if (count === '') return undefined
  return Number(count) * secondsByUnit[unit as keyof typeof secondsByUnit]
}

/**
 * The value of an option that takes a duration.
 * @returns seconds
 * @throws Misuse
 */
export function requireDuration(option: string, text: string): number {
  const seconds = parseDuration(text)
  if (seconds === undefined)
    throw new Misuse(`${option} ${text} is no duration`, 'such as 90s, 15m, 12h, 30d, 4w or 1y')
  return seconds
}

/**
 * The value of an option that takes an instant: a duration from now, a day, or a whole RFC 3339 instant.
 * @throws Misuse
 */
export function requireInstant(option: string, text: string, now: number): string {
  const seconds = parseDuration(text)
  if (seconds !== undefined) return new Date(now + seconds * 1_000).toISOString()
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const isWhole = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2})$/.test(text)
  const at = isDay || isWhole ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return new Date(at).toISOString()
  throw new Misuse(
    `${option} ${text} is neither a duration nor an instant`,
    'such as 30d, 2027-01-31 or 2027-01-31T12:00:00Z',
  )
}

/** An instant as a person thinks of it: `in 3 days`, `5 minutes ago`, `now`. */
export function relative(at: string, now: number): string {
  const seconds = Math.round((Date.parse(at) - now) / 1_000)
  const [unit, size] = units.findLast(([, size]) => Math.abs(seconds) >= size) ?? units[0]
  if (Math.abs(seconds) < 1) return 'now'
  return wording.format(Math.trunc(seconds / size), unit)
}

/** In seconds; months and years are those of the average. */
const units = [
  ['second', 1],
  ['minute', 60],
  ['hour', 3_600],
  ['day', 86_400],
  ['month', 2_629_800],
  ['year', 31_557_600],
] as const satisfies [Intl.RelativeTimeFormatUnit, number][]

const wording = new Intl.RelativeTimeFormat('en', { numeric: 'always' })
