import { Option, type Command } from 'commander'
import type { ListProjectsQuery } from '@chatelaine/sdk'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { printList, type ListOptions } from '../list.ts'
import { withListOptions } from '../list-options.ts'
import { projectColumns } from '../project-fields.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends ListOptions, ConnectionOptions, Pick<ListProjectsQuery, 'status' | 'q'> {
  readonly limit?: number
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .addOption(new Option('--status <status>', 'only projects with this status').choices(['active', 'archived']))
    .option('-q <text>', 'only projects whose name contains this')
  withConnection(withListOptions(command)).action(async (options: Options) => {
    const { status, q, limit } = options
    const { client } = await connect(options, terminal)
    await printList(terminal, client.projects.list({ status, q }), projectColumns, { ...options, limit })
  })
}
