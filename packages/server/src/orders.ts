// What the operator does with the data directory in hand, and what to tell of it.

import { filtersJson, formatInstant, formatPosition, statusOf, type Token } from '@chatelaine/core'
import type { RestorePreview, RestoreReport } from '@chatelaine/storage/sqlite'
import { destination } from 'pino'
import { systemClock } from './clock.ts'
import { readSettings, type Settings } from './config.ts'
import { createLog } from './log.ts'
import {
  backUp,
  listKeys,
  lookAtReplay,
  lookAtRestore,
  replayJournal,
  restore,
  retire,
  rotateKey,
  tokensUnderKey,
} from './operations.ts'
import { OperatorError } from './operator-error.ts'
import { describeFault, verifyExportFile } from './verify-export.ts'

// Each gives what to print. They throw what `operations.ts` throws, SettingsError for a setting that is wrong, and then
// nothing was changed.

/** Logs nothing but trouble, and beside what the command answers. */
const log = createLog('warn', destination({ fd: 2, sync: true }))

/** The settings of this process; the files that it makes from here on are their owner's alone. */
function settingsHere(): Settings {
  process.umask(0o077)
  return readSettings(process.env)
}

/** Copies the database into a new file, also while the server runs. */
export async function orderBackup(file: string): Promise<string> {
  const settings = settingsHere()
  const position = await backUp(settings, file, log)
  return `Backed up to ${file}, as of ${formatPosition(position)}. Keep ${settings.masterKeyFile} too, elsewhere: without it the backup opens nothing.`
}

/** What is to be restored, and how far it may go. */
export interface RestoreOrder {
  readonly file: string
  /** Whether it is to be done, or only told. */
  readonly yes: boolean
  /** Whether it can do without the journal. */
  readonly withoutJournal: boolean
}

/** Puts a backup in the place of the database. */
export function orderRestore({ file, yes, withoutJournal }: RestoreOrder): string {
  const settings = settingsHere()
  return yes ? restoreNow(settings, file, withoutJournal) : restorePreview(settings, file, withoutJournal)
}

/** Takes away again what was taken away since the copy was made of a PostgreSQL that was put back. */
export async function orderReplay({ yes, withoutJournal }: Omit<RestoreOrder, 'file'>): Promise<string> {
  const settings = settingsHere()
  if (yes) return describeRestore('the database', await replayJournal(settings, withoutJournal, log))
  const { backup, journal } = await lookAtReplay(settings)
  return [
    `The log of the database ends at ${formatPosition(backup)}.`,
    describeJournal(settings, journal, withoutJournal),
    'Everybody is signed out. Stop every instance, and repeat the command with --yes.',
  ].join('\n')
}

/** Shows the ids of the master keys. */
export function orderKeyList(): string {
  return listKeys(settingsHere())
    .map((id, index) => `${id}  ${index === 0 ? 'current' : 'former'}`)
    .join('\n')
}

/** Adds a new current master key. */
export function orderKeyRotation(): string {
  return `The current master key is now ${rotateKey(settingsHere())}. Restart the server: it makes everything new under this key, and moves each older token when it is next used.`
}

/**
 * Revokes what still depends on a former master key and removes the key.
 * @param yes whether it is to be done, or only told.
 */
export async function orderKeyRetirement(keyId: string, yes: boolean): Promise<string> {
  const settings = settingsHere()
  return yes ? retireNow(settings, keyId) : retirePreview(settings, keyId)
}

/**
 * Checks an export of the audit log against a file with the audit keys.
 * @throws OperatorError for an export that is not what the deployment wrote.
 */
export function orderExportCheck(exportFile: string, keysFile: string): string {
  const report = verifyExportFile(exportFile, keysFile)
  if (!report.intact) throw new OperatorError(`${exportFile} is not what was exported: ${describeFault(report)}`)
  const { beginning, rows, omitted } = report
  const { at, filters, extent } = beginning
  const asked = Object.entries(filtersJson(filters)).map(([name, value]) => `${name}=${value}`)
  return [
    `${exportFile} is what was exported, as of ${formatInstant(at)}.`,
    `Rows ${extent.seq + 1} to ${extent.lastSeq}: ${rows - omitted} shown, ${omitted} as bare hashes. Asked for: ${asked.join(', ') || 'everything'}.`,
  ].join('\n')
}

function restorePreview(settings: Settings, file: string, withoutJournal: boolean): string {
  const { backup, journal } = lookAtRestore(settings, file)
  return [
    `This would put ${file} in the place of the database in ${settings.dataDirectory}, which is kept as replaced.db.`,
    `The log of the backup ends at ${formatPosition(backup)}.`,
    describeJournal(settings, journal, withoutJournal),
    'Everything else since then is gone, and everybody is signed out. Stop the server, and repeat the command with --yes.',
  ].join('\n')
}

function describeJournal(
  { journalDirectory }: Settings,
  journal: RestorePreview['journal'],
  withoutJournal: boolean,
): string {
  if (journal?.isOfCopy) {
    const end = journal.position === undefined ? '' : `, the last about ${formatPosition(journal.position)}`
    return `What was taken away since then is taken away again from ${journal.file}: ${journal.lineCount} lines${end}.`
  }
  const found =
    journal === undefined ? `There is no journal in ${journalDirectory}` : `${journal.file} does not know of it`
  const consequence = withoutJournal
    ? 'whatever was revoked since then lives again.'
    : 'so this is refused. Set CHATELAINE_JOURNAL as the server has it, or add --without-journal if the journal is lost.'
  return `${found}: ${consequence}`
}

function restoreNow(settings: Settings, file: string, withoutJournal: boolean): string {
  return describeRestore(file, restore(settings, file, withoutJournal, log))
}

function describeRestore(what: string, { restoredFrom, position, replayed, sessionsEnded }: RestoreReport): string {
  const counts = Object.entries(replayed).map(([action, count]) => `\n  ${action}: ${count}`)
  return `Restored ${what} from ${formatPosition(restoredFrom)}; the log goes on at ${formatPosition(position)}. Sessions ended: ${sessionsEnded}. Taken away again:${counts.length === 0 ? ' nothing' : counts.join('')}`
}

async function retirePreview(settings: Settings, keyId: string): Promise<string> {
  const tokens = await tokensUnderKey(settings, keyId, log)
  if (tokens.length === 0) return `No token depends on ${keyId}. Repeat the command with --yes to remove the key.`
  return [
    `Tokens that have not been used since the current key came, which this would revoke: ${tokens.length}`,
    ...tokens.map((token) => `  ${describe(token)}`),
    'Each moves to the current key when it is used. Repeat the command with --yes to revoke those that are left.',
  ].join('\n')
}

async function retireNow(settings: Settings, keyId: string): Promise<string> {
  const count = await retire(settings, keyId, log)
  return `Retired ${keyId}; tokens revoked: ${count}. Keep the key with the backups that were made under it.`
}

function describe(token: Token): string {
  const lastUse = token.use.lastAt === null ? 'never used' : `last used ${formatInstant(token.use.lastAt)}`
  return `${token.id}  ${statusOf(token, systemClock.now())}  ${JSON.stringify(token.label)}  ${lastUse}`
}
