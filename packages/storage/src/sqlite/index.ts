export { backupDatabase } from './backup.ts'
export { dataFiles, makePrivateDirectory } from '../directory.ts'
export { holdDirectory, type HeldDirectory } from './held-directory.ts'
export { lockDirectory, lockDirectoryForSeveral } from './lock.ts'
export type { DatabaseFacts } from '../sql/database-facts.ts'
export type { DamagedRow } from '../sql/seal.ts'
export { journalFile } from '../journal/journal.ts'
export type { Stores } from '../sql/stores.ts'
export { openSqlite, type SqliteOptions, type SqliteStatistics, type SqliteStorage } from './open.ts'
export {
  openSqliteReader,
  openSqliteWriter,
  type SqliteReader,
  type SqliteWriter,
  type WriterEnd,
  type WriterLink,
} from './several.ts'
export { readLines } from '../journal/read-lines.ts'
export { previewRestore, restoreSqlite, type RestoreOptions, type RestorePreview } from './restore.ts'
export type { RestoreReport } from '../journal/restored.ts'
export { StorageError, storageErrors, type StorageErrorKey } from '../storage-error.ts'
export type { WriteRequest, WriteResults } from '../sql/write/requests.ts'
export { pendingCommitsMax, type Written } from '../sql/write/write-queue.ts'
