import type { Command } from 'commander'
import { accountFields } from '../account-fields.ts'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { printRecord, type ListOptions } from '../list.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  withConnection(command.argument('[id]', 'which account; your own').option('--json', 'print JSON')).action(
    async (id: string | undefined, options: ListOptions & ConnectionOptions) => {
      const { client } = await connect(options, terminal)
      const account = id === undefined ? await client.accounts.getOwn() : await client.accounts.get(id)
      printRecord(terminal, account, accountFields, options)
    },
  )
}
