import { parseArgs } from 'node:util'
import { filtersJson, formatInstant, formatPosition, statusOf, type Token } from '@chatelaine/core'
import type { RestorePreview } from '@chatelaine/storage/sqlite'
import { destination } from 'pino'
import { systemClock } from './clock.ts'
import { complain } from './complain.ts'
import { readSettings, type Settings } from './config.ts'
import { createLog } from './log.ts'
import { backUp, listKeys, lookAtRestore, restore, retire, rotateKey, tokensUnderKey } from './operations.ts'
import { OperatorError } from './operator-error.ts'
import { describeFault, verifyExportFile } from './verify-export.ts'

/** What the operator asked for: the words after the command, and whether it is to be done or only told. */
interface Order {
  readonly settings: Settings
  readonly word: string
  readonly yes: boolean
  readonly withoutJournal: boolean
  /** The file with the audit keys. */
  readonly keys: string
}

interface Command {
  /** The one word that it takes, if it takes one. */
  readonly takes?: string
  /** Whether it needs the file with the audit keys. */
  readonly withKeys?: true
  /** Whether it can do without the journal when it is told to. */
  readonly mayBeWithoutJournal?: true
  readonly does: string
  /** @returns what to tell the operator. */
  readonly run: (order: Order) => string | Promise<string>
}

/** Logs nothing but trouble, and beside what the command answers. */
const log = createLog('warn', destination({ fd: 2, sync: true }))

const commands: Readonly<Record<string, Command>> = {
  backup: {
    takes: 'FILE',
    does: 'copy the database into a new file, also while the server runs',
    run: async ({ settings, word }) => {
      const position = await backUp(settings, word)
      return `Backed up to ${word}, as of ${formatPosition(position)}. Keep ${settings.masterKeyFile} too, elsewhere: without it the backup opens nothing.`
    },
  },
  restore: {
    takes: 'FILE',
    mayBeWithoutJournal: true,
    does: 'put a backup in the place of the database, with --yes (--without-journal when that is lost)',
    run: ({ settings, word, yes, withoutJournal }) =>
      yes ? restoreNow(settings, word, withoutJournal) : restorePreview(settings, word, withoutJournal),
  },
  'keys list': {
    does: 'show the ids of the master keys',
    run: ({ settings }) =>
      listKeys(settings)
        .map((id, index) => `${id}  ${index === 0 ? 'current' : 'former'}`)
        .join('\n'),
  },
  'keys rotate': {
    does: 'add a new current master key',
    run: ({ settings }) =>
      `The current master key is now ${rotateKey(settings)}. Restart the server: it makes everything new under this key, and moves each older token when it is next used.`,
  },
  'keys retire': {
    takes: 'ID',
    does: 'revoke what still depends on a former master key and remove the key, with --yes',
    run: ({ settings, word, yes }) => (yes ? retireNow(settings, word) : retirePreview(settings, word)),
  },
  'verify-export': {
    takes: 'FILE',
    withKeys: true,
    does: 'check an export of the audit log, with the keys of /.well-known/chatelaine-audit-key',
    run: ({ word, keys }) => verifyNow(word, keys),
  },
}

try {
  process.umask(0o077)
  process.stdout.write(`${await obey(process.argv.slice(2))}\n`)
} catch (error) {
  complain(error)
  process.exit(1)
}

async function obey(args: readonly string[]): Promise<string> {
  const { words, yes, withoutJournal, keys } = readArguments(args)
  const name = [words.slice(0, 2).join(' '), words[0] ?? ''].find((candidate) => Object.hasOwn(commands, candidate))
  const command = name === undefined ? undefined : commands[name]
  if (name === undefined || command === undefined) throw usageError('no such command')
  const rest = words.slice(name.split(' ').length)
  if (rest.length !== (command.takes === undefined ? 0 : 1)) {
    throw usageError(`${name} takes ${command.takes === undefined ? 'nothing more' : `one ${command.takes}`}`)
  }
  if ((keys !== undefined) !== (command.withKeys === true)) {
    throw usageError(`${name} ${command.withKeys === true ? 'needs --keys FILE' : 'does not take --keys'}`)
  }
  if (withoutJournal && command.mayBeWithoutJournal !== true)
    throw usageError(`${name} does not take --without-journal`)
  return command.run({
    settings: readSettings(process.env),
    word: rest[0] ?? '',
    yes,
    withoutJournal,
    keys: keys ?? '',
  })
}

interface Arguments {
  readonly words: readonly string[]
  readonly yes: boolean
  readonly withoutJournal: boolean
  readonly keys: string | undefined
}

function readArguments(args: readonly string[]): Arguments {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        yes: { type: 'boolean', default: false },
        'without-journal': { type: 'boolean', default: false },
        keys: { type: 'string' },
      },
    })
    return { words: positionals, yes: values.yes, withoutJournal: values['without-journal'], keys: values.keys }
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error))
  }
}

function usageError(what: string): OperatorError {
  const lines = Object.entries(commands).map(([name, { takes = '', withKeys, does }]) => {
    return `${`${name} ${takes}${withKeys === true ? ' --keys FILE' : ''}`.padEnd(32)}${does}`
  })
  return new OperatorError(what, `npm run operate -- COMMAND, which is one of\n  ${lines.join('\n  ')}`)
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
  const { restoredFrom, position, replayed, sessionsEnded } = restore(settings, file, withoutJournal, log)
  const counts = Object.entries(replayed).map(([action, count]) => `\n  ${action}: ${count}`)
  return `Restored ${file} from ${formatPosition(restoredFrom)}; the log goes on at ${formatPosition(position)}. Sessions ended: ${sessionsEnded}. Taken away again:${counts.length === 0 ? ' nothing' : counts.join('')}`
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

/** @throws OperatorError for an export that is not what the deployment wrote. */
function verifyNow(exportFile: string, keysFile: string): string {
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

function describe(token: Token): string {
  const lastUse = token.use.lastAt === null ? 'never used' : `last used ${formatInstant(token.use.lastAt)}`
  return `${token.id}  ${statusOf(token, systemClock.now())}  ${JSON.stringify(token.label)}  ${lastUse}`
}
