import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { type Action, type Change, type EpochMs, type Position } from '@chatelaine/core'
import type { Random } from '@chatelaine/token'
import { deriveKeys, KeyRing, type Keys } from '@chatelaine/token/keys'
import { readPosition } from './backup.ts'
import { checkSqliteVersion, Connection } from './connection.ts'
import { companionEndings, dataFiles, makePrivateDirectory, makePrivateFile, syncPath } from '../directory.ts'
import { findDamage } from './integrity/check.ts'
import { readTakingsAfter, replayChange, summarizeJournal, type JournalSummary } from '../journal/replay.ts'
import { findCounted, requireJournal, restored, suspendCounted, type RestoreReport } from '../journal/restored.ts'
import { lockDirectory } from './lock.ts'
import { checkMasterKeys } from '../sql/master-keys.ts'
import { checkSchema, migrate } from './migrate.ts'
import { newEpoch } from '../sql/epoch.ts'
import { Sealer, type DamagedRow } from '../sql/seal.ts'
import { StorageError } from '../storage-error.ts'
import { GroupCommitter } from './write/group-committer.ts'
import { inTransaction } from './write/prepare.ts'

export interface RestoreOptions {
  readonly backupFile: string
  readonly directory: string
  readonly journalDirectory: string
  readonly ringText: string
  readonly random: Random
  readonly now: EpochMs
  /** Goes on also without a journal that knows of the backup: then what was revoked since lives again. */
  readonly withoutJournal: boolean
  readonly onDamaged: (row: DamagedRow) => void
}

/** What a restore would do. */
export interface RestorePreview {
  /** Where the log of the backup ends. */
  readonly backup: Position
  readonly journal: JournalSummary | undefined
}

/**
 * Looks at the backup and the journal that a restore would use, and changes nothing.
 * @throws StorageError `file-missing`, `not-ours`, `newer-schema`, `damaged`, `other-master-key`, `journal-altered`.
 */
export function previewRestore(
  options: Pick<RestoreOptions, 'backupFile' | 'journalDirectory' | 'ringText'>,
): RestorePreview {
  const keys = deriveKeys(KeyRing.parse(options.ringText))
  requireBackup(options.backupFile)
  const connection = Connection.openReader(options.backupFile)
  try {
    requireOurs(connection)
    connection.perform(checkMasterKeys(keys))
    const backup = readPosition(connection)
    return { backup, journal: summarizeJournal(options.journalDirectory, keys, backup) }
  } finally {
    connection.close()
  }
}

/**
 * Puts a backup in the place of the database, and takes away again all that was taken away since it was made: the
 * journal is replayed as new changes in a new epoch, tokens with a use count are suspended, and every session ends. The
 * database that was there is kept as `replaced.db`.
 * @throws StorageError `in-use` beside a running server; and when the backup or the journal cannot be used, before
 *   anything was changed.
 */
export function restoreSqlite(options: RestoreOptions): RestoreReport {
  checkSqliteVersion()
  makePrivateDirectory(options.directory)
  const lock = lockDirectory(options.directory)
  try {
    const files = dataFiles(options.directory)
    removeDatabase(files.restoring)
    copyBackup(options.backupFile, files.restoring)
    const report = bringUpToDate(files.restoring, options)
    swap(options.directory)
    return report
  } finally {
    removeDatabase(dataFiles(options.directory).restoring)
    lock.release()
  }
}

function requireBackup(file: string): void {
  if (!existsSync(file)) throw new StorageError('file-missing', `There is no backup at ${file}.`)
}

function requireOurs(connection: Connection): void {
  if (checkSchema(connection) === 0) throw new StorageError('not-ours', 'The backup is empty. Use another one.')
}

function copyBackup(backupFile: string, toFile: string): void {
  requireBackup(backupFile)
  makePrivateFile(toFile)
  copyFileSync(backupFile, toFile)
  const damage = findDamage(toFile)
  if (damage !== undefined) throw new StorageError('damaged', `The backup is damaged (${damage}). Use another one.`)
}

function bringUpToDate(file: string, options: RestoreOptions): RestoreReport {
  const { journalDirectory, ringText, random, now, withoutJournal, onDamaged } = options
  const keys = deriveKeys(KeyRing.parse(ringText))
  const epoch = newEpoch(random)
  const { restoredFrom, sessionsEnded } = beginEpoch(file, keys, epoch)
  if (!withoutJournal) requireJournal(journalDirectory, keys, restoredFrom)
  const onFault = (message: string): never => {
    throw new Error(message)
  }
  // The journal hears of these changes when the server next opens the database: until the swap they have not happened.
  const committer = new GroupCommitter({
    file,
    journalDirectory: undefined,
    ringText,
    newEpoch: epoch,
    onDamaged,
    onFault,
  })
  const reader = Connection.openReader(file)
  try {
    const sealer = new Sealer(keys, onDamaged)
    const replayed: Partial<Record<Action, number>> = {}
    commitOne(committer, restored(restoredFrom, now))
    for (const taking of readTakingsAfter(journalDirectory, keys, restoredFrom)) {
      const change = reader.perform(replayChange(sealer, taking, now))
      if (change === undefined) continue
      commitOne(committer, change)
      replayed[change.action] = (replayed[change.action] ?? 0) + 1
    }
    const counted = reader.perform(findCounted(sealer))
    for (const token of counted) commitOne(committer, suspendCounted(token, now))
    return {
      restoredFrom,
      position: committer.position,
      sessionsEnded,
      replayed,
      countedSuspended: counted.length,
    }
  } finally {
    reader.close()
    committer.close()
    syncPath(file)
  }
}

function beginEpoch(file: string, keys: Keys, epoch: string): { restoredFrom: Position; sessionsEnded: number } {
  const connection = Connection.openWriter(file)
  try {
    requireOurs(connection)
    migrate(connection)
    connection.perform(checkMasterKeys(keys))
    const restoredFrom = readPosition(connection)
    const sessionsEnded = inTransaction(connection, () => {
      connection.runOne('INSERT INTO epochs (epoch, after_seq) VALUES (?, ?)', epoch, restoredFrom.seq)
      connection.runOne('UPDATE counters SET epoch_serial = (SELECT max(serial) FROM epochs)')
      return connection.run('DELETE FROM sessions')
    })
    return { restoredFrom, sessionsEnded }
  } finally {
    connection.close()
  }
}

function commitOne(committer: GroupCommitter, change: Change): void {
  const [answer] = committer.commit([{ do: 'commit', changes: [change], once: undefined }]).answers
  if (answer?.is === 'done') {
    const { result } = answer
    if (typeof result === 'object' && 'outcome' in result && result.outcome === 'committed') return
  }
  throw new Error(`the restore could not write ${change.action}: ${JSON.stringify(answer)}`)
}

/**
 * Puts the new database in place of the old one. Their write-ahead logs must not meet, and no start may find a directory
 * without a database and begin a new one; so a mark stands until all names are right.
 */
function swap(directory: string): void {
  const files = dataFiles(directory)
  makePrivateFile(files.restoreMark)
  syncPath(directory)
  // A restore that is run again finds the old database moved already, and must not remove it.
  if (existsSync(files.database)) removeDatabase(files.replaced)
  for (const ending of ['', ...companionEndings]) {
    if (existsSync(files.database + ending)) renameSync(files.database + ending, files.replaced + ending)
  }
  renameSync(files.restoring, files.database)
  syncPath(directory)
  rmSync(files.restoreMark)
  syncPath(directory)
}

function removeDatabase(file: string): void {
  for (const ending of ['', ...companionEndings]) rmSync(file + ending, { force: true })
}
