import { Option, type Command } from 'commander'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { printList, type ListOptions } from '../list.ts'
import { withListOptions } from '../list-options.ts'
import type { Terminal } from '../terminal.ts'
import { tokenColumns } from '../token-fields.ts'
import { filtersOf, withTokenFilters, type TokenFilters } from '../token-filters.ts'

interface Options extends TokenFilters, ListOptions, ConnectionOptions {
  readonly limit?: number
  readonly status?: string
  readonly sort?: 'created_at' | 'label' | 'expires_at' | 'last_used_at'
  readonly reverse?: true
}

export function configure(command: Command, terminal: Terminal): void {
  const sorts = ['created_at', 'label', 'expires_at', 'last_used_at']
  withTokenFilters(command)
    .option('--status <status>', 'active, suspended, expired or revoked, several with commas; active,suspended')
    .addOption(new Option('--sort <field>', 'what to sort by').choices(sorts))
    .option('--reverse', 'the highest, newest or last first')
  withConnection(withListOptions(command)).action(async (options: Options) => {
    const { limit, status, sort, reverse } = options
    const { client } = await connect(options, terminal)
    const order = sort === undefined || reverse === undefined ? sort : (`-${sort}` as const)
    const tokens = client.tokens.list({ ...filtersOf(options), status, sort: order })
    await printList(terminal, tokens, tokenColumns, { ...options, limit })
  })
}
