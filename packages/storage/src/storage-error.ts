/** Why a database, a backup or a directory cannot be used as it stands. */
export const storageErrors = {
  'in-use': 'Another process has this data directory open.',
  'directory-open': 'Others than its owner may enter the directory.',
  'sqlite-too-old': 'This Node brings a version of SQLite with known faults.',
  'postgres-too-old': 'This PostgreSQL is older than the oldest that serves.',
  'database-unreachable': 'The database server cannot be reached, or does not let this program in.',
  'setting-refused': 'The database did not take a setting that durability or safety rests on.',
  'not-ours': 'The file is a database of another program, or no database at all.',
  'newer-schema': 'The database was written by a newer release.',
  'other-master-key': 'The master key is not the one that this database was made with.',
  damaged: 'The database file is damaged.',
  'older-than-journal': 'The database is an older copy: the journal knows of changes that it does not have.',
  'log-altered': 'The end of the audit log is not what was written there.',
  'journal-altered': 'A line of the journal is not what was written there.',
  'journal-missing': 'There is no journal, or it knows nothing of the backup.',
  'restore-interrupted': 'A restore stopped half-way and must be run again.',
  'file-exists': 'A file stands where one is to be written.',
  'file-missing': 'The file that was named is not there.',
} as const

export type StorageErrorKey = keyof typeof storageErrors

/** What to do about a database that is older than it should be, to end a sentence with. */
export const howToPutBack =
  'put the newest backup back with "npm run operate -- restore FILE"; on PostgreSQL with its own means, and then run "npm run operate -- replay-journal"'

/** Nothing was opened and nothing was changed. The message is for the operator: what is wrong, and what to do next. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly key: StorageErrorKey

  constructor(key: StorageErrorKey, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.key = key
  }
}
