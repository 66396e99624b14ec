import { CommanderError } from 'commander'
import { explain, Misuse } from './failure.ts'
import { buildProgram } from './program.ts'
import { openTerminal, type Terminal } from './terminal.ts'

/** Exit codes: 0 done; 1 it failed, or what was looked for was found; 2 it was asked in the wrong way. */
const failed = 1
const misused = 2

/** Carries out one command line. It never throws: what goes wrong is told on standard error, and by the exit code. */
export async function run(args: readonly string[]): Promise<void> {
  const terminal = openTerminal()
  try {
    const asked = args.length === 0 || args[0] === 'help' ? [...args.slice(1), '--help'] : args
    const program = await buildProgram(asked, terminal)
    await program.parseAsync([...asked], { from: 'user' })
  } catch (error) {
    if (!isHelp(error)) complain(error, terminal)
  }
}

function complain(error: unknown, terminal: Terminal): void {
  const isMisuse = error instanceof Misuse || error instanceof CommanderError
  for (const { what, hint } of error instanceof CommanderError ? [misuseOf(error)] : explain(error)) {
    terminal.tell(`${terminal.emphasise('error:', 'red')} ${what}`)
    if (hint !== undefined) terminal.tell(`${terminal.emphasise('hint:', 'cyan')} ${hint}`)
  }
  process.exitCode = isMisuse ? misused : failed
}

/** That somebody asked for help, or for the version, ends the parsing like an error. */
function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0
}

/** The parser writes its suggestion on a second line: "(Did you mean --label?)". */
function misuseOf({ code, message }: CommanderError): { what: string; hint: string } {
  if (code === 'commander.help') return { what: 'a command is missing', hint: 'chatelaine --help lists them' }
  const [what = '', suggestion] = message.replace(/^error: /, '').split('\n')
  return { what, hint: suggestion?.replaceAll(/[()]/g, '') ?? 'add --help to see what the command takes' }
}
