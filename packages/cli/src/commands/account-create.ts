import type { Command } from 'commander'
import { accountFields, withAccountOptions, type AccountOptions } from '../account-fields.ts'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { printRecord, type ListOptions } from '../list.ts'
import { readStandardInput } from '../standard-input.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends AccountOptions, ListOptions, ConnectionOptions {
  readonly passwordStdin?: true
}

export function configure(command: Command, terminal: Terminal): void {
  command.argument('<username>', 'what the person or machine signs in as')
  withAccountOptions(command).option('--password-stdin', 'read a password from standard input')
  withConnection(command)
    .addHelpText('after', '\nWithout a password the account cannot sign in with one, but may own tokens.')
    .action(async (username: string, options: Options) => {
      const { email, fullName: name, role, externalId: external_id, passwordStdin } = options
      const password = passwordStdin ? (await readStandardInput()).replace(/\r?\n$/, '') : undefined
      const { client } = await connect(options, terminal)
      const account = await client.accounts.create({ username, email, name, role, external_id, password })
      printRecord(terminal, account, accountFields, options)
    })
}
