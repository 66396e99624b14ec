/**
 * What is asked of a database, apart from how it gets there. Whatever reads or writes is written once, as steps that
 * yield their statements: SQLite answers each at once, PostgreSQL over its connection. The text of a statement is the
 * same for both, with `?` for each parameter, in order.
 */

export type SqlValue = null | number | string
export type Row = Record<string, SqlValue>
/** A row by the order of its columns: half the cost of one by their names, for what reads many columns often. */
export type Values = readonly SqlValue[]

export interface Statement {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
  /**
   * What it is answered with: rows by name or by order, or how many rows it changed. `nothing` and `one-change` are
   * answered with nothing, and perhaps before they have run: that they succeeded, and `one-change` with exactly one
   * row, is made sure of before the steps end, and before anything that follows is answered.
   */
  readonly answer: 'rows' | 'values' | 'changed' | 'one-change' | 'nothing'
}

export type Answer = readonly Row[] | readonly Values[] | number | undefined

/** Steps that come to a result. What a statement throws is thrown where it was yielded, or at a later statement. */
export type Steps<T> = Generator<Statement | readonly Statement[], T, Answer | readonly Answer[]>

export function* all(sql: string, ...parameters: SqlValue[]): Steps<readonly Row[]> {
  return (yield { sql, parameters, answer: 'rows' }) as readonly Row[]
}

export function* get(sql: string, ...parameters: SqlValue[]): Steps<Row | undefined> {
  const [row] = (yield { sql, parameters, answer: 'rows' }) as readonly Row[]
  return row
}

export function* allValues(sql: string, ...parameters: SqlValue[]): Steps<readonly Values[]> {
  return (yield { sql, parameters, answer: 'values' }) as readonly Values[]
}

export function* getValues(sql: string, ...parameters: SqlValue[]): Steps<Values | undefined> {
  const [row] = (yield { sql, parameters, answer: 'values' }) as readonly Values[]
  return row
}

/** Answers how many rows changed. */
export function* run(sql: string, ...parameters: SqlValue[]): Steps<number> {
  return (yield { sql, parameters, answer: 'changed' }) as number
}

/** For a statement that must meet exactly one row. */
export function* runOne(sql: string, ...parameters: SqlValue[]): Steps<void> {
  yield { sql, parameters, answer: 'one-change' }
}

/** For a statement that nobody waits for, but that must succeed. */
export function* order(sql: string, ...parameters: SqlValue[]): Steps<void> {
  yield { sql, parameters, answer: 'nothing' }
}

/**
 * Takes several steps side by side: what each of them asks next is asked in one go, which over a network costs one
 * round trip instead of one for each. The order of statements within one go is that of the steps.
 */
export function* together<T>(steps: readonly Steps<T>[]): Steps<readonly T[]> {
  const places = steps.map((one) => ({ one, at: one.next() }))
  for (;;) {
    const asking = places.filter(({ at }) => !at.done)
    if (asking.length === 0) return places.map(({ at }) => at.value as T)
    const asked = asking.map(({ at }) => at.value as Statement | readonly Statement[])
    const answers = (yield asked.flat()) as readonly Answer[]
    let next = 0
    for (const [index, place] of asking.entries()) {
      const statements = asked[index]!
      const isGroup = isMany(statements)
      const own = isGroup ? answers.slice(next, next + statements.length) : answers[next]!
      next += isGroup ? statements.length : 1
      place.at = place.one.next(own)
    }
  }
}

export function isMany(asked: Statement | readonly Statement[]): asked is readonly Statement[] {
  return Array.isArray(asked)
}
