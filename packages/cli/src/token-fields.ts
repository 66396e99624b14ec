// A token as the commands print it.

import type { Token } from '@chatelaine/sdk'
import type { Column } from './list.ts'

export const tokenColumns: readonly Column<Token>[] = [
  { title: 'id', text: ({ id }) => id },
  { title: 'label', text: ({ label }) => label },
  { title: 'kind', text: ({ kind }) => kind },
  { title: 'status', text: ({ status }) => status },
  { title: 'scopes', text: ({ scopes }) => scopes.join(' ') },
  { title: 'expires', at: ({ expires_at }) => expires_at, none: 'never' },
  { title: 'last used', at: ({ last_used_at }) => last_used_at, none: 'never' },
]

export const tokenFields: readonly Column<Token>[] = [
  ...tokenColumns.slice(0, 2),
  { title: 'start', text: ({ start }) => start },
  ...tokenColumns.slice(2, 5),
  { title: 'account', text: ({ account_id }) => account_id },
  { title: 'project', text: ({ project_id }) => project_id },
  { title: 'addresses', text: ({ allowed_ips }) => allowed_ips.join(' ') || 'any' },
  {
    title: 'rate',
    text: ({ rate_limit }) => (rate_limit === null ? 'any' : `${rate_limit.limit}/${rate_limit.window_seconds}s`),
  },
  { title: 'uses left', text: ({ uses_remaining }) => uses_remaining ?? 'any number' },
  { title: 'created', at: ({ created_at }) => created_at, none: '' },
  { title: 'created by', text: ({ created_by, parent_token_id }) => parent_token_id ?? created_by },
  { title: 'origin', text: ({ origin }) => origin },
  { title: 'not before', at: ({ not_before }) => not_before, none: '' },
  { title: 'expires', at: ({ expires_at }) => expires_at, none: 'never' },
  { title: 'renewable until', at: ({ renewable_until }) => renewable_until, none: 'not renewable' },
  { title: 'first used', at: ({ first_used_at }) => first_used_at, none: 'never' },
  { title: 'last used', at: ({ last_used_at }) => last_used_at, none: 'never' },
  { title: 'last used from', text: ({ last_used_ip }) => last_used_ip },
  { title: 'last used by', text: ({ last_used_client }) => last_used_client },
  { title: 'uses', text: ({ use_count }) => use_count },
  { title: 'revoked', at: ({ revoked_at }) => revoked_at, none: 'no' },
  { title: 'revoked because', text: ({ revoked_reason }) => revoked_reason },
  { title: 'rotation', text: ({ rotation }) => rotation?.state ?? '' },
  { title: 'old secret ends', at: ({ rotation }) => rotation?.old_ends_at ?? null, none: '' },
  { title: 'metadata', text: ({ metadata }) => JSON.stringify(metadata) },
]
