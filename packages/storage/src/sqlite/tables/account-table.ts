import type { Account } from '@chatelaine/core'
import type { Row } from '../connection.ts'
import type { SealedTable } from '../seal.ts'

export const accountTable: SealedTable<Account> = {
  name: 'accounts',
  sealed: [
    'id',
    'serial',
    'uuid',
    'username',
    'email',
    'name',
    'role',
    'status',
    'external_id',
    'password_hash',
    'created_at',
    'changed_seq',
  ],
  observed: ['last_sign_in_at'],
  idColumn: 'id',

  encode: (account): Row => ({
    id: account.id,
    serial: account.serial,
    uuid: account.uuid,
    username: account.username,
    email: account.email,
    name: account.name,
    role: account.role,
    status: account.status,
    external_id: account.externalId,
    password_hash: account.passwordHash,
    created_at: account.createdAt,
    changed_seq: account.changedSeq,
    last_sign_in_at: account.lastSignInAt,
  }),

  decode: (row) =>
    ({
      id: row.id,
      serial: row.serial,
      uuid: row.uuid,
      username: row.username,
      email: row.email,
      name: row.name,
      role: row.role,
      status: row.status,
      externalId: row.external_id,
      passwordHash: row.password_hash,
      createdAt: row.created_at,
      changedSeq: row.changed_seq,
      lastSignInAt: row.last_sign_in_at,
    }) as Account,
}
