import type { LogHistory, LogSource, Position } from '@chatelaine/core'
import type { Random } from '@chatelaine/token'
import { deriveKeys, KeyRing } from '@chatelaine/token/keys'
import { dataFiles } from '../directory.ts'
import type { DatabaseFacts } from '../sql/database-facts.ts'
import { Sealer, type DamagedRow } from '../sql/seal.ts'
import { WriteQueue, type Written } from '../sql/write/write-queue.ts'
import { WriterThread, type WriterEvents } from '../sql/write/writer-thread.ts'
import { backupDatabase, readPosition } from './backup.ts'
import { Connection } from './connection.ts'
import { describeSqlite } from './describe.ts'
import { holdDirectory } from './held-directory.ts'
import { lockDirectory } from './lock.ts'
import { SqlLogHistory } from '../sql/read/log-history.ts'
import { storesOn, type Stores } from '../sql/stores.ts'
import { readingTrouble, SqliteReads } from './reads.ts'
import { newEpoch } from '../sql/epoch.ts'
import type { WriterData } from './write/thread.ts'

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

export interface SqliteStorage extends Stores {
  readonly source: LogSource
  /** What verifiers outside the server catch up with. */
  readonly history: LogHistory
  statistics(): SqliteStatistics
  /** @throws `unavailable` (rejects). */
  describe(): Promise<DatabaseFacts>
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

/**
 * Opens the database in a data directory, or makes a new one. The directory is this process's alone until it is closed.
 * @throws StorageError when it cannot be used as it stands, with a sentence for the operator.
 */
export async function openSqlite(options: SqliteOptions): Promise<SqliteStorage> {
  const { directory, ringText, onDamaged, onFault } = options
  const keys = deriveKeys(KeyRing.parse(ringText))
  const { database } = dataFiles(directory)
  const held = holdDirectory(directory, lockDirectory, onFault)
  let opening: Promise<WriteQueue> | undefined
  let reader: Connection | undefined
  try {
    opening = openQueue(options, () => reader && readPosition(reader))
    opening.catch(() => undefined)
    await held.waitForCheck()
    const queue = await opening
    const connection = (reader = Connection.openReader(database))
    const reads = new SqliteReads(connection, () => queue.proven)
    let closing: Promise<void> | undefined
    async function close(): Promise<void> {
      // The writer closes last: whoever closes a database last brings its write-ahead log into the file.
      await queue.drain()
      connection.close()
      await queue.close()
      await held.release()
    }
    return {
      ...storesOn({ reads, sealer: new Sealer(keys, onDamaged) }, queue, keys),
      source: queue,
      history: new SqlLogHistory(reads),
      unreadyBecause: () => queue.trouble ?? readingTrouble(connection),
      statistics: () => ({ pendingCommits: queue.length, lastCommitMs: queue.lastCommitMs }),
      describe: () => describeSqlite(reads),
      backup: (toFile) => backupDatabase(database, toFile),
      close: () => (closing ??= close()),
    }
  } catch (error) {
    await opening?.then(
      (queue) => queue.close(),
      () => undefined,
    )
    await held.release()
    throw error
  }
}

const writerProgram = new URL('./write/thread.ts', import.meta.url)

/**
 * Starts the thread that writes, with the queue before it. The directory must be held.
 * @param onReplaced called when another writer has taken over; without it a new thread takes over in turn
 * @throws StorageError
 */
export function openQueue(
  options: Omit<SqliteOptions, 'onWritten'> & Pick<Partial<SqliteOptions>, 'onWritten'>,
  readEnd: () => Position | undefined,
  onReplaced?: () => void,
): Promise<WriteQueue> {
  const { directory, journalDirectory, ringText, random, onDamaged, onFault, onWritten = () => undefined } = options
  const data: WriterData = {
    file: dataFiles(directory).database,
    journalDirectory,
    ringText,
    newEpoch: newEpoch(random),
  }
  function startWriter(events: WriterEvents): Promise<{ writer: WriterThread; position: Position }> {
    return WriterThread.start(writerProgram, data, {
      ...events,
      onCrash(error) {
        if (error.name === 'WriterReplaced') onReplaced?.()
        events.onCrash(error)
      },
    })
  }
  return WriteQueue.open({ startWriter, readPosition: readEnd, onDamaged, onFault, onWritten })
}
