import type { Command } from 'commander'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { Misuse } from '../failure.ts'
import { printRecord, type ListOptions } from '../list.ts'
import { projectColumns } from '../project-fields.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends ListOptions, ConnectionOptions {
  readonly rename?: string
  readonly description?: string
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<id>', 'which project')
    .option('--rename <text>', 'what people call the project')
    .option('--description <text>', 'what it is for')
    .option('--json', 'print JSON')
  withConnection(command).action(async (id: string, options: Options) => {
    const { rename: name, description } = options
    if (name === undefined && description === undefined) {
      throw new Misuse('nothing is to be changed', 'say what: --rename or --description')
    }
    const { client } = await connect(options, terminal)
    printRecord(terminal, await client.projects.update(id, { name, description }), projectColumns, options)
  })
}
