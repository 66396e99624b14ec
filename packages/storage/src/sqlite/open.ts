import { existsSync } from 'node:fs'
import type {
  AccountStore,
  ChangeLog,
  HandoffStore,
  Housekeeping,
  LogSource,
  OnceStore,
  Position,
  ProjectStore,
  SessionStore,
  SettingsStore,
  TokenStore,
  UsageStore,
} from '@chatelaine/core'
import { randomBase62, type Random } from '@chatelaine/token'
import { deriveKeys, KeyRing, type Keys } from '@chatelaine/token/keys'
import { backupDatabase, readPosition } from './backup.ts'
import { checkSqliteVersion, Connection } from './connection.ts'
import { dataFiles, makePrivateDirectory, makePrivateFile, syncPath } from '../directory.ts'
import { beginCheck } from './integrity/checking.ts'
import { lockDirectory } from './lock.ts'
import { SqliteAccountStore } from './read/account-store.ts'
import { SqliteChangeLog } from './read/change-log.ts'
import { SqliteHandoffStore } from './read/handoff-store.ts'
import { SqliteOnceStore } from './read/once-store.ts'
import { SqliteProjectStore } from './read/project-store.ts'
import { SqliteSettingsStore } from './read/settings-store.ts'
import { SqliteSessionStore } from './read/session-store.ts'
import { SqliteTokenStore } from './read/token-store.ts'
import { SqliteUsageStore } from './read/usage-store.ts'
import type { Records } from './read/reader.ts'
import { Sealer, type DamagedRow } from '../sql/seal.ts'
import { isSqliteError } from './sqlite-fault.ts'
import { StorageError } from '../storage-error.ts'
import { SqliteHousekeeping } from '../sql/write/housekeeping.ts'
import { epochLength } from './write/prepare.ts'
import { WriteQueue, type Written } from '../sql/write/write-queue.ts'
import type { WriterData } from './write/thread.ts'
import { WriterThread, type WriterEvents } from '../sql/write/writer-thread.ts'

export interface SqliteOptions {
  /** The data directory; made when it is not there. */
  readonly directory: string
  /** Where the journal of what was taken away lies, better on another volume. */
  readonly journalDirectory: string
  /** The key ring as `KeyRing.parse` reads it; each thread derives its own keys from it. */
  readonly ringText: string
  readonly random: Random
  /** Told of each row that does not fit its seal, every time it is met. Must not throw. */
  readonly onDamaged: (row: DamagedRow) => void
  /** Told, for the operator's log, what goes wrong with the disk, the journal or the writer. Must not throw. */
  readonly onFault: (message: string) => void
  /** Told of every commit, once its entries have been applied. Must not throw. */
  readonly onWritten?: (written: Written) => void
}

/** What is measured of the storage. */
export interface SqliteStatistics {
  /** Requests that are not written yet. */
  readonly pendingCommits: number
  readonly lastCommitMs: number
}

export interface SqliteStorage {
  readonly log: ChangeLog
  readonly source: LogSource
  readonly once: OnceStore
  readonly tokens: TokenStore
  readonly accounts: AccountStore
  readonly projects: ProjectStore
  readonly settings: SettingsStore
  readonly sessions: SessionStore
  readonly handoffs: HandoffStore
  readonly usage: UsageStore
  readonly housekeeping: Housekeeping
  statistics(): SqliteStatistics
  /** Why this cannot be written to, or not be read, at the moment; `undefined` when it can. */
  unreadyBecause(): string | undefined
  /**
   * Copies the database into a new file while it is in use.
   * @throws StorageError `file-exists`.
   */
  backup(toFile: string): Promise<Position>
  /** Writes what was asked for before, and gives the directory back. */
  close(): Promise<void>
}

const writerProgram = new URL('./write/thread.ts', import.meta.url)

/**
 * Opens the database in a data directory, or makes a new one. The directory is this process's alone until it is closed.
 * @throws StorageError when it cannot be used as it stands, with a sentence for the operator.
 */
export async function openSqlite(options: SqliteOptions): Promise<SqliteStorage> {
  const { directory, journalDirectory, ringText, random, onDamaged, onFault, onWritten = () => undefined } = options
  checkSqliteVersion()
  const keys = deriveKeys(KeyRing.parse(ringText))
  const files = dataFiles(directory)
  makePrivateDirectory(directory)
  const lock = lockDirectory(directory)
  const check = beginCheck(files.database, onFault)
  let opening: Promise<WriteQueue> | undefined
  let reader: Connection | undefined
  try {
    refuseHalfRestored(files.restoreMark)
    makePrivateFile(files.database)
    syncPath(directory)
    const data: WriterData = {
      file: files.database,
      journalDirectory,
      ringText,
      newEpoch: randomBase62(epochLength, random),
    }
    const startWriter = (events: WriterEvents) => WriterThread.start(writerProgram, data, events)
    opening = WriteQueue.open({
      startWriter,
      readPosition: () => reader && readPosition(reader),
      onDamaged,
      onFault,
      onWritten,
    })
    opening.catch(() => undefined)
    await check.waitAWhile()
    const queue = await opening
    reader = Connection.openReader(files.database)
    const records: Records = { connection: reader, sealer: new Sealer(keys, onDamaged) }
    return assemble(files.database, records, queue, keys, async () => {
      await check.stop()
      lock.release()
    })
  } catch (error) {
    await opening?.then(
      (queue) => queue.close(),
      () => undefined,
    )
    await check.stop()
    lock.release()
    throw error
  }
}

function refuseHalfRestored(restoreMark: string): void {
  if (!existsSync(restoreMark)) return
  throw new StorageError('restore-interrupted', 'A restore stopped half-way. Run it again before you start the server.')
}

function readingTrouble(connection: Connection): string | undefined {
  try {
    readPosition(connection)
    return undefined
  } catch (error) {
    if (!isSqliteError(error)) throw error
    return 'the database cannot be read'
  }
}

function assemble(
  file: string,
  records: Records,
  queue: WriteQueue,
  keys: Keys,
  release: () => Promise<void>,
): SqliteStorage {
  const { connection } = records
  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    // The writer closes last: whoever closes a database last brings its write-ahead log into the file.
    await queue.drain()
    connection.close()
    await queue.close()
    await release()
  }

  return {
    log: new SqliteChangeLog(records, queue, keys),
    source: queue,
    once: new SqliteOnceStore(records),
    tokens: new SqliteTokenStore(records, queue),
    accounts: new SqliteAccountStore(records),
    projects: new SqliteProjectStore(records),
    settings: new SqliteSettingsStore(records),
    sessions: new SqliteSessionStore(records, queue),
    handoffs: new SqliteHandoffStore(records, queue),
    usage: new SqliteUsageStore(connection, queue),
    housekeeping: new SqliteHousekeeping(queue),
    unreadyBecause: () => queue.trouble ?? readingTrouble(connection),
    statistics: () => ({ pendingCommits: queue.length, lastCommitMs: queue.lastCommitMs }),
    backup: (toFile) => backupDatabase(file, toFile),
    close: () => (closing ??= close()),
  }
}
