import type { Position } from '@chatelaine/core'
import type { Random } from '@chatelaine/token'
import { deriveKeys, KeyRing, type Keys } from '@chatelaine/token/keys'
import { readEpochs } from '../journal/catch-up.ts'
import { readTakingsAfter, summarizeJournal, type JournalSummary } from '../journal/replay.ts'
import { requireJournal, restored, type RestoreReport } from '../journal/restored.ts'
import { newEpoch } from '../sql/epoch.ts'
import { checkLogEnd } from '../sql/log-end.ts'
import { checkMasterKeys } from '../sql/master-keys.ts'
import { Sealer, type DamagedRow } from '../sql/seal.ts'
import { get, order, run, type Steps } from '../sql/steps.ts'
import { appendHead } from '../sql/write/append.ts'
import type { Transaction } from '../sql/write/transaction.ts'
import { StorageError } from '../storage-error.ts'
import { beginEpoch, readAuthorityTime } from './epoch.ts'
import { checkSchema, migrate } from './migrate.ts'
import { openPatiently } from './open-patiently.ts'
import { rollBack } from './transaction.ts'
import { postgresFaults } from './write/faults.ts'
import { beginWriting, finishWriting } from './write/group.ts'
import { commitOne, endUnknown, replayTakings } from './write/replay.ts'

export interface PostgresRestoreOptions {
  readonly url: string
  readonly journalDirectory: string
  readonly ringText: string
  readonly random: Random
  /** Goes on also without a journal that knows of the copy: then what was revoked since lives again. */
  readonly withoutJournal: boolean
  readonly onDamaged: (row: DamagedRow) => void
}

/** What a restore would do. */
export interface PostgresRestorePreview {
  /** Where the log of the database ends that was put back. */
  readonly backup: Position
  readonly journal: JournalSummary | undefined
}

/**
 * Looks at the database and the journal that a restore would use, and changes nothing.
 * @throws StorageError `database-unreachable`, `not-ours`, `newer-schema`, `other-master-key`, `journal-altered`.
 */
export async function previewRestorePostgres(
  options: Pick<PostgresRestoreOptions, 'url' | 'journalDirectory' | 'ringText'>,
): Promise<PostgresRestorePreview> {
  const keys = deriveKeys(KeyRing.parse(options.ringText))
  const connection = await openPatiently(options.url)
  try {
    return await connection.perform(preview(options.journalDirectory, keys))
  } finally {
    await connection.close()
  }
}

function* preview(journalDirectory: string, keys: Keys): Steps<PostgresRestorePreview> {
  yield* requireOurs()
  yield* checkMasterKeys(keys)
  const backup = yield* lastKnownTo(journalDirectory, keys)
  return { backup, journal: summarizeJournal(journalDirectory, keys, backup) }
}

/**
 * After a database was put back by PostgreSQL's own means: takes away again all that was taken away since the copy was
 * made. The journal is replayed as new changes in a new epoch, tokens with a use count are suspended, and every session
 * ends: all of it, or nothing.
 * @throws StorageError `in-use` while an instance runs on it, and as `previewRestorePostgres`; then nothing was changed.
 */
export async function restorePostgres(options: PostgresRestoreOptions): Promise<RestoreReport> {
  const connection = await openPatiently(options.url)
  try {
    await connection.perform(requireOurs())
    await connection.perform(migrate())
    return await connection.perform(takeAwayAgain(options))
  } finally {
    await connection.close()
  }
}

function* requireOurs(): Steps<void> {
  if ((yield* checkSchema()) > 0) return
  throw new StorageError('not-ours', 'The database is empty. Put the backup back first, with the means of PostgreSQL.')
}

function* takeAwayAgain(options: PostgresRestoreOptions): Steps<RestoreReport> {
  try {
    return yield* replay(options)
  } catch (error) {
    yield* rollBack()
    throw error
  }
}

function* replay(options: PostgresRestoreOptions): Steps<RestoreReport> {
  const { ringText, journalDirectory, random, onDamaged, withoutJournal } = options
  const keys = deriveKeys(KeyRing.parse(ringText))
  const sealer = new Sealer(keys, onDamaged)
  yield* checkMasterKeys(keys)
  yield* beginWriting()
  // A long journal is read between two statements.
  yield* order('SET LOCAL idle_in_transaction_session_timeout = 0')
  yield* requireAlone()
  yield* checkLogEnd(sealer)
  const restoredFrom = yield* lastKnownTo(journalDirectory, keys)
  if (!withoutJournal) requireJournal(journalDirectory, keys, restoredFrom)
  const draft = yield* beginEpoch(newEpoch(random))
  const transaction: Transaction = { sealer, draft, journal: undefined, faults: postgresFaults }
  const at = yield* readAuthorityTime()
  yield* commitOne(transaction, restored(restoredFrom, at))
  // The instances that the copy knows of are no more.
  yield* run('DELETE FROM verifiers')
  const replayed = yield* replayTakings(transaction, readTakingsAfter(journalDirectory, keys, restoredFrom), at)
  const ended = yield* endUnknown(transaction, at)
  yield* finishWriting([draft.save(), appendHead(transaction, keys)])
  return { restoredFrom, position: draft.position, replayed, ...ended }
}

/**
 * The end of the last epoch that the journal knows of; where it knows none, the end of the log. What the journal holds
 * behind it was taken away after the copy was made.
 */
function* lastKnownTo(journalDirectory: string, keys: Keys): Steps<Position> {
  const ends = (yield* readEpochs()).map(({ epoch, lastSeq }) => ({ epoch, seq: lastSeq }))
  const known = ends.findLast((end) => summarizeJournal(journalDirectory, keys, end)?.isOfCopy)
  return known ?? ends.at(-1)!
}

/** An instance that goes on in its memory would answer as if nothing had been restored. */
function* requireAlone(): Steps<void> {
  const others = yield* get(
    `SELECT count(*) AS count FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = current_setting('application_name')
       AND pid <> pg_backend_pid()`,
  )
  if (others?.count === 0) return
  throw new StorageError(
    'in-use',
    'A server still runs on this database. Stop every instance, then restore, then start them again.',
  )
}
