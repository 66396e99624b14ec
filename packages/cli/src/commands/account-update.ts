import type { Command } from 'commander'
import { accountFields, withAccountOptions, type AccountOptions } from '../account-fields.ts'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { Misuse } from '../failure.ts'
import { printRecord, type ListOptions } from '../list.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends AccountOptions, ListOptions, ConnectionOptions {
  readonly username?: string
  readonly enable?: true
}

export function configure(command: Command, terminal: Terminal): void {
  command.argument('<id>', 'which account')
  withAccountOptions(command)
    .option('--username <text>', 'what the person or machine signs in as')
    .option('--enable', 'let a disabled account sign in again')
  withConnection(command).action(async (id: string, options: Options) => {
    const { username, email, fullName: name, role, externalId: external_id, enable } = options
    const body = { username, email, name, role, external_id, status: enable ? ('active' as const) : undefined }
    if (Object.values(body).every((value) => value === undefined)) {
      throw new Misuse('nothing is to be changed', 'say what: --username, --email, --full-name, --role, …')
    }
    const { client } = await connect(options, terminal)
    printRecord(terminal, await client.accounts.update(id, body), accountFields, options)
  })
}
