import type { Scope } from '@chatelaine/sdk'

type Holder = NonNullable<Scope['kinds']>[number]

/** A scope while it is being written. A row that was changed is another object, with the same key. */
export interface ScopeRow {
  readonly key: number
  readonly name: string
  readonly group: string
  readonly description: string
  readonly kinds: readonly Holder[]
  readonly isSensitive: boolean
}

const bothKinds: readonly Holder[] = ['account', 'project']

let lastKey = 0

/** A row in which nothing stands yet. */
export function emptyRow(): ScopeRow {
  lastKey += 1
  return { key: lastKey, name: '', group: '', description: '', kinds: bothKinds, isSensitive: false }
}

/** The row of a scope that there is. */
export function rowOf({ name, description, group = '', kinds = bothKinds, sensitive = false }: Scope): ScopeRow {
  return { ...emptyRow(), name, description, group, kinds, isSensitive: sensitive }
}

/** Whether anything stands in it; an empty row is nobody's scope. */
export function isWritten({ name, group, description }: ScopeRow): boolean {
  return `${name}${group}${description}`.trim() !== ''
}

/** The scope that a row stands for, without the space around what was written. */
export function scopeOf({ name, group, description, kinds, isSensitive }: ScopeRow): Scope {
  return { name: name.trim(), group: group.trim(), description: description.trim(), kinds, sensitive: isSensitive }
}

/** One scope a line, as people keep such lists: `resource:action | group | words | sensitive`. */
export function textOf(rows: readonly ScopeRow[]): string {
  return rows
    .filter(isWritten)
    .map(({ name, group, description, isSensitive }) => {
      return [name, group, description, ...(isSensitive ? ['sensitive'] : [])].join(' | ')
    })
    .join('\n')
}

/**
 * The rows that lines stand for. Parts are told apart by bars or, as a spreadsheet copies them, by tabs. Which kinds may
 * hold a scope is not in the lines, and stays as it is for a scope that is there already.
 */
export function rowsIn(text: string, before: readonly ScopeRow[]): ScopeRow[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.map((line) => {
    const [name = '', group = '', description = '', mark = ''] = line.split(/[|\t]/).map((part) => part.trim())
    const kinds = before.find((row) => row.name.trim() === name)?.kinds ?? bothKinds
    return { ...emptyRow(), name, group, description, kinds, isSensitive: mark.toLowerCase() === 'sensitive' }
  })
}

/** A scope that tokens would lose: all of them, or those of one kind. */
export interface Taken {
  readonly scope: Scope
  readonly from: 'all' | Holder
}

/** What tokens that hold it could not use any more once these rows were the catalogue. */
export function takenBy(rows: readonly ScopeRow[], before: readonly Scope[]): Taken[] {
  const kept = new Map(rows.map((row) => [row.name.trim(), row.kinds]))
  return before.flatMap((scope): Taken[] => {
    const kinds = kept.get(scope.name)
    if (kinds === undefined) return [{ scope, from: 'all' }]
    const lost = (scope.kinds ?? bothKinds).filter((kind) => !kinds.includes(kind))
    return lost.map((from) => ({ scope, from }))
  })
}
