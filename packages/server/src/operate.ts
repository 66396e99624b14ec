import { parseArgs } from 'node:util'
import { complain } from './complain.ts'
import { OperatorError } from './operator-error.ts'
import {
  orderBackup,
  orderExportCheck,
  orderKeyList,
  orderKeyRetirement,
  orderKeyRotation,
  orderReplay,
  orderRestore,
} from './orders.ts'

/** What the operator asked for: the word after the command, and whether it is to be done or only told. */
interface Order {
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

const commands: Readonly<Record<string, Command>> = {
  backup: {
    takes: 'FILE',
    does: 'copy the database into a new file, also while the server runs',
    run: ({ word }) => orderBackup(word),
  },
  restore: {
    takes: 'FILE',
    mayBeWithoutJournal: true,
    does: 'put a backup in the place of the database, with --yes (--without-journal when that is lost)',
    run: ({ word, yes, withoutJournal }) => orderRestore({ file: word, yes, withoutJournal }),
  },
  'replay-journal': {
    mayBeWithoutJournal: true,
    does: 'after PostgreSQL was put back: take away again what was taken away since, with --yes',
    run: orderReplay,
  },
  'keys list': { does: 'show the ids of the master keys', run: orderKeyList },
  'keys rotate': { does: 'add a new current master key', run: orderKeyRotation },
  'keys retire': {
    takes: 'ID',
    does: 'revoke what still depends on a former master key and remove the key, with --yes',
    run: ({ word, yes }) => orderKeyRetirement(word, yes),
  },
  'verify-export': {
    takes: 'FILE',
    withKeys: true,
    does: 'check an export of the audit log, with the keys of /.well-known/chatelaine-audit-key',
    run: ({ word, keys }) => orderExportCheck(word, keys),
  },
}

try {
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
