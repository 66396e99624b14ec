import type { SharedLog } from '@chatelaine/core'
import { deriveKeys, KeyRing } from '@chatelaine/token/keys'
import type { DatabaseFacts } from '../sql/database-facts.ts'
import { Sealer, type DamagedRow } from '../sql/seal.ts'
import { storesOn, type Stores } from '../sql/stores.ts'
import { WriteQueue, type Written } from '../sql/write/write-queue.ts'
import { WriterThread, type WriterEvents } from '../sql/write/writer-thread.ts'
import { Connections } from './connections.ts'
import { describePostgres } from './describe.ts'
import { PostgresLogFeed } from './feed.ts'
import { PostgresInstances } from './instances.ts'
import { JournaledFeed } from './journaled-feed.ts'
import { KnownLog } from './known-log.ts'
import { asUnreachable, patient } from './open-patiently.ts'
import { PostgresReads } from './reads.ts'
import type { WriterData } from './write/thread.ts'

export interface PostgresOptions {
  /** `postgres://…`, with the user and the database. */
  readonly url: string
  /** Where this instance's journal of what was taken away lies. No two instances share one. */
  readonly journalDirectory: string
  /** The key ring as `KeyRing.parse` reads it; each thread derives its own keys from it. */
  readonly ringText: string
  /** Told of each row that does not fit its seal, every time it is met. Must not throw. */
  readonly onDamaged: (row: DamagedRow) => void
  /** Told, for the operator's log, what goes wrong with the database, the journal or the writer. Must not throw. */
  readonly onFault: (message: string) => void
  /** Told of every commit of this instance. Must not throw. */
  readonly onWritten?: (written: Written) => void
}

/** What is measured of the storage. */
export interface PostgresStatistics {
  /** Requests of this instance that are not written yet. */
  readonly pendingCommits: number
  readonly lastCommitMs: number
}

export interface PostgresStorage extends Stores {
  readonly shared: SharedLog
  statistics(): PostgresStatistics
  /** @throws `unavailable` (rejects). */
  describe(): Promise<DatabaseFacts>
  /** Why this cannot be written to at the moment; `undefined` when it can. */
  unreadyBecause(): string | undefined
  /** Writes what was asked for before, and takes leave of the server. */
  close(): Promise<void>
}

/** Whoever waits for the database is answered by then, whatever it does. */
const waitMsMax = 900

const writerProgram = new URL('./write/thread.ts', import.meta.url)

/**
 * Opens a database for one instance of several, and makes it ready if it is empty; instances may do so at once.
 * @throws StorageError when it cannot be used as it stands, with a sentence for the operator.
 */
export async function openPostgres(options: PostgresOptions): Promise<PostgresStorage> {
  const { url, journalDirectory, ringText, onDamaged, onFault, onWritten = () => undefined } = options
  const data: WriterData = { url, journalDirectory, ringText }
  const known = new KnownLog()
  const queue = await WriteQueue.open({
    known,
    startWriter: (events: WriterEvents) => WriterThread.start(writerProgram, data, events),
    // The end of the log is what the feed says; this process is not the only one that writes.
    readPosition: () => undefined,
    onDamaged,
    onFault,
    // When its entries are applied here, too, is for whoever reads the feed to tell.
    onWritten: ({ commitMs }) => onWritten({ commitMs, takingAppliedMs: undefined }),
    waitMsMax,
  })
  const keys = deriveKeys(KeyRing.parse(ringText))
  const connections = new Connections(url)
  // Trying to write finds the other history, and begins an epoch for it.
  const tryToWrite = () => queue.write({ do: 'try' })
  const log = new PostgresLogFeed({
    lane: connections.feed,
    known,
    onOtherHistory: () => void tryToWrite().catch(() => undefined),
    // Before it writes anything it makes sure of the log, and takes away again what was.
    mend: tryToWrite,
  })
  try {
    await connections.makeReady(patient.connectMs)
  } catch (error) {
    await queue.close()
    await connections.close()
    throw asUnreachable(error)
  }
  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    await queue.close()
    await connections.close()
  }
  const reads = new PostgresReads(connections.reads, known)
  return {
    ...storesOn({ reads, sealer: new Sealer(keys, onDamaged) }, queue, keys),
    describe: () => describePostgres(reads),
    shared: {
      feed: new JournaledFeed(log, queue),
      instances: new PostgresInstances(connections.registration, connections.barrier),
      onWithheld: (withheld) => queue.follow({ applied: () => undefined, reset: () => undefined, withheld }),
    },
    statistics: () => ({ pendingCommits: queue.length, lastCommitMs: queue.lastCommitMs }),
    unreadyBecause: () => queue.trouble,
    close: () => (closing ??= close()),
  }
}
