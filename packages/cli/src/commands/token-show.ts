import type { Command } from 'commander'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { printRecord, type ListOptions } from '../list.ts'
import type { Terminal } from '../terminal.ts'
import { tokenFields } from '../token-fields.ts'

export function configure(command: Command, terminal: Terminal): void {
  withConnection(command.argument('[id]', 'which token; the one you use').option('--json', 'print JSON')).action(
    async (id: string | undefined, options: ListOptions & ConnectionOptions) => {
      const { client } = await connect(options, terminal)
      const token = id === undefined ? await client.tokens.getSelf() : await client.tokens.get(id)
      printRecord(terminal, token, tokenFields, options)
    },
  )
}
