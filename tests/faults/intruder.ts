import { generateKeyPairSync, hash, sign } from 'node:crypto'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { entryHash, headText, nextChain, type LogEntry } from '@chatelaine/core'
import { decodeEntry, entryColumns, entryTables } from '../../packages/storage/src/sql/tables/log-table.ts'

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

  /**
   * Alters the last row of the log, and makes it fit again as far as that goes without the master key: the chain is
   * continued, and the end signed with a key of the intruder's own, whose public half is planted beside the genuine ones.
   */
  rewriteLog(): void {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url').toString('base64')
    this.#database
      .prepare(
        `INSERT INTO master_keys (key_id, check_value, audit_public_key, seal)
         SELECT 'planted', check_value, ?, seal FROM master_keys LIMIT 1`,
      )
      .run(raw)
    const rows = this.#database
      .prepare(`SELECT ${entryColumns}, chain FROM ${entryTables} ORDER BY seq DESC LIMIT 2`)
      .all() as Parameters<typeof decodeEntry>[0][]
    const [last, previous] = rows
    const entry: LogEntry = { ...decodeEntry(last!), details: { planted: true } }
    const chain = nextChain(String(previous!['chain']), entryHash(entry, sha256), sha256)
    const signature = sign(null, Buffer.from(headText({ ...entry, chain })), privateKey).toString('base64')
    const { seq } = entry
    this.#database.prepare(`UPDATE changes SET details = '{"planted":true}', chain = ? WHERE seq = ?`).run(chain, seq)
    this.#database
      .prepare(`UPDATE heads SET chain = ?, key_id = 'planted', signature = ? WHERE seq = ?`)
      .run(chain, signature, seq)
    this.#database.prepare('UPDATE counters SET chain = ?').run(chain)
  }

  run(sql: string): void {
    this.#database.exec(sql)
  }

  close(): void {
    this.#database.close()
  }
}

function sha256(text: string): string {
  return hash('sha256', text)
}
