// An account as the commands print it, and what can be said of one.

import { Option, type Command } from 'commander'
import type { Account } from '@chatelaine/sdk'
import type { Column } from './list.ts'

export const accountColumns: readonly Column<Account>[] = [
  { title: 'id', text: ({ id }) => id },
  { title: 'username', text: ({ username }) => username },
  { title: 'name', text: ({ name }) => name },
  { title: 'role', text: ({ role }) => role },
  { title: 'status', text: ({ status }) => status },
  { title: 'signed in', at: ({ last_sign_in_at }) => last_sign_in_at, none: 'never' },
]

export const accountFields: readonly Column<Account>[] = [
  ...accountColumns.slice(0, 3),
  { title: 'email', text: ({ email }) => email },
  { title: 'external id', text: ({ external_id }) => external_id },
  ...accountColumns.slice(3, 5),
  { title: 'password', text: ({ has_password }) => (has_password ? 'yes' : 'none') },
  { title: 'created', at: ({ created_at }) => created_at, none: '' },
  ...accountColumns.slice(5),
]

export interface AccountOptions {
  readonly email?: string
  readonly fullName?: string
  readonly role?: Account['role']
  readonly externalId?: string
}

export function withAccountOptions(command: Command): Command {
  return command
    .option('--email <address>', 'the e-mail address')
    .option('--full-name <text>', 'what people call the person or machine')
    .addOption(
      new Option('--role <role>', 'administrators manage all accounts and tokens').choices(['member', 'admin']),
    )
    .option('--external-id <id>', "the platform's own id of this user")
    .option('--json', 'print JSON')
}
