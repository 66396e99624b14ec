import type { Command } from 'commander'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { readStandardInput } from '../standard-input.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends ConnectionOptions {
  readonly revokeTokens?: true
}

export function configure(command: Command, terminal: Terminal): void {
  command.argument('<id>', 'which account').option('--revoke-tokens', 'revoke its tokens too')
  withConnection(command)
    .addHelpText('after', '\nThe password is read from standard input. Every session of the account ends.')
    .action(async (id: string, options: Options) => {
      const new_password = (await readStandardInput()).replace(/\r?\n$/, '')
      const { client } = await connect(options, terminal)
      await client.accounts.changePassword(id, { new_password, revoke_tokens: options.revokeTokens })
      terminal.tell(`the password of ${id} is another one now`)
    })
}
