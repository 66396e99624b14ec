// What the benchmark prints.

import type { Spread } from './rounds.ts'

/** One line of the table: a figure with its spread over the rounds and what it should be, or why there is none. */
export type Line = Figure | { readonly what: string; readonly missing: string }

export interface Figure {
  readonly what: string
  readonly unit: Unit
  readonly spread: Spread
  /** What the median should reach. Figures without one are there to be compared. */
  readonly goal?: Goal
}

export type Goal = { readonly atLeast: number } | { readonly atMost: number }

/** How many digits after the point make sense. */
const units = { 'a second': 0, ms: 2, µs: 1, ns: 0, MB: 0, times: 2 } as const
export type Unit = keyof typeof units

const headings = ['', 'median', 'min to max', 'goal', 'reached']

/** A table in Markdown: its text is what goes into the README. */
export function formatTable(lines: readonly Line[]): string {
  const rows = [headings, ...lines.map(cellsOf)]
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const [heading, ...body] = rows.map((row) => `| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`)
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [heading, rule, ...body].join('\n')
}

/** A large number as people read it: 1 000 000. */
export function spoken(count: number): string {
  return count.toLocaleString('en').replaceAll(',', ' ')
}

function cellsOf(line: Line): string[] {
  if ('missing' in line) return [line.what, line.missing, '', '', '']
  const { what, unit, spread, goal } = line
  const text = (value: number) => formatFigure(value, unit)
  const range = `${text(spread.min)} to ${text(spread.max)}`
  if (goal === undefined) return [what, `${text(spread.median)} ${unit}`, range, '', '']
  const wanted = 'atLeast' in goal ? `at least ${text(goal.atLeast)}` : `at most ${text(goal.atMost)}`
  return [what, `${text(spread.median)} ${unit}`, range, wanted, meets(spread, goal) ? 'yes' : 'no']
}

function meets({ median }: Spread, goal: Goal): boolean {
  return 'atLeast' in goal ? median >= goal.atLeast : median <= goal.atMost
}

function formatFigure(value: number, unit: Unit): string {
  const digits = units[unit]
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
