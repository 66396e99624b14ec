import { closeSync, chmodSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { StorageError } from './storage-error.ts'

/** The files of a data directory. */
export function dataFiles(directory: string) {
  return {
    database: join(directory, 'chatelaine.db'),
    /** Held locked by whoever owns the directory. */
    lock: join(directory, 'lock.db'),
    /** A restored database before it takes its place. */
    restoring: join(directory, 'restoring.db'),
    /** Stands while the database of a restore takes its place; a start beside it would find half of each. */
    restoreMark: join(directory, 'restore.pending'),
    /** The database that the last restore replaced. */
    replaced: join(directory, 'replaced.db'),
  }
}

/** What SQLite keeps beside a database file, as endings of its name. */
export const companionEndings = ['-wal', '-shm', '-journal'] as const

/**
 * Makes a directory that only its owner may enter. One that is there stays as it is: it may be somebody else's.
 * @throws StorageError `directory-open` when others may enter the one that is there.
 */
export function makePrivateDirectory(directory: string): void {
  const isMade = mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined
  if (isMade) return syncPath(dirname(directory))
  if ((statSync(directory).mode & 0o077) === 0) return
  throw new StorageError(
    'directory-open',
    `Others than its owner may enter ${directory}. If it is for Chatelaine alone, run: chmod 700 ${directory}. If not, choose another directory.`,
  )
}

/** Makes a file that only its owner may read, unless there is one. */
export function makePrivateFile(file: string): void {
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
}

/** Flushes a file, or for a directory the names in it: a new or renamed file is safe only after both. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
