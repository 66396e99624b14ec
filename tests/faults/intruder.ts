import { DatabaseSync, type SQLInputValue } from 'node:sqlite'

export type Row = Record<string, SQLInputValue>

/** Somebody who has the database file of a server that has stopped, but not its master key. */
export class Intruder {
  readonly #database: DatabaseSync

  constructor(file: string) {
    this.#database = new DatabaseSync(file, { enableForeignKeyConstraints: false })
  }

  read(table: string, id: string): Row {
    const row = this.#database.prepare(`SELECT * FROM ${table} WHERE id = ?`).get(id)
    if (row === undefined) throw new Error(`there is no row ${id} in ${table}`)
    return row
  }

  alter(table: string, id: string, values: Row): void {
    const columns = Object.keys(values).map((column) => `${column} = ?`)
    const sql = `UPDATE ${table} SET ${columns.join(', ')} WHERE id = ?`
    this.#database.prepare(sql).run(...Object.values(values), id)
  }

  /** Adds a row like this one, as far as it is not computed from the rest. */
  plant(table: string, row: Row): void {
    const stored = this.#database
      .prepare(`SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0`)
      .all(table)
      .map(({ name }) => String(name))
    const columns = stored.filter((column) => column in row)
    const places = columns.map(() => '?').join(', ')
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`
    this.#database.prepare(sql).run(...columns.map((column) => row[column]!))
  }

  /** Something else that this column could hold. */
  otherValue(table: string, id: string, column: string): SQLInputValue {
    const value = this.read(table, id)[column]
    if (typeof value === 'number') return value === 1 ? 0 : value + 1_000_000
    if (typeof value === 'string') return `${value}0`
    const sql = 'SELECT type FROM pragma_table_xinfo(?) WHERE name = ?'
    return this.#database.prepare(sql).get(table, column)?.['type'] === 'INTEGER' ? 1 : '[]'
  }

  /** The name of the master key; the key itself is kept elsewhere. */
  readKeyId(): string {
    return String(this.#database.prepare('SELECT key_id FROM master_keys').get()?.['key_id'])
  }

  run(sql: string): void {
    this.#database.exec(sql)
  }

  close(): void {
    this.#database.close()
  }
}
