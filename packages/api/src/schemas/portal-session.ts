import { z } from 'zod'
import { portalLifetimeSecondsDefault, portalLifetimeSecondsMax, portalLifetimeSecondsMin } from '../bounds.ts'
import { accountId, answeredInstant } from '../fields.ts'
import { externalId } from './account.ts'

export const PortalSessionCreate = z
  .strictObject({
    account_id: accountId.exactOptional().describe('The account whose tokens the page shows and manages.'),
    external_id: externalId.exactOptional().describe('The same account by the id that the platform itself gave it.'),
    lifetime_seconds: z
      .int()
      .min(portalLifetimeSecondsMin)
      .max(portalLifetimeSecondsMax)
      .default(portalLifetimeSecondsDefault)
      .describe('How long the session lasts; it never outlives the token that opens it.'),
  })
  .superRefine(({ account_id: account, external_id: external }, context) => {
    if (account === undefined && external === undefined) {
      const message = 'is missing; name the account by it, or by external_id'
      context.addIssue({ code: 'custom', path: ['account_id'], message })
    }
    if (account !== undefined && external !== undefined) {
      const message = 'cannot stand beside account_id; keep one of the two'
      context.addIssue({ code: 'custom', path: ['external_id'], message })
    }
  })
  .describe('For whom to open a portal session. Name either `account_id` or `external_id`.')

export const PortalSession = z
  .strictObject({
    account_id: accountId.describe('The account that it is for.'),
    expires_at: answeredInstant.describe('When it ends at the latest.'),
  })
  .describe('A portal session; what proves it is not here.')

export const PortalSessionWithSecret = PortalSession.extend({
  session: z.string().describe('What the page sends as its bearer. It appears in this answer and never again.'),
}).describe('A portal session that was just opened, with what proves it for the one time.')
