import type { Row, SqlValue } from '../steps.ts'
import type { SealedTable, Sealer } from '../seal.ts'

/**
 * Every column that makes a record, in the order in which `Sealer.open` takes them.
 * @param as what the statement calls the table
 */
export function columnsOf<Record>(table: SealedTable<Record>, as: string = table.name): string {
  return [...table.sealed, ...table.observed, 'seal'].map((column) => `${as}.${column}`).join(', ')
}

/** How many columns that are. */
export function widthOf<Record>({ sealed, observed }: SealedTable<Record>): number {
  return sealed.length + observed.length + 1
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
 * @throws TypeError for text that not every database would give back as it was.
 */
export function valuesOf(row: Row, columns: readonly string[]): SqlValue[] {
  return columns.map((column) => {
    const value = row[column]
    if (value === undefined) throw new TypeError(`no value for the column ${column}`)
    if (isStorable(value)) return value
    throw new TypeError(`the value for the column ${column} has a lone surrogate or U+0000`)
  })
}

/** A record as it is stored, with the seal of what is sealed of it. */
export function sealedRow<Record>(sealer: Pick<Sealer, 'seal'>, table: SealedTable<Record>, record: Record): Row {
  const row = table.encode(record)
  return { ...row, seal: sealer.seal(table, valuesOf(row, table.sealed)) }
}

/** UTF-8 cannot hold half of a surrogate pair, and PostgreSQL's text no U+0000. */
export function isStorable(value: SqlValue): boolean {
  return typeof value !== 'string' || (value.isWellFormed() && !value.includes('\0'))
}
