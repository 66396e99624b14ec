import type { Command } from 'commander'
import type { LoadedToken } from '@chatelaine/sdk/node'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { Misuse } from '../failure.ts'
import { giveSecret, prepareFor, withSecretOptions, type SecretOptions } from '../secret-out.ts'
import type { Terminal } from '../terminal.ts'
import { requireDuration } from '../times.ts'

interface Options extends SecretOptions, ConnectionOptions {
  readonly grace?: string
  readonly cancel?: true
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('[id]', 'which token; the one you use, which renews itself')
    .option('--grace <duration>', 'how long the old secret lives on once the new one is used, 0s to 7d; 1d')
    .option('--cancel', 'take the new secret back, while it is unused')
  withConnection(withSecretOptions(command))
    .addHelpText('after', afterwards)
    .action(async (id: string | undefined, options: Options) => {
      const grace_seconds = options.grace === undefined ? undefined : graceOf(options.grace)
      if (options.cancel) return cancel(id, options, terminal)
      await prepareFor(options, true)
      const { client, token } = await connect(options, terminal)
      if (id !== undefined) {
        return giveSecret(await client.tokens.rotate(id, { grace_seconds }), options, terminal)
      }
      const issued = await client.tokens.renewSelf({ grace_seconds })
      await giveSecret(issued, whereItWas(options, token), terminal)
    })
}

function graceOf(text: string): number {
  return text === '0' || text === '0s' ? 0 : requireDuration('--grace', text)
}

async function cancel(id: string | undefined, options: Options, terminal: Terminal): Promise<void> {
  if (id === undefined) throw new Misuse('--cancel needs the id of the token')
  const { client } = await connect(options, terminal)
  await client.tokens.cancelRotation(id)
  terminal.tell(`the new secret of ${id} is dead, and the old one stays`)
}

/** A token that came out of a file goes back there, unless another place is named. */
function whereItWas(options: Options, { origin }: LoadedToken): SecretOptions {
  if (options.write !== undefined || options.json !== undefined || origin.file === undefined) return options
  return { ...options, write: origin.file }
}

const afterwards = `
The id stays. Without an id the token that you use renews itself, and goes back into the file that it came from. The old
secret lives on until the new one has been used and the grace is over.`
