import type { Command } from 'commander'
import type { Account, Client, Token } from '@chatelaine/sdk'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { printRecord, type Column, type ListOptions } from '../list.ts'
import type { Terminal } from '../terminal.ts'

interface Self {
  readonly url: string
  readonly account: Account | null
  readonly token: Token
  readonly found_in: string
}

export function configure(command: Command, terminal: Terminal): void {
  withConnection(command.option('--json', 'print JSON')).action(async (options: ListOptions & ConnectionOptions) => {
    const { client, url, token: loaded } = await connect(options, terminal)
    const token = await client.tokens.getSelf()
    const account = token.kind === 'account' ? await ownAccount(client) : null
    const { type, where } = loaded.origin
    printRecord(terminal, { url, account, token, found_in: `${type} ${where}` }, fields, options)
  })
}

/** `null` where the token may not see whose it is. */
async function ownAccount(client: Client): Promise<Account | null> {
  const { isProblem } = await import('@chatelaine/sdk')
  return client.accounts.getOwn().catch((error: unknown) => {
    if (isProblem(error, 'scope-missing', 'not-permitted')) return null
    throw error
  })
}

const fields: readonly Column<Self>[] = [
  { title: 'server', text: ({ url }) => url },
  { title: 'account', text: ({ account }) => account?.username ?? null },
  { title: 'account id', text: ({ token }) => token.account_id },
  { title: 'project', text: ({ token }) => token.project_id },
  { title: 'token', text: ({ token }) => token.id },
  { title: 'label', text: ({ token }) => token.label },
  { title: 'kind', text: ({ token }) => token.kind },
  { title: 'scopes', text: ({ token }) => token.scopes.join(' ') },
  { title: 'expires', at: ({ token }) => token.expires_at, none: 'never' },
  { title: 'found in', text: ({ found_in }) => found_in },
]
