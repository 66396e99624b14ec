import type { PagePosition } from '@chatelaine/core'
import { all, type Row, type SqlValue, type Steps } from '../steps.ts'
import { isStorable } from '../tables/columns.ts'
import type { Reads } from './reads.ts'

/** Rows that are looked at in one go. Between two goes verifications are answered, however large the table is. */
const stepRowsMax = 500

/** A condition of a query, with its parameters. */
export interface Condition {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}

/** A list in its order, before it is filtered. */
export interface Walk {
  readonly table: string
  /** What the list is sorted by; with the serial it makes an index. `undefined` for lists sorted by serial alone. */
  readonly sortedBy: string | undefined
  readonly serial: string
  readonly descending: boolean
  readonly after: PagePosition | undefined
  /** What an index leads straight to. */
  readonly within: readonly Condition[]
  /** What each row has to be asked. */
  readonly filters: readonly Condition[]
}

/**
 * The places of the rows that fit, in order, in small steps.
 * @param firstStepRows how many rows the first step looks at; a page where everything fits is one step
 */
export async function* walk(reads: Reads, list: Walk, firstStepRows: number): AsyncGenerator<PagePosition> {
  let after = list.after
  for (let stepRows = Math.min(firstStepRows, stepRowsMax); ; stepRows = Math.min(stepRows * 2, stepRowsMax)) {
    const rows = await reads.read(step(list, after, stepRows))
    for (const row of rows) if (row.fits === 1) yield { value: row.value ?? null, serial: Number(row.serial) }
    const last = rows.at(-1)
    if (last === undefined || rows.length < stepRows) return
    after = { value: last.value ?? null, serial: Number(last.serial) }
    await reads.pause()
  }
}

function step(list: Walk, after: PagePosition | undefined, stepRows: number): Steps<readonly Row[]> {
  const { table, sortedBy, serial, descending, within, filters } = list
  const order = descending ? 'DESC' : 'ASC'
  const conditions = (after === undefined ? within : [...within, behind(list, after)]).map(possible)
  const asked = filters.map(possible)
  return all(
    `SELECT ${sortedBy ?? 'NULL'} AS value, ${serial} AS serial, ${allOf(asked)} AS fits FROM ${table}
     WHERE ${allOf(conditions)}
     ORDER BY ${sortedBy === undefined ? '' : `${sortedBy} ${order}, `}${serial} ${order} LIMIT ?`,
    ...asked.flatMap(({ parameters }) => parameters),
    ...conditions.flatMap(({ parameters }) => parameters),
    stepRows,
  )
}

function behind({ sortedBy, serial, descending }: Walk, after: PagePosition): Condition {
  const sign = descending ? '<' : '>'
  if (sortedBy === undefined) return { sql: `${serial} ${sign} ?`, parameters: [after.serial] }
  return { sql: `(${sortedBy}, ${serial}) ${sign} (?, ?)`, parameters: [after.value, after.serial] }
}

function allOf(conditions: readonly Condition[]): string {
  return conditions.length === 0 ? 'TRUE' : conditions.map(({ sql }) => `(${sql})`).join(' AND ')
}

/** No text is like one that cannot be stored, and PostgreSQL refuses to compare with it. */
function possible(condition: Condition): Condition {
  return condition.parameters.every(isStorable) ? condition : { sql: 'FALSE', parameters: [] }
}
