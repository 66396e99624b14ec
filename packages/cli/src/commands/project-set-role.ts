import type { Command } from 'commander'
import type { Member } from '@chatelaine/sdk'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { printRecord, type ListOptions } from '../list.ts'
import { memberColumns, roleOption } from '../project-fields.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends ListOptions, ConnectionOptions {
  readonly role: Member['role']
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<id>', 'which project')
    .argument('<account-id>', 'which member')
    .addOption(roleOption().makeOptionMandatory())
    .option('--json', 'print JSON')
  withConnection(command).action(async (id: string, accountId: string, { role, ...options }: Options) => {
    const { client } = await connect(options, terminal)
    printRecord(terminal, await client.projects.updateMember(id, accountId, { role }), memberColumns, options)
  })
}
