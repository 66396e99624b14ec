import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import type { TestContext } from 'node:test'
import type { Random } from '@chatelaine/token'
import { KeyRing } from '@chatelaine/token/keys'
import {
  dataFiles,
  openSqlite,
  type DamagedRow,
  type SqliteOptions,
  type SqliteStorage,
} from '@chatelaine/storage/sqlite'

export const random: Random = (count) => randomBytes(count)

/** A data directory for one test, and what was told of it. It is closed and removed when the test ends. */
export interface Place extends Pick<SqliteOptions, 'directory' | 'journalDirectory' | 'ringText' | 'random'> {
  readonly databaseFile: string
  readonly damaged: DamagedRow[]
  readonly faults: string[]
  open(options?: Partial<SqliteOptions>): Promise<SqliteStorage>
  /** Runs SQL on the database file itself, as somebody could who has it but not the key. */
  tamper(sql: string, ...parameters: (string | number | null)[]): void
  read(sql: string): Record<string, SQLOutputValue>[]
  /** Keeps everybody else from writing, until what it gives back is called. */
  hold(): () => void
}

export async function makePlace(context: TestContext): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'chatelaine-storage-'))
  const opened: SqliteStorage[] = []
  context.after(async () => {
    for (const storage of opened) await storage.close()
    await rm(directory, { recursive: true })
  })
  const given = {
    directory,
    journalDirectory: join(directory, 'journal'),
    ringText: KeyRing.generate(random).toText().reveal(),
    random,
  }
  const damaged: DamagedRow[] = []
  const faults: string[] = []
  const databaseFile = dataFiles(directory).database
  return {
    ...given,
    databaseFile,
    damaged,
    faults,
    async open(options = {}) {
      const storage = await openSqlite({
        ...given,
        onDamaged: (row) => damaged.push(row),
        onFault: (fault) => faults.push(fault),
        ...options,
      })
      opened.push(storage)
      return storage
    },
    tamper(sql, ...parameters) {
      const database = new DatabaseSync(databaseFile, { enableForeignKeyConstraints: false })
      try {
        database.prepare(sql).run(...parameters)
      } finally {
        database.close()
      }
    },
    read(sql) {
      const database = new DatabaseSync(databaseFile, { readOnly: true })
      try {
        return database.prepare(sql).all()
      } finally {
        database.close()
      }
    },
    hold() {
      const database = new DatabaseSync(databaseFile)
      database.exec('BEGIN IMMEDIATE')
      return () => database.close()
    },
  }
}

/** Opens, works, and closes again. */
export async function within<T>(place: Place, work: (storage: SqliteStorage) => Promise<T>): Promise<T> {
  const storage = await place.open()
  try {
    return await work(storage)
  } finally {
    await storage.close()
  }
}
