import type { JointRatesOptions, LogHistory, LogSource, SharedLog } from '@chatelaine/core'
import { openPostgres, type PostgresStorage } from '@chatelaine/storage/postgres'
import {
  lockDirectory,
  openSqlite,
  type DatabaseFacts,
  type SqliteOptions,
  type SqliteStatistics,
  type Stores,
} from '@chatelaine/storage/sqlite'
import type { Random } from '@chatelaine/token'
import type { KeyRing } from '@chatelaine/token/keys'
import type { Settings } from './config.ts'

/** Where everything is kept, whichever database it is. */
export type Storage = Stores & Hearing & Tended

/** Whoever is the only one to write hears of every change first; where others write too, there is the log to read. */
type Hearing =
  | { readonly source: LogSource; readonly history: LogHistory; readonly shared?: undefined }
  | { readonly shared: SharedLog; readonly source?: undefined }

interface Tended {
  /** Reaches what counts the rates of all processes on this storage, where there is such a thing. */
  readonly countTogether?: JointRatesOptions['connect']
  statistics(): SqliteStatistics
  /** @throws `unavailable` (rejects). */
  describe(): Promise<DatabaseFacts>
  /** Why this cannot be written to, or not be read, at the moment; `undefined` when it can. */
  unreadyBecause(): string | undefined
  /** Writes what was asked for before, and lets go. */
  close(): Promise<void>
}

export interface StorageOptions extends Required<Pick<SqliteOptions, 'onDamaged' | 'onFault' | 'onWritten'>> {
  readonly settings: Settings
  readonly ring: KeyRing
  readonly random: Random
}

export type OpenStorage = (options: StorageOptions) => Promise<Storage>

/** What the settings ask for: PostgreSQL beside other instances, or SQLite for this process alone. */
export const openAsked: OpenStorage = ({ settings, ring, random, ...told }) => {
  const options = { ...told, journalDirectory: settings.journalDirectory, ringText: ring.toText().reveal() }
  const { databaseUrl, dataDirectory } = settings
  if (databaseUrl === undefined) return openSqlite({ ...options, directory: dataDirectory, random })
  return holding(dataDirectory, () => openPostgres({ ...options, url: databaseUrl.reveal() }))
}

/** An instance has its data directory to itself: two that wrote one journal would leave neither of them whole. */
async function holding(directory: string, open: () => Promise<PostgresStorage>): Promise<PostgresStorage> {
  const lock = lockDirectory(directory)
  try {
    const storage = await open()
    let closing: Promise<void> | undefined
    return { ...storage, close: () => (closing ??= storage.close().finally(() => lock.release())) }
  } catch (error) {
    lock.release()
    throw error
  }
}
