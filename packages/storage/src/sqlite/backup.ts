import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import type { Position } from '@chatelaine/core'
import { Connection } from './connection.ts'
import { companionEndings, makePrivateFile, syncPath } from '../directory.ts'
import { StorageError } from '../storage-error.ts'

/** Pages that are copied in one go, each time on a thread of the pool. */
const pagesPerStep = 2_048

/**
 * Copies a database that is in use, as it stands at one moment, into one file that only its owner may read. The file
 * appears whole or not at all.
 * @returns the end of the log in the copy
 * @throws StorageError `file-exists`, and whatever the disk says.
 */
export async function backupDatabase(databaseFile: string, toFile: string): Promise<Position> {
  if (existsSync(toFile)) {
    throw new StorageError(
      'file-exists',
      `${toFile} is there already, and a backup never overwrites one. Choose a new name.`,
    )
  }
  const partFile = `${toFile}.part`
  rmSync(partFile, { force: true })
  makePrivateFile(partFile)
  try {
    await copy(databaseFile, partFile)
    const position = makeOneFile(partFile)
    syncPath(partFile)
    renameSync(partFile, toFile)
    syncPath(dirname(toFile))
    return position
  } catch (error) {
    for (const ending of ['', ...companionEndings]) rmSync(partFile + ending, { force: true })
    throw error
  }
}

/** On a connection of its own, in one read transaction: otherwise every commit meanwhile would start it over. */
async function copy(databaseFile: string, partFile: string): Promise<void> {
  const source = new DatabaseSync(databaseFile, { readOnly: true })
  try {
    source.exec('BEGIN; SELECT 1 FROM counters')
    await backup(source, partFile, { rate: pagesPerStep })
  } finally {
    source.close()
  }
}

/** The copy says of itself that it has a write-ahead log; without that a single file is whole. */
function makeOneFile(file: string): Position {
  const copy = new DatabaseSync(file)
  try {
    copy.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL')
  } finally {
    copy.close()
  }
  const connection = Connection.openReader(file)
  try {
    return readPosition(connection)
  } finally {
    connection.close()
  }
}

/** Where the log of a database ends. */
export function readPosition(connection: Connection): Position {
  const row = connection.get('SELECT epochs.epoch, seq FROM counters JOIN epochs ON epochs.serial = epoch_serial')
  return { epoch: String(row?.epoch), seq: Number(row?.seq) }
}
