import type { Command } from 'commander'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { printRecord, type ListOptions } from '../list.ts'
import { projectColumns } from '../project-fields.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends ListOptions, ConnectionOptions {
  readonly description?: string
  readonly owner?: string
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<project-name>', 'what people call the project')
    .option('--description <text>', 'what it is for')
    .option('--owner <account-id>', 'who will own it; for managers and administrators')
    .option('--json', 'print JSON')
  withConnection(command).action(async (projectName: string, options: Options) => {
    const { description, owner: owner_id } = options
    const { client } = await connect(options, terminal)
    const project = await client.projects.create({ name: projectName, description, owner_id })
    printRecord(terminal, project, projectColumns, options)
  })
}
