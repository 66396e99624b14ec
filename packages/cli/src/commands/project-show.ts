import type { Command } from 'commander'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { printList, printRecord, rowsMax, type ListOptions } from '../list.ts'
import { memberColumns, projectColumns } from '../project-fields.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  withConnection(command.argument('<id>', 'which project').option('--json', 'print JSON')).action(
    async (id: string, options: ListOptions & ConnectionOptions) => {
      const { client } = await connect(options, terminal)
      const project = await client.projects.get(id)
      const members = await client.projects.listMembers(id)
      printRecord(terminal, { ...project, members }, projectColumns, options)
      if (options.json) return
      terminal.write('\n')
      await printList(terminal, members, memberColumns, { limit: rowsMax })
    },
  )
}
