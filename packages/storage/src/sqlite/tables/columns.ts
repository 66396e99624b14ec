import type { Row, SqlValue } from '../connection.ts'
import type { SealedTable } from '../seal.ts'

/** Every column that makes a record, with its seal. */
export function columnsOf<Record>(table: SealedTable<Record>): string {
  return [...table.sealed, ...table.observed, 'seal'].map((column) => `${table.name}.${column}`).join(', ')
}

/** The same under names that begin with the table's, for a join in which two tables have columns of one name. */
export function joinedColumnsOf<Record>(table: SealedTable<Record>): string {
  return [...table.sealed, ...table.observed, 'seal']
    .map((column) => `${table.name}.${column} AS "${joinedName(table.name, column)}"`)
    .join(', ')
}

/** Of a joined row, the columns of one table under their own names. */
export function rowOf<Record>(table: SealedTable<Record>, joined: Row): Row {
  const row: Row = {}
  for (const column of [...table.sealed, ...table.observed, 'seal'])
    row[column] = joined[joinedName(table.name, column)]!
  return row
}

/** Binds a row to `INSERT INTO … VALUES`: the columns and as many question marks. */
export function insertSql(table: string, columns: readonly string[]): string {
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`
}

export function updateSql(table: string, columns: readonly string[], condition: string): string {
  return `UPDATE ${table} SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE ${condition}`
}

/**
 * The values of these columns, in their order.
 * @throws TypeError for text that SQLite would not give back as it was.
 */
export function valuesOf(row: Row, columns: readonly string[]): SqlValue[] {
  return columns.map((column) => {
    const value = row[column]
    if (value === undefined) throw new TypeError(`no value for the column ${column}`)
    if (typeof value === 'string' && !value.isWellFormed()) {
      throw new TypeError(`the value for the column ${column} has a lone surrogate, which UTF-8 cannot hold`)
    }
    return value
  })
}

function joinedName(table: string, column: string): string {
  return `${table}.${column}`
}
