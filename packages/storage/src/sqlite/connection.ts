import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { isMany, type Answer, type Row, type SqlValue, type Statement, type Steps, type Values } from '../sql/steps.ts'
import { StorageError } from '../storage-error.ts'

/** Older ones can corrupt a WAL database when two connections checkpoint at once (https://sqlite.org/wal.html#walresetbug). */
const sqliteVersionMin = [3, 51, 3] as const

/** Statements kept prepared; lists with many combinations of filters would otherwise pile up. */
const preparedMax = 500

/** What durability and safety rest on: set on every connection, and read back. */
const settings = {
  foreign_keys: 1,
  trusted_schema: 0,
  cell_size_check: 1,
  busy_timeout: 5_000,
  temp_store: 2,
  // Without memory mapping an I/O error is an error; with it, a signal that ends the process.
  mmap_size: 0,
  cache_size: -65_536,
} as const

const writerSettings = {
  ...settings,
  journal_mode: 'wal',
  // FULL. With NORMAL the last commits are lost with the power, and a revoked token lives again.
  synchronous: 2,
  wal_autocheckpoint: 4_000,
  journal_size_limit: 67_108_864,
} as const

const readerSettings = { ...settings, query_only: 1 } as const

/** One connection: statements are prepared once, and a change that met another number of rows than it must is a defect. */
export class Connection {
  readonly #database: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()
  readonly #preparedForValues = new Map<string, StatementSync>()

  private constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** Opens for reading and writing. The file must be there; it may be empty. */
  static openWriter(file: string): Connection {
    return openWith(file, writerSettings, (database) => new Connection(database))
  }

  static openReader(file: string): Connection {
    return openWith(file, readerSettings, (database) => new Connection(database))
  }

  get isTransaction(): boolean {
    return this.#database.isTransaction
  }

  exec(sql: string): void {
    this.#database.exec(sql)
  }

  get(sql: string, ...parameters: SqlValue[]): Row | undefined {
    return this.#prepare(sql).get(...parameters) as Row | undefined
  }

  all(sql: string, ...parameters: SqlValue[]): Row[] {
    return this.#prepare(sql).all(...parameters) as Row[]
  }

  getValues(sql: string, ...parameters: SqlValue[]): Values | undefined {
    return this.#prepareForValues(sql).get(...parameters) as unknown as Values | undefined
  }

  allValues(sql: string, ...parameters: SqlValue[]): Values[] {
    return this.#prepareForValues(sql).all(...parameters) as unknown as Values[]
  }

  /** Runs several reads so that all of them see the database as the first one does. */
  atOneMoment<T>(read: () => T): T {
    this.run('BEGIN')
    try {
      return read()
    } finally {
      this.run('COMMIT')
    }
  }

  /** Answers how many rows changed. */
  run(sql: string, ...parameters: SqlValue[]): number {
    return Number(this.#prepare(sql).run(...parameters).changes)
  }

  /** For a statement that must meet exactly one row. */
  runOne(sql: string, ...parameters: SqlValue[]): void {
    const changed = this.run(sql, ...parameters)
    if (changed !== 1) throw new Error(`changed ${changed} rows where it had to be one: ${sql}`)
  }

  /** Takes steps to their end, each statement answered at once. */
  perform<T>(steps: Steps<T>): T {
    let step = steps.next()
    while (!step.done) {
      let answer: Answer | readonly Answer[]
      try {
        answer = isMany(step.value) ? step.value.map((one) => this.#answer(one)) : this.#answer(step.value)
      } catch (error) {
        step = steps.throw(error)
        continue
      }
      step = steps.next(answer)
    }
    return step.value
  }

  close(): void {
    this.#prepared.clear()
    this.#preparedForValues.clear()
    this.#database.close()
  }

  #answer({ sql, parameters, answer }: Statement): Answer {
    switch (answer) {
      case 'rows':
        return this.all(sql, ...parameters)
      case 'values':
        return this.allValues(sql, ...parameters)
      case 'changed':
        return this.run(sql, ...parameters)
      case 'nothing':
        this.run(sql, ...parameters)
        return undefined
      case 'one-change':
        this.runOne(sql, ...parameters)
        return undefined
    }
  }

  #prepare(sql: string): StatementSync {
    return this.#prepared.get(sql) ?? this.#keep(this.#prepared, sql, this.#database.prepare(sql))
  }

  #prepareForValues(sql: string): StatementSync {
    const known = this.#preparedForValues.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql)
    statement.setReturnArrays(true)
    return this.#keep(this.#preparedForValues, sql, statement)
  }

  #keep(prepared: Map<string, StatementSync>, sql: string, statement: StatementSync): StatementSync {
    if (prepared.size >= preparedMax) prepared.clear()
    prepared.set(sql, statement)
    return statement
  }
}

/** @throws StorageError `sqlite-too-old`. */
export function checkSqliteVersion(version = process.versions.sqlite ?? '0'): void {
  const parts = version.split('.').map(Number)
  for (const [index, least] of sqliteVersionMin.entries()) {
    const part = parts[index] ?? 0
    if (part > least) return
    if (part < least) {
      throw new StorageError(
        'sqlite-too-old',
        `SQLite ${version} has faults that can damage a database. Use Node 24.15 or newer, which brings at least ${sqliteVersionMin.join('.')}.`,
      )
    }
  }
}

type Settings = Readonly<Record<string, number | string>>

function openWith(file: string, wanted: Settings, wrap: (database: DatabaseSync) => Connection): Connection {
  const database = new DatabaseSync(file, {
    readOnly: 'query_only' in wanted,
    timeout: settings.busy_timeout,
    defensive: true,
  })
  try {
    for (const [name, value] of Object.entries(wanted)) database.exec(`PRAGMA ${name} = ${value}`)
    for (const [name, value] of Object.entries(wanted)) {
      const [actual] = Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})
      if (actual !== value) {
        throw new StorageError(
          'setting-refused',
          `SQLite answers ${name} = ${String(actual)} where ${value} was set. Is ${file} on a local disk?`,
        )
      }
    }
    return wrap(database)
  } catch (error) {
    database.close()
    throw error
  }
}
