import { existsSync } from 'node:fs'
import { dataFiles, makePrivateDirectory, makePrivateFile, syncPath } from '../directory.ts'
import { StorageError } from '../storage-error.ts'
import { checkSqliteVersion } from './connection.ts'
import { beginCheck } from './integrity/checking.ts'
import type { DirectoryLock } from './lock.ts'

/** A data directory that nobody else has, with a database file in it. */
export interface HeldDirectory {
  /** @throws StorageError `damaged`, if that is known by now. */
  waitForCheck(): Promise<void>
  release(): Promise<void>
}

/**
 * Takes a data directory, makes what is missing in it, and begins to look the database through.
 * @param lock how it is taken
 * @param onFault told when damage is found later. Must not throw.
 * @throws StorageError when it cannot be used as it stands, with a sentence for the operator.
 */
export function holdDirectory(
  directory: string,
  lock: (directory: string) => DirectoryLock,
  onFault: (message: string) => void,
): HeldDirectory {
  checkSqliteVersion()
  const { database, restoreMark } = dataFiles(directory)
  makePrivateDirectory(directory)
  const held = lock(directory)
  try {
    refuseHalfRestored(restoreMark)
    const check = beginCheck(database, onFault)
    makePrivateFile(database)
    syncPath(directory)
    return {
      waitForCheck: () => check.waitAWhile(),
      async release() {
        await check.stop()
        held.release()
      },
    }
  } catch (error) {
    held.release()
    throw error
  }
}

function refuseHalfRestored(restoreMark: string): void {
  if (!existsSync(restoreMark)) return
  throw new StorageError('restore-interrupted', 'A restore stopped half-way. Run it again before you start the server.')
}
