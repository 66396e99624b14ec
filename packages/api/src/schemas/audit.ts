import { z } from 'zod'
import { actionLengthMax } from '../bounds.ts'
import {
  accountId,
  answeredInstant,
  cursor,
  instant,
  logPosition,
  metadata,
  pageLimit,
  pageOf,
  projectId,
  textBody,
  tokenId,
} from '../fields.ts'

export const AuditEntry = z
  .strictObject({
    seq: logPosition.describe('Its place in the log, `<epoch>.<number>`; numbers have no gaps.'),
    at: answeredInstant.describe('When it happened.'),
    actor: z
      .strictObject({
        type: z
          .enum(['token', 'session', 'portal', 'operator', 'anonymous', 'system'])
          .describe('What sort of caller it was; `portal` a portal session, `system` the server by itself.'),
        account_id: accountId.nullable().describe('The account that it spoke for.'),
        token_id: tokenId.nullable().describe('The token that it used, or that opened its portal session.'),
        ip: z.string().nullable().describe('From where the request came.'),
        client: z.string().nullable().describe('What the client called itself.'),
      })
      .describe('Who did it, and from where.'),
    action: z.string().describe('What happened, such as `token.revoked`.'),
    effect: z
      .enum(['takes', 'gives', 'none'])
      .describe('`takes`: something that was accepted before may be refused afterwards.'),
    subject: z
      .strictObject({
        type: z.enum(['token', 'account', 'project', 'deployment']).describe('What sort of thing it was done to.'),
        id: z.string().describe('Which one; `all` for the deployment itself.'),
      })
      .describe('What it was done to.'),
    details: metadata.describe('What else is worth knowing. Never a secret.'),
  })
  .describe('One change, as the log keeps it.')

export const AuditList = pageOf(AuditEntry).describe('A page of the log, newest first.')

const actorId = z.union([accountId, tokenId], { error: 'must be an account id or a token id' })
const subjectId = z.union([accountId, projectId, tokenId, z.literal('all')], {
  error: 'must be the id of an account, a project or a token, or all for the deployment itself',
})

const filters = {
  actor: actorId.exactOptional().describe('Only what this account or token did.'),
  subject: subjectId.exactOptional().describe('Only what was done to this account, project or token.'),
  action: z.string().max(actionLengthMax).exactOptional().describe('Only this action, such as `token.revoked`.'),
  from: instant.exactOptional().describe('Only what happened at this instant or later.'),
  until: instant.exactOptional().describe('Only what happened before this instant.'),
}

export const AuditQuery = z.strictObject({ ...filters, limit: pageLimit, cursor: cursor.exactOptional() })

export const AuditExportQuery = z.strictObject({
  format: z.enum(['jsonl', 'csv']).default('jsonl').describe('`jsonl` can be verified, `csv` cannot.'),
  ...filters,
})

export const AuditExport = textBody.describe(
  'JSON lines, each of which is described under docs/reference/audit-export.md, or CSV as RFC 4180 has it.',
)

const AuditKey = z.strictObject({
  key_id: z.string().describe('Which master key it belongs to, as signatures name it.'),
  algorithm: z.literal('Ed25519').describe('RFC 8032.'),
  public_key: z.string().describe('The raw 32 bytes as base64.'),
  jwk: z
    .strictObject({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: z.string(),
      kid: z.string(),
      alg: z.literal('Ed25519'),
      use: z.literal('sig'),
    })
    .describe('The same as a JSON Web Key (RFC 8037).'),
})

export const AuditKeys = z
  .strictObject({ keys: z.array(AuditKey).describe('Every key that ever signed the log.') })
  .describe('The public halves of the keys that sign the audit log.')
