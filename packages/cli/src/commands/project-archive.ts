import type { Command } from 'commander'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { requireYes } from '../question.ts'
import { printable, type Terminal } from '../terminal.ts'

interface Options extends ConnectionOptions {
  readonly yes?: true
}

export function configure(command: Command, terminal: Terminal): void {
  withConnection(command.argument('<id>', 'which project').option('-y, --yes', 'do not ask')).action(
    async (id: string, options: Options) => {
      const { client } = await connect(options, terminal)
      const { name } = await client.projects.get(id)
      const question = `Archive ${printable(name)} and end its tokens? Nothing undoes that.`
      await requireYes(question, options.yes === true, terminal)
      await client.projects.archive(id)
      terminal.tell(`archived ${id}`)
    },
  )
}
