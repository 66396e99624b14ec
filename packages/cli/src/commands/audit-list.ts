import type { Command } from 'commander'
import type { AuditEntry } from '@chatelaine/sdk'
import { filtersOf, withAuditFilters, type AuditFilters } from '../audit-filters.ts'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { printList, type Column, type ListOptions } from '../list.ts'
import { withListOptions } from '../list-options.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends AuditFilters, ListOptions, ConnectionOptions {
  readonly limit?: number
}

export function configure(command: Command, terminal: Terminal): void {
  withConnection(withListOptions(withAuditFilters(command))).action(async (options: Options) => {
    const filters = filtersOf(options, terminal.now())
    const { client } = await connect(options, terminal)
    await printList(terminal, client.audit.list(filters), columns, { ...options, limit: options.limit })
  })
}

const columns: readonly Column<AuditEntry>[] = [
  { title: 'when', at: ({ at }) => at, none: '' },
  { title: 'action', text: ({ action }) => action },
  { title: 'subject', text: ({ subject }) => subject.id },
  { title: 'by', text: ({ actor }) => actor.account_id ?? actor.token_id ?? actor.type },
  { title: 'from', text: ({ actor }) => actor.ip },
  { title: 'with', text: ({ actor }) => actor.client },
  { title: 'seq', text: ({ seq }) => seq },
]
