import type { Clock, FeedEnd, FeedPage, Instances, LogFeed, LogFollower, Position, SharedLog } from '@chatelaine/core'
import { deriveKeys, KeyRing } from '@chatelaine/token/keys'
import { dataFiles } from '../directory.ts'
import type { DatabaseFacts } from '../sql/database-facts.ts'
import { Sealer } from '../sql/seal.ts'
import { decodeEntry, entryColumns, entryTables } from '../sql/tables/log-table.ts'
import type { WriteQueue } from '../sql/write/write-queue.ts'
import type { Writing } from '../sql/write/writing.ts'
import { readPosition } from './backup.ts'
import { Connection } from './connection.ts'
import { describeSqlite } from './describe.ts'
import { shareDirectory } from './lock.ts'
import { openQueue, type SqliteOptions } from './open.ts'
import { storesOn, type Stores } from '../sql/stores.ts'
import { reading, readingTrouble, SqliteReads } from './reads.ts'

/**
 * One data directory for several processes on one machine: one of them writes, and the others answer. A process that
 * started them holds the directory, and each of them shares it.
 */

/** Where the process that writes has come to. */
export interface WriterEnd {
  readonly position: Position
  /** From here on nothing may be said to be in force yet; `undefined`: everything may. */
  readonly withheldFrom: number | undefined
  /** Why nothing can be written at the moment; `undefined` when it can. */
  readonly trouble: string | undefined
}

/** The process that writes, as one that answers sees it. Each call rejects with `unavailable` when it cannot be asked. */
export interface WriterLink extends Pick<Writing, 'write'>, Instances {
  /** The end of everything that it has answered by then. */
  readEnd(): Promise<WriterEnd>
  onHint: LogFeed['onHint']
}

/** The stores of a process that answers beside others. */
export interface SqliteReader extends Stores {
  readonly shared: SharedLog
  /** @throws `unavailable` (rejects). */
  describe(): Promise<DatabaseFacts>
  /** Why this cannot be written to, or not be read, at the moment; `undefined` when it can. */
  unreadyBecause(): string | undefined
  close(): void
}

export interface SqliteReaderOptions extends Pick<SqliteOptions, 'directory' | 'ringText' | 'onDamaged'> {
  readonly writer: WriterLink
  readonly clock: Clock
}

/**
 * Opens a database for reading, beside the process that writes to it.
 * @throws StorageError `in-use` when the directory is not held for several.
 */
export function openSqliteReader({ directory, ringText, onDamaged, writer, clock }: SqliteReaderOptions): SqliteReader {
  const lock = shareDirectory(directory)
  const keys = deriveKeys(KeyRing.parse(ringText))
  const connection = Connection.openReader(dataFiles(directory).database)
  const feed = new FileFeed(connection, writer, clock)
  const writing: Writing = { write: (request) => writer.write(request), position: () => feed.end }
  const reads = new SqliteReads(connection, () => feed.end)
  return {
    ...storesOn({ reads, sealer: new Sealer(keys, onDamaged) }, writing, keys),
    describe: () => describeSqlite(reads),
    shared: { feed, instances: writer, onWithheld: (listener) => feed.onWithheld(listener) },
    unreadyBecause: () => feed.trouble ?? readingTrouble(connection),
    close() {
      connection.close()
      lock.release()
    },
  }
}

export interface SqliteWriterOptions extends SqliteOptions {
  /** Called when another writer has taken over: this process must end. Must not throw. */
  readonly onReplaced: () => void
}

/** The one process that writes. */
export interface SqliteWriter extends Pick<WriteQueue, 'write'> {
  readonly end: WriterEnd
  follow(follower: LogFollower): void
  close(): Promise<void>
}

/** Opens a database for writing, or makes a new one. @throws StorageError */
export async function openSqliteWriter(options: SqliteWriterOptions): Promise<SqliteWriter> {
  const lock = shareDirectory(options.directory)
  let reader: Connection | undefined
  try {
    const queue = await openQueue(options, () => reader && readPosition(reader), options.onReplaced)
    const connection = (reader = Connection.openReader(dataFiles(options.directory).database))
    let withheldFrom: number | undefined
    queue.follow({
      applied: () => undefined,
      reset: () => undefined,
      withheld: (fromSeq) => void (withheldFrom = fromSeq),
    })
    return {
      write: (request) => queue.write(request),
      get end() {
        return { position: queue.position(), withheldFrom, trouble: queue.trouble }
      },
      follow: (follower) => queue.follow(follower),
      async close() {
        await queue.drain()
        connection.close()
        await queue.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

const afterSql = `SELECT ${entryColumns} FROM ${entryTables} WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?`

/**
 * The log as its file holds it, up to where the writer says that it has come: what is behind that may be there already,
 * without being in the journal.
 */
class FileFeed implements LogFeed {
  readonly #connection: Connection
  readonly #writer: WriterLink
  readonly #clock: Clock
  #onWithheld: LogFollower['withheld'] = () => undefined
  #end: WriterEnd = { position: { epoch: '', seq: 0 }, withheldFrom: undefined, trouble: undefined }

  constructor(connection: Connection, writer: WriterLink, clock: Clock) {
    this.#connection = connection
    this.#writer = writer
    this.#clock = clock
  }

  /** As it was heard last. */
  get end(): Position {
    return this.#end.position
  }

  get trouble(): string | undefined {
    return this.#end.trouble
  }

  onWithheld(listener: LogFollower['withheld']): void {
    this.#onWithheld = listener
  }

  async readAfter({ epoch, seq }: Position, limit: number): Promise<FeedPage> {
    const { position, chain, authorityAt } = await this.readEnd()
    const isAhead = seq > position.seq
    if (position.epoch !== epoch || isAhead) return { outcome: 'resync', isPutBack: position.epoch === epoch }
    const rows = await reading(() => this.#connection.all(afterSql, seq, position.seq, limit))
    const entries = rows.map(decodeEntry)
    const isMore = (entries.at(-1)?.seq ?? position.seq) < position.seq
    return { outcome: 'entries', entries, isMore, chain, authorityAt }
  }

  async readEnd(): Promise<FeedEnd> {
    const authorityAt = this.#clock.now()
    this.#end = await this.#writer.readEnd()
    this.#onWithheld(this.#end.withheldFrom)
    // There is one writer, which knows its log, and nobody else says here what that holds.
    return { position: this.#end.position, chain: '', authorityAt }
  }

  onHint(listener: () => void): void {
    this.#writer.onHint(listener)
  }
}
