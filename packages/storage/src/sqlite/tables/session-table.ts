import type { Session } from '@chatelaine/core'
import type { Row } from '../connection.ts'
import type { SealedTable } from '../seal.ts'

export const sessionTable: SealedTable<Session> = {
  name: 'sessions',
  sealed: ['id', 'digest', 'account_id', 'created_at'],
  observed: ['last_seen_at'],
  idColumn: 'id',

  encode: (session): Row => ({
    id: session.id,
    digest: session.digest,
    account_id: session.accountId,
    created_at: session.createdAt,
    last_seen_at: session.lastSeenAt,
  }),

  decode: (row) =>
    ({
      id: row.id,
      digest: row.digest,
      accountId: row.account_id,
      createdAt: row.created_at,
      lastSeenAt: row.last_seen_at,
    }) as Session,
}
