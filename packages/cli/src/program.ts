import { Command } from 'commander'
import { commands, groups, type CommandRow } from './commands.ts'
import type { Terminal } from './terminal.ts'

/** What a file under `commands/` exports. */
export interface CommandModule {
  /** Gives a command, which has its name already, its arguments, its options and what it does. */
  configure(command: Command, terminal: Terminal): void
}

/**
 * The parser for a command line. Only the file of the command that is asked for is loaded, and what it needs only once it
 * runs, so that a start is quick.
 * @param asked the command line; `'everything'` loads all commands.
 */
export async function buildProgram(asked: readonly string[] | 'everything', terminal: Terminal): Promise<Command> {
  const program = new Command('chatelaine')
    .description('Make, use, watch and revoke API tokens, and run the server that issues them.')
    .version('0.1.0', '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print what a command takes')
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ showGlobalOptions: false, styleTitle: (title) => terminal.style(title, 'bold') })
    // run.ts tells what was wrong, in our own form.
    .configureOutput({ outputError: () => undefined, writeErr: () => undefined })
    .addHelpText('after', closing)
  const parents = new Map<string, Command>()
  for (const [path, row] of Object.entries<CommandRow>(commands)) {
    const [first = '', second] = path.split(' ')
    const command = second === undefined ? program.command(first) : parentNamed(first).command(second)
    command.description(row.does)
    if (asked === 'everything' || isAsked(asked, first, second)) (await row.load()).configure(command, terminal)
  }
  return program

  function parentNamed(name: string): Command {
    const known = parents.get(name)
    if (known !== undefined) return known
    const parent = program
      .command(name)
      .description(groups[name as keyof typeof groups])
      .helpCommand(false)
    parents.set(name, parent)
    return parent
  }
}

function isAsked(asked: readonly string[], first: string, second: string | undefined): boolean {
  return asked[0] === first && (second === undefined || asked[1] === second)
}

const closing = `
A token is looked for in this order: --token-file, the variable CHATELAINE_TOKEN, a *.token file in the current
directory, the keyring of the system, what \`chatelaine login\` stored. The server: --url, the variable CHATELAINE_URL,
where you logged in, http://127.0.0.1:8470.

Exit codes: 0 done, 1 failed or found, 2 asked in the wrong way.`
