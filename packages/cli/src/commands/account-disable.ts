import type { Command } from 'commander'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { requireYes } from '../question.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends ConnectionOptions {
  readonly yes?: true
}

export function configure(command: Command, terminal: Terminal): void {
  withConnection(command.argument('<id>', 'which account').option('-y, --yes', 'do not ask'))
    .addHelpText('after', '\nIts sessions end and its tokens are refused. `account update --enable` undoes that.')
    .action(async (id: string, options: Options) => {
      const { client } = await connect(options, terminal)
      const { username } = await client.accounts.get(id)
      await requireYes(`Disable ${username}, and refuse all its tokens?`, options.yes === true, terminal)
      await client.accounts.disable(id)
      terminal.tell(`disabled ${id}`)
    })
}
