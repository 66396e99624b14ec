import { z } from 'zod'
import { logIdLengthMax } from '../bounds.ts'
import {
  accountId,
  answeredInstant,
  cursor,
  instant,
  logPosition,
  metadata,
  pageLimit,
  pageOf,
  tokenId,
} from '../fields.ts'

export const AuditEntry = z
  .strictObject({
    seq: logPosition.describe('Its place in the log, `<epoch>.<number>`; numbers have no gaps.'),
    at: answeredInstant.describe('When it happened.'),
    actor: z
      .strictObject({
        type: z.enum(['token', 'session', 'operator', 'anonymous']).describe('What sort of caller it was.'),
        account_id: accountId.nullable().describe('The account that it spoke for.'),
        token_id: tokenId.nullable().describe('The token that it used.'),
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

const logId = z.string().max(logIdLengthMax)

export const AuditQuery = z.strictObject({
  actor: logId.exactOptional().describe('Only what this account or token did.'),
  subject: logId.exactOptional().describe('Only what was done to this account or token.'),
  action: logId.exactOptional().describe('Only this action, such as `token.revoked`.'),
  from: instant.exactOptional().describe('Only what happened at this instant or later.'),
  until: instant.exactOptional().describe('Only what happened before this instant.'),
  limit: pageLimit,
  cursor: cursor.exactOptional(),
})
