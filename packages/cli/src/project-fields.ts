// A project and its members as the commands print them.

import { Option } from 'commander'
import type { Member, Project } from '@chatelaine/sdk'
import type { Column } from './list.ts'

export const projectColumns: readonly Column<Project>[] = [
  { title: 'id', text: ({ id }) => id },
  { title: 'name', text: ({ name }) => name },
  { title: 'status', text: ({ status }) => status },
  { title: 'created', at: ({ created_at }) => created_at, none: '' },
  { title: 'description', text: ({ description }) => description },
]

export const memberColumns: readonly Column<Member>[] = [
  { title: 'account', text: ({ account_id }) => account_id },
  { title: 'role', text: ({ role }) => role },
  { title: 'since', at: ({ since }) => since, none: '' },
]

export function roleOption(): Option {
  return new Option('--role <role>', 'owners and managers manage the project').choices(['owner', 'manager', 'member'])
}
