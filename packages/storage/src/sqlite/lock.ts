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
  const file = dataFiles(directory).lock
  makePrivateFile(file)
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    lock.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
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
