import { canonicalJson, foldName, type Token } from '@chatelaine/core'
import type { Row } from '../connection.ts'
import type { SealedTable } from '../seal.ts'

export const tokenTable: SealedTable<Token> = {
  name: 'tokens',
  sealed: [
    'id',
    'serial',
    'uuid',
    'kind',
    'account_id',
    'project_id',
    'label',
    'start',
    'is_active',
    'scopes',
    'allowed_ips',
    'metadata',
    'created_at',
    'created_by',
    'parent_token_id',
    'origin',
    'not_before',
    'expires_at',
    'revoked_at',
    'revoked_reason',
    'digest',
    'changed_seq',
  ],
  observed: ['first_used_at', 'last_used_at', 'last_used_ip', 'last_used_client', 'use_count'],
  idColumn: 'id',

  encode: (token): Row => ({
    id: token.id,
    serial: token.serial,
    uuid: token.uuid,
    kind: token.kind,
    account_id: token.accountId,
    project_id: token.projectId,
    label: token.label,
    start: token.start,
    is_active: token.isActive ? 1 : 0,
    scopes: JSON.stringify(token.scopes),
    allowed_ips: JSON.stringify(token.allowedIps),
    metadata: canonicalJson(token.metadata),
    created_at: token.createdAt,
    created_by: token.createdBy,
    parent_token_id: token.parentTokenId,
    origin: token.origin,
    not_before: token.notBefore,
    expires_at: token.expiresAt,
    revoked_at: token.revokedAt,
    revoked_reason: token.revokedReason,
    digest: token.digest,
    changed_seq: token.changedSeq,
    first_used_at: token.use.firstAt,
    last_used_at: token.use.lastAt,
    last_used_ip: token.use.lastIp,
    last_used_client: token.use.lastClient,
    use_count: token.use.count,
  }),

  decode: (row) =>
    ({
      id: row.id,
      serial: row.serial,
      uuid: row.uuid,
      kind: row.kind,
      accountId: row.account_id,
      projectId: row.project_id,
      label: row.label,
      start: row.start,
      isActive: row.is_active === 1,
      scopes: JSON.parse(String(row.scopes)),
      allowedIps: JSON.parse(String(row.allowed_ips)),
      metadata: JSON.parse(String(row.metadata)),
      createdAt: row.created_at,
      createdBy: row.created_by,
      parentTokenId: row.parent_token_id,
      origin: row.origin,
      notBefore: row.not_before,
      expiresAt: row.expires_at,
      revokedAt: row.revoked_at,
      revokedReason: row.revoked_reason,
      digest: row.digest,
      changedSeq: row.changed_seq,
      use: {
        firstAt: row.first_used_at,
        lastAt: row.last_used_at,
        lastIp: row.last_used_ip,
        lastClient: row.last_used_client,
        count: row.use_count,
      },
    }) as Token,
}

/** What lists search and sort labels by: without regard to case, also beyond ASCII, which SQLite alone does not know. */
export function foldLabel(label: string): string {
  return foldName(label)
}

/**
 * Begins a statement that reads what a token made, and what that made: the ids, as the table `descendants`. The
 * parameter is the token's own id. UNION and not UNION ALL, so that even parents altered into a ring come to an end.
 */
export const withDescendants = `
  WITH RECURSIVE descendants (id) AS (
    SELECT id FROM tokens WHERE parent_token_id = ?
    UNION
    SELECT tokens.id FROM tokens JOIN descendants ON tokens.parent_token_id = descendants.id
  )`
