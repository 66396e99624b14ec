import { z } from 'zod'
import { accountId, answeredInstant, instant, projectId, tokenId } from '../fields.ts'
import { tokenKinds } from './token.ts'
import { verificationCodes, type VerificationCode } from './verification.ts'

const codes = Object.keys(verificationCodes) as [VerificationCode, ...VerificationCode[]]

const count = z.int().nonnegative()
const codeCounts = z.partialRecord(z.enum(codes), count)

const extent = {
  by: z.enum(['hour', 'day']).describe('How long each step of the series is; hours and days are those of UTC.'),
  from: answeredInstant.describe('Where the first step begins.'),
  until: answeredInstant.describe('Where the last step ends.'),
}

const counts = {
  total: count.describe('How many verifications there were.'),
  codes: codeCounts.describe('How many ended with each code; codes that did not occur are left out.'),
  series: z
    .array(
      z.strictObject({
        at: answeredInstant.describe('Where the step begins.'),
        total: count.describe('How many verifications there were within it.'),
        codes: codeCounts.describe('How many ended with each code, 0 included: the same codes in each step.'),
      }),
    )
    .describe('Every step in the order of time, also those without any verification.'),
}

const addressUse = z.strictObject({
  ip: z.string().nullable().describe('The address; null stands for all uses of which it is not known.'),
  client: z.string().nullable().describe('What the last client there called itself.'),
  accepted: count.describe('How often the token was accepted from there.'),
  last_used_at: answeredInstant.describe('When it was last used there.'),
  old_last_used_at: answeredInstant
    .nullable()
    .describe('When the secret that a rotation is replacing was last used there; null if it was not since.'),
})

const addresses = {
  addresses: z
    .array(addressUse)
    .describe('From where the token was accepted, those with the most uses first; at most a hundred.'),
  addresses_from: answeredInstant.describe(
    'From when on addresses are known: later than `from` where that is longer ago than they are kept, which is 7 days.',
  ),
  address_count: count.describe('How many known addresses there were, whether or not they are in the list.'),
  addresses_are_more: z
    .boolean()
    .describe('Whether there were more than `address_count`: of one hour, 64 addresses are told apart.'),
  accepted_elsewhere: count.describe('How often the token was accepted from addresses that are not in the list.'),
}

export const TokenUsage = z
  .strictObject({ ...extent, ...counts, ...addresses })
  .describe('How the verifications of one token ended, hour by hour or day by day, and from where it was accepted.')

export const Usage = z
  .strictObject({
    ...extent,
    ...counts,
    top_tokens: z
      .array(
        z.strictObject({
          token_id: tokenId.describe('Which token it is.'),
          label: z.string().nullable().describe('What its owner calls it; null once only the audit log knows it.'),
          kind: z
            .enum(tokenKinds)
            .nullable()
            .describe('What sort of token it is; null once only the audit log knows it.'),
          account_id: accountId.nullable().describe('The account that owns it; null for what no account owns.'),
          project_id: projectId.nullable().describe('The project that owns it; null for what no project owns.'),
          total: count.describe('How often it was verified.'),
          valid: count.describe('How often it was accepted.'),
        }),
      )
      .describe('The tokens that were verified most, the most first; at most ten.'),
    top_tokens_from: answeredInstant.describe(
      'From when on tokens were looked at for that: later than `from` where there were too many to look at them all.',
    ),
  })
  .describe('How verifications ended, hour by hour or day by day.')

const asked = {
  by: z.enum(['hour', 'day']).default('hour').describe('How long each step of the series is.'),
  from: instant
    .exactOptional()
    .describe('The first step is the one that this lies in; unless said otherwise there are 24 hours, or 30 days.'),
  until: instant.exactOptional().describe('The last step is the one that ends here or goes on beyond; now by default.'),
}

export const TokenUsageQuery = z.strictObject(asked)

export const UsageQuery = z.strictObject({
  ...asked,
  token_id: tokenId.exactOptional().describe('Only this token. Without the other two.'),
  account_id: accountId.exactOptional().describe('Only the tokens of this account.'),
  project_id: projectId.exactOptional().describe('Only the tokens of this project.'),
})
