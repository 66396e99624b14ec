import { Option, type Command } from 'commander'
import type { ListAccountsQuery } from '@chatelaine/sdk'
import { accountColumns } from '../account-fields.ts'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { printList, type ListOptions } from '../list.ts'
import { withListOptions } from '../list-options.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends ListOptions, ConnectionOptions, Pick<ListAccountsQuery, 'role' | 'status' | 'q'> {
  readonly limit?: number
  readonly externalId?: string
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .addOption(new Option('--role <role>', 'only accounts with this role').choices(['member', 'admin']))
    .addOption(new Option('--status <status>', 'only accounts with this status').choices(['active', 'disabled']))
    .option('--external-id <id>', "only the one with this id of the platform's")
    .option('-q <text>', 'only accounts whose user name, e-mail address or name contains this')
  withConnection(withListOptions(command)).action(async (options: Options) => {
    const { role, status, q, externalId: external_id, limit } = options
    const { client } = await connect(options, terminal)
    const accounts = client.accounts.list({ role, status, q, external_id })
    await printList(terminal, accounts, accountColumns, { ...options, limit })
  })
}
