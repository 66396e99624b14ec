import { readFile } from 'node:fs/promises'
import { Option, type Command } from 'commander'
import type { VerifyAnswer } from '@chatelaine/sdk'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { Misuse } from '../failure.ts'
import { printRecord, type Column, type ListOptions } from '../list.ts'
import { readStandardInput } from '../standard-input.ts'
import type { Terminal } from '../terminal.ts'
import { parseCount } from '../token-options.ts'

interface Options extends ListOptions, ConnectionOptions {
  readonly scope?: readonly string[]
  readonly project?: string
  readonly kind?: readonly ('account' | 'project' | 'manager')[]
  readonly clientIp?: string
  readonly cost?: number
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('[file]', 'the file with the token to ask about; standard input')
    .option('-s, --scope <scope...>', 'what it must be good for')
    .option('--project <id>', 'the project that it must reach')
    .addOption(
      new Option('--kind <kind...>', 'which kinds are welcome; account and project').choices([
        'account',
        'project',
        'manager',
      ]),
    )
    .option('--client-ip <address>', 'from where it was presented')
    .option('--cost <count>', 'what this takes from its rate limits; 1', parseCount)
    .option('--json', 'print JSON')
  withConnection(command)
    .addHelpText('after', '\nExit code 0 when the token is good, 1 when it is not.')
    .action(async (file: string | undefined, options: Options) => {
      const { scope: scopes, project: project_id, kind: kinds, clientIp: client_ip, cost } = options
      const token = await readAsked(file)
      const { client } = await connect(options, terminal)
      const answer = await client.tokens.verify({ token, scopes, project_id, kinds, client_ip, cost })
      printRecord(terminal, answer, answer.valid ? goodFields : badFields, options)
      if (!answer.valid) process.exitCode = 1
    })
}

/** @throws Misuse for a token in the place of a file: the shell and the list of processes would keep it. */
async function readAsked(file: string | undefined): Promise<string> {
  if (file === undefined || file === '-') return (await readStandardInput()).replace(/\r?\n$/, '')
  const { isWellFormed } = await import('@chatelaine/token')
  if (isWellFormed(file)) {
    throw new Misuse(
      'a token on the command line is kept by the shell, and seen by everybody on this machine',
      'put it into a file or pipe it in, and revoke this one if anybody else uses the machine',
    )
  }
  return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
}

const badFields: readonly Column<VerifyAnswer>[] = [
  { title: 'code', text: ({ code }) => code },
  { title: 'token', text: ({ token_id }) => token_id },
]

const goodFields: readonly Column<VerifyAnswer>[] = [
  ...badFields,
  ...(['kind', 'label', 'account_id', 'project_id'] as const).map((name) => ({
    title: name.replace('_id', ''),
    text: (answer: VerifyAnswer) => (answer.valid ? answer[name] : null),
  })),
  { title: 'scopes', text: (answer) => (answer.valid ? answer.scopes.join(' ') : null) },
  { title: 'ends', at: (answer) => (answer.valid ? answer.valid_until : null), none: 'never' },
]
