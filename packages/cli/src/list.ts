// Lists and records, as each listener wants them: a table for a person, tab-separated for a pipe, JSON for a program.

import { printable, type Terminal } from './terminal.ts'
import { relative } from './times.ts'

/** One column of a list, or one line of a record. */
export type Column<Row> =
  | { readonly title: string; readonly text: (row: Row) => string | number | boolean | null }
  /** An instant: relative on a terminal, exact elsewhere. `null` is shown as the word that stands in `none`. */
  | { readonly title: string; readonly at: (row: Row) => string | null; readonly none: string }

export interface ListOptions {
  readonly json?: true
}

/** How many rows a list prints unless told otherwise. */
export const rowsDefault = 200
/** How many it prints at most. */
export const rowsMax = 100_000

const gap = '  '

/** Prints a list, of at most `limit` rows. */
export async function printList<Row>(
  terminal: Terminal,
  rows: AsyncIterable<Row> | Iterable<Row>,
  columns: readonly Column<Row>[],
  { json, limit = rowsDefault }: ListOptions & { readonly limit?: number | undefined },
): Promise<void> {
  const shown: Row[] = []
  let isCut = false
  for await (const row of rows) {
    isCut = shown.length === limit
    if (isCut) break
    shown.push(row)
    if (json === undefined && !terminal.isTerminal) terminal.write(tabbed(cellsOf(row, columns, terminal)))
  }
  if (json !== undefined) terminal.write(`${JSON.stringify(shown, undefined, 2)}\n`)
  else if (terminal.isTerminal) printTable(terminal, shown, columns)
  if (isCut) terminal.tell(`there are more than ${limit}; --limit shows more of them`)
}

/** Prints one thing, a line for each of its fields. */
export function printRecord<Row>(
  terminal: Terminal,
  row: Row,
  fields: readonly Column<Row>[],
  { json }: ListOptions,
): void {
  if (json !== undefined) return terminal.write(`${JSON.stringify(row, undefined, 2)}\n`)
  const cells = cellsOf(row, fields, terminal)
  const width = Math.max(...fields.map(({ title }) => title.length))
  for (const [index, { title }] of fields.entries()) {
    const cell = cells[index] ?? ''
    const lead = terminal.isTerminal ? terminal.style(title.padEnd(width), 'dim') + gap : `${title}\t`
    terminal.write(`${lead}${cell}\n`)
  }
}

function printTable<Row>(terminal: Terminal, rows: readonly Row[], columns: readonly Column<Row>[]): void {
  if (rows.length === 0) return terminal.tell('nothing to show')
  const lines = rows.map((row) => cellsOf(row, columns, terminal))
  const widths = columns.map(({ title }, column) =>
    Math.max(title.length, ...lines.map((cells) => cells[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(gap)
      .trimEnd()
  terminal.write(`${terminal.style(line(columns.map(({ title }) => title.toUpperCase())), 'bold')}\n`)
  for (const cells of lines) terminal.write(`${line(cells)}\n`)
}

function cellsOf<Row>(row: Row, columns: readonly Column<Row>[], { isTerminal, now }: Terminal): string[] {
  return columns.map((column) => {
    if ('text' in column) return printable(String(column.text(row) ?? ''))
    const at = column.at(row)
    if (at === null) return isTerminal ? column.none : ''
    return isTerminal ? relative(at, now()) : at
  })
}

function tabbed(cells: readonly string[]): string {
  return `${cells.join('\t')}\n`
}
