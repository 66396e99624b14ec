import type { Keys } from '@chatelaine/token/keys'
import type { Row, Values } from './steps.ts'

/** Of a row that is not what was written, only where it stands. */
export interface DamagedRow {
  readonly table: SealedTableName
  readonly id: string
}

export type SealedTableName =
  | 'tokens'
  | 'accounts'
  | 'projects'
  | 'sessions'
  | 'once'
  | 'settings'
  | 'master_keys'
  | 'uses_left'
  | 'handoffs'

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
  /** Which of the sealed columns tell a row from all others; a damaged one is reported by the first. */
  readonly key: readonly string[]
  encode(record: Record): Row
  /**
   * Names what `encode` wrote: that it is of the types of the record, its seal vouches for.
   * @param values of the sealed columns and then of the observed ones, in their order
   */
  decode(values: Values): { readonly [Name in keyof Record]: unknown }
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

  /** @param values begin with those of the sealed columns */
  seal<Record>(table: SealedTable<Record>, values: Values): string {
    return this.#keys.mac('row-seal', sealedText(table, values, 0))
  }

  /**
   * The record in a row, or `undefined` when the row is not what was written.
   * @param values of the columns that `columnsOf` names, beginning at `from`
   */
  open<Record>(table: SealedTable<Record>, values: Values, from = 0): Record | undefined {
    if (this.#keys.macMatches('row-seal', sealedText(table, values, from), sealOf(table, values, from))) {
      return table.decode(from === 0 ? values : values.slice(from)) as Record
    }
    this.#onDamaged({ table: table.name, id: String(values[from + table.sealed.indexOf(table.key[0]!)]) })
    return undefined
  }

  isCurrent<Record>(table: SealedTable<Record>, values: Values): boolean {
    return this.#keys.isCurrent(sealOf(table, values, 0))
  }
}

/** The name of the table is part of it, so that a row of one cannot be planted in another. */
function sealedText<Record>({ name, sealed }: SealedTable<Record>, values: Values, from: number): string {
  let end = from + sealed.length
  while (values[end - 1] === null) end -= 1
  return name + JSON.stringify(values.slice(from, end))
}

function sealOf<Record>({ sealed, observed }: SealedTable<Record>, values: Values, from: number): string {
  return String(values[from + sealed.length + observed.length])
}
