import type { Keys } from '@chatelaine/token/keys'
import type { Row, SqlValue } from './connection.ts'

/** Of a row that is not what was written, only where it stands. */
export interface DamagedRow {
  readonly table: SealedTableName
  readonly id: string
}

export type SealedTableName = 'tokens' | 'accounts' | 'sessions' | 'once'

/** A table whose rows are sealed, and how its records become rows and back. */
export interface SealedTable<Record> {
  readonly name: SealedTableName
  /**
   * What is sealed, in this order for ever. A column added later goes to the end and allows null, so that rows sealed
   * before it was there stay whole.
   */
  readonly sealed: readonly string[]
  /** What is observed outside the change log, and therefore not sealed. */
  readonly observed: readonly string[]
  /** Which row it was, for the report. */
  readonly idColumn: string
  encode(record: Record): Row
  decode(row: Row): Record
}

type RowKeys = Pick<Keys, 'mac' | 'macMatches' | 'isCurrent'>

/**
 * Seals rows when they are written and checks them when they are read. A row planted or altered by somebody who has the
 * database, but not the key, does not fit its seal: it is reported and treated as absent.
 */
export class Sealer {
  readonly #keys: RowKeys
  readonly #onDamaged: (row: DamagedRow) => void

  constructor(keys: RowKeys, onDamaged: (row: DamagedRow) => void) {
    this.#keys = keys
    this.#onDamaged = onDamaged
  }

  seal<Record>(table: SealedTable<Record>, row: Row): string {
    return this.#keys.mac('row-seal', sealedText(table, row))
  }

  /** The record in a row, or `undefined` when the row is not what was written. */
  open<Record>(table: SealedTable<Record>, row: Row): Record | undefined {
    if (this.#keys.macMatches('row-seal', sealedText(table, row), String(row.seal))) return table.decode(row)
    this.#onDamaged({ table: table.name, id: String(row[table.idColumn]) })
    return undefined
  }

  isCurrent(row: Row): boolean {
    return this.#keys.isCurrent(String(row.seal))
  }
}

/** The name of the table is part of it, so that a row of one cannot be planted in another. */
function sealedText<Record>({ name, sealed }: SealedTable<Record>, row: Row): string {
  const values: SqlValue[] = sealed.map((column) => row[column] ?? null)
  while (values.at(-1) === null) values.pop()
  return `${name}${JSON.stringify(values)}`
}
