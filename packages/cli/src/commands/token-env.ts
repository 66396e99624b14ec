import { resolve } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import { shellHere, shells, type Shell } from '../variable.ts'

interface Options {
  readonly variable: string
  readonly shell?: Shell
}

export function configure(command: Command, terminal: Terminal): void {
  const names = Object.keys(shells) as Shell[]
  command
    .argument('[file]', 'the file with the token', parseFile, 'my.token')
    .option('--variable <name>', 'what the program reads, such as COSCINE_API_TOKEN', parseName, 'CHATELAINE_TOKEN')
    .addOption(new Option('--shell <shell>', 'for which shell; the one that you use').choices(names))
    .addHelpText('after', '\nIt prints commands and runs none. The token itself is never in them: they read the file.')
    .action((file: string, { variable, shell = shellHere(process.platform, process.env) }: Options) => {
      const { name, commentLead, once, forGood, note } = shells[shell]
      const given = { variable, file: resolve(file) }
      const comment = (text: string) => terminal.style(`${commentLead} ${text}`, 'dim')
      const lines = [
        comment(`${name}, for this session:`),
        once(given),
        '',
        comment('For good, to be run once; every later session has it:'),
        forGood(given),
        ...(note === undefined ? [] : ['', ...note(given).map(comment)]),
      ]
      terminal.write(`${lines.join('\n')}\n`)
    })
}

function parseName(text: string): string {
  if (/^[A-Z_][A-Z0-9_]{0,127}$/i.test(text)) return text
  throw new InvalidArgumentError('It is letters, digits and underscores, no digit first.')
}

/** What breaks a line would be a command of its own in what is printed. */
function parseFile(text: string): string {
  if (!/\p{Cc}/u.test(text)) return text
  throw new InvalidArgumentError('It has a control character in its name.')
}
