import type { SealedTable, Sealer } from '../seal.ts'
import { runOne, type Row, type Steps } from '../steps.ts'
import { insertSql, sealedRow, updateSql, valuesOf } from '../tables/columns.ts'

/** Writes the records of one table, each version in the place of the one before it. */
export class VersionWriter<Record extends { readonly id: string }> {
  readonly #table: SealedTable<Record>
  readonly #insertColumns: readonly string[]
  readonly #updateColumns: readonly string[]
  readonly #insert: string
  readonly #update: string

  /** @param derived the columns that follow from a record and are there to find it by */
  constructor(table: SealedTable<Record>, derived: readonly string[]) {
    this.#table = table
    this.#insertColumns = [...table.sealed, ...table.observed, ...derived, 'seal']
    // The serial is the row's own number, and what was observed goes on as it is.
    this.#updateColumns = [...table.sealed.filter((column) => column !== 'serial'), ...derived, 'seal']
    this.#insert = insertSql(table.name, this.#insertColumns)
    this.#update = updateSql(table.name, this.#updateColumns, 'id = ? AND changed_seq = ?')
  }

  /** @param replacedSeq the `changedSeq` of the version that this one replaces; `undefined` for a new record */
  *write(sealer: Pick<Sealer, 'seal'>, record: Record, derived: Row, replacedSeq: number | undefined): Steps<void> {
    const row = { ...sealedRow(sealer, this.#table, record), ...derived }
    if (replacedSeq === undefined) yield* runOne(this.#insert, ...valuesOf(row, this.#insertColumns))
    else yield* runOne(this.#update, ...valuesOf(row, this.#updateColumns), record.id, replacedSeq)
  }
}
