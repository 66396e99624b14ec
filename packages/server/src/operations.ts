import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { previewRetirement, retireKey, type Ports, type Position, type Token } from '@chatelaine/core'
import { previewRestorePostgres, restorePostgres } from '@chatelaine/storage/postgres'
import {
  backupDatabase,
  dataFiles,
  previewRestore,
  restoreSqlite,
  type RestorePreview,
  type RestoreReport,
} from '@chatelaine/storage/sqlite'
import type { KeyRing } from '@chatelaine/token/keys'
import type { Logger } from 'pino'
import { assemble } from './assemble.ts'
import { leaveBackupNote } from './backup-notes.ts'
import { systemClock } from './clock.ts'
import type { Settings } from './config.ts'
import { explained, readMasterKey, replaceMasterKey } from './master-key.ts'
import { OperatorError } from './operator-error.ts'

// What somebody with the data directory in hand can do. Each throws `OperatorError` or `StorageError`, and then nothing
// was changed.

/**
 * Copies the database into a new file, also while a server runs. The master key is not in it. The log says of it once a
 * server runs; that it could not be told is no reason to throw the copy away.
 */
export async function backUp(settings: Settings, toFile: string, log: Logger): Promise<Position> {
  requireSqlite(settings)
  const { dataDirectory } = settings
  const { database } = dataFiles(dataDirectory)
  if (!existsSync(database)) throw new OperatorError(`there is no database in ${dataDirectory}`)
  const position = await backupDatabase(database, toFile)
  try {
    leaveBackupNote(settings, { takenAt: systemClock.now(), file: resolve(toFile), position })
  } catch (error) {
    log.warn({ err: error }, 'the backup is complete, but the log of the server could not be told of it')
  }
  return position
}

/** Where a backup and the journal that would be replayed on it end. Changes nothing. */
export function lookAtRestore(settings: Settings, backupFile: string): RestorePreview {
  requireSqlite(settings)
  return previewRestore({
    backupFile,
    journalDirectory: settings.journalDirectory,
    ringText: readMasterKey(settings.masterKeyFile).toText().reveal(),
  })
}

/**
 * Puts a backup in the place of the database, and takes away again what was taken away since it was made. No server may
 * run on the directory.
 * @param withoutJournal also when there is no journal that knows of the backup
 */
export function restore(settings: Settings, backupFile: string, withoutJournal: boolean, log: Logger): RestoreReport {
  requireSqlite(settings)
  return restoreSqlite({
    backupFile,
    directory: settings.dataDirectory,
    journalDirectory: settings.journalDirectory,
    ringText: readMasterKey(settings.masterKeyFile).toText().reveal(),
    random: randomBytes,
    now: systemClock.now(),
    withoutJournal,
    onDamaged: (row) => log.error({ row }, 'row damaged: it is treated as absent'),
  })
}

/** Where a PostgreSQL that was put back and the journal that would be replayed on it end. Changes nothing. */
export function lookAtReplay(settings: Settings): Promise<RestorePreview> {
  return previewRestorePostgres(sharedDatabase(settings))
}

/**
 * After PostgreSQL was put back with its own means: takes away again what was taken away since. No instance may run.
 * @param withoutJournal also when there is no journal that knows of the copy
 */
export function replayJournal(settings: Settings, withoutJournal: boolean, log: Logger): Promise<RestoreReport> {
  return restorePostgres({
    ...sharedDatabase(settings),
    random: randomBytes,
    withoutJournal,
    onDamaged: (row) => log.error({ row }, 'row damaged: it is treated as absent'),
  })
}

function sharedDatabase({ databaseUrl, journalDirectory, masterKeyFile }: Settings) {
  if (databaseUrl === undefined) {
    throw new OperatorError(
      'replay-journal is for PostgreSQL, and CHATELAINE_DATABASE_URL is not set',
      'a backup of SQLite is put back, and its journal replayed, by: npm run operate -- restore FILE',
    )
  }
  return { url: databaseUrl.reveal(), journalDirectory, ringText: readMasterKey(masterKeyFile).toText().reveal() }
}

function requireSqlite({ databaseUrl }: Settings): void {
  if (databaseUrl === undefined) return
  throw new OperatorError(
    'the database is PostgreSQL, which is backed up and put back with its own means',
    'after you put it back, run: npm run operate -- replay-journal',
  )
}

/** The ids of the master keys, the current one first. */
export function listKeys({ masterKeyFile }: Settings): readonly string[] {
  return readMasterKey(masterKeyFile).ids
}

/**
 * Adds a new current master key to the key file. A running server goes on with the keys that it read when it started.
 * @returns the id of the new key.
 */
export function rotateKey({ masterKeyFile }: Settings): string {
  const ring = readMasterKey(masterKeyFile)
  const rotated = explained(masterKeyFile, () => ring.withNewCurrent(randomBytes))
  replaceMasterKey(masterKeyFile, rotated)
  return rotated.currentId
}

/** The tokens that retiring a former master key would revoke. No server may run on the directory. */
export async function tokensUnderKey(settings: Settings, keyId: string, log: Logger): Promise<readonly Token[]> {
  return withKeyToRetire(settings, keyId, log, async (ports) => (await previewRetirement(ports, keyId)).tokens)
}

/**
 * Revokes what still depends on a former master key and takes it off the key file. Interrupted, it can be repeated. No
 * server may run on the directory.
 * @returns how many tokens were revoked.
 */
export async function retire(settings: Settings, keyId: string, log: Logger): Promise<number> {
  return withKeyToRetire(settings, keyId, log, async (ports, remaining) => {
    const revokedCount = await retireKey(ports, keyId)
    replaceMasterKey(settings.masterKeyFile, remaining)
    return revokedCount
  })
}

async function withKeyToRetire<T>(
  settings: Settings,
  keyId: string,
  log: Logger,
  work: (ports: Ports, remaining: KeyRing) => Promise<T>,
): Promise<T> {
  const ring = readMasterKey(settings.masterKeyFile)
  const remaining = explained(settings.masterKeyFile, () => ring.without(keyId))
  const assembled = await assemble(settings, ring, { log })
  try {
    return await work(assembled.service.ports, remaining)
  } finally {
    await assembled.close()
  }
}
