import type { Session } from '@chatelaine/core'
import type { Row } from '../steps.ts'
import type { SealedTable } from '../seal.ts'

export const sessionTable: SealedTable<Session> = {
  name: 'sessions',
  sealed: ['id', 'digest', 'account_id', 'created_at'],
  observed: ['last_seen_at'],
  key: ['id'],

  encode: (session): Row => ({
    id: session.id,
    digest: session.digest,
    account_id: session.accountId,
    created_at: session.createdAt,
    last_seen_at: session.lastSeenAt,
  }),

  decode: ([id, digest, accountId, createdAt, lastSeenAt]) => ({
    id,
    digest,
    accountId,
    createdAt,
    lastSeenAt,
  }),
}
