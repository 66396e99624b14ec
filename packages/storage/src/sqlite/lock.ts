import { DatabaseSync } from 'node:sqlite'
import { dataFiles, makePrivateFile } from '../directory.ts'
import { isBusy } from './sqlite-fault.ts'
import { StorageError } from '../storage-error.ts'

/** The right to a data directory, until it is released or the process ends, however it ends. */
export interface DirectoryLock {
  release(): void
}

/**
 * Takes the data directory for this process alone: a transaction held open on `lock.db`, which the operating system
 * ends with the process, so that no stale lock is left behind by a crash.
 * @throws StorageError `in-use`.
 */
export function lockDirectory(directory: string): DirectoryLock {
  return lockWith(directory, 'BEGIN EXCLUSIVE')
}

/**
 * Takes the data directory for this process and those that it starts, each of which shares it. It is free again when all
 * of them have ended: one that outlives the others may still answer from memory.
 * @throws StorageError `in-use`.
 */
export function lockDirectoryForSeveral(directory: string): DirectoryLock {
  // Nobody else may share it yet. Of two that get so far at once the second one is refused the reservation.
  return lockWith(directory, 'BEGIN EXCLUSIVE; COMMIT; BEGIN IMMEDIATE')
}

/**
 * Takes part in a directory that the process which started this one has taken.
 * @throws StorageError `in-use` when somebody has it alone.
 */
export function shareDirectory(directory: string): DirectoryLock {
  return lockWith(directory, 'BEGIN; SELECT 1 FROM sqlite_master')
}

function lockWith(directory: string, transaction: string): DirectoryLock {
  const file = dataFiles(directory).lock
  makePrivateFile(file)
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    lock.exec(`PRAGMA journal_mode = DELETE; ${transaction}`)
  } catch (error) {
    lock.close()
    if (!isBusy(error)) throw error
    throw new StorageError(
      'in-use',
      `The data directory ${directory} is in use by another process. Stop the server that runs there first.`,
    )
  }
  return { release: () => lock.close() }
}
