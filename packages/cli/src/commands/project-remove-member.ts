import type { Command } from 'commander'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { requireYes } from '../question.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends ConnectionOptions {
  readonly yes?: true
}

export function configure(command: Command, terminal: Terminal): void {
  command.argument('<id>', 'which project').argument('<account-id>', 'which member').option('-y, --yes', 'do not ask')
  withConnection(command).action(async (id: string, accountId: string, options: Options) => {
    const { client } = await connect(options, terminal)
    const question = `Remove ${accountId} and end the tokens of the project that this account made?`
    await requireYes(question, options.yes === true, terminal)
    await client.projects.removeMember(id, accountId)
    terminal.tell(`removed ${accountId}`)
  })
}
