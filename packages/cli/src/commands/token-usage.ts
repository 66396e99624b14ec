import type { Command } from 'commander'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { printList, type ListOptions } from '../list.ts'
import type { Terminal } from '../terminal.ts'
import { requireDuration } from '../times.ts'
import { acceptedText, addressColumns } from '../token-usage.ts'

interface Options extends ListOptions, ConnectionOptions {
  readonly since: string
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('[id]', 'which token; the one you use')
    .option('--since <duration>', 'how long ago it begins; addresses are kept for 7d', '1d')
    .option('--json', 'print JSON')
  withConnection(command).action(async (id: string | undefined, options: Options) => {
    const seconds = requireDuration('--since', options.since)
    const { client } = await connect(options, terminal)
    const asked = id ?? (await client.tokens.getSelf()).id
    const from = new Date(terminal.now() - seconds * 1_000).toISOString()
    const usage = await client.tokens.usage(asked, { by: seconds > hourlyMax ? 'day' : 'hour', from })
    if (options.json) return terminal.write(`${JSON.stringify(usage, undefined, 2)}\n`)
    terminal.tell(`${asked} ${acceptedText(usage, `since ${usage.from}`)}`)
    await printList(terminal, usage.addresses, addressColumns, options)
    const { accepted_elsewhere } = usage
    if (accepted_elsewhere > 0) terminal.tell(`and ${accepted_elsewhere} of them from addresses that are not shown`)
  })
}

/** Up to a week by the hour, beyond it by the day. */
const hourlyMax = 604_800
