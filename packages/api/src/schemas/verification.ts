import { z } from 'zod'
import { clientIpLengthMax, costMax, leakedTokensMax, userAgentLengthMax, verifyBatchMax } from '../bounds.ts'
import { accountId, answeredInstant, logPosition, metadata, projectId, scopes, tokenId } from '../fields.ts'
import { tokenKinds } from './token.ts'

/** What a verification can answer, in the order in which one wins over the next. */
export const verificationCodes = {
  malformed: 'Not a token: wrong length, wrong characters or a wrong checksum.',
  unknown: 'No token of this deployment, or not one that the caller may ask about.',
  revoked: 'Revoked, for good.',
  suspended: 'Suspended; it may be resumed.',
  owner_disabled: 'The account that owns it is disabled.',
  expired: 'Its time is over.',
  not_yet_valid: 'Its time has not begun.',
  wrong_kind: 'A kind of token that was not asked for.',
  ip_not_allowed: 'Not allowed from this address, or the address was not stated.',
  wrong_project: 'It does not reach this project.',
  insufficient_scope: 'It lacks a scope that was asked for; `missing_scopes` names them.',
  uses_exceeded: 'Its uses are used up.',
  rate_limited: 'Used too often lately; `retry_after_seconds` says when to come back.',
  valid: 'Good, here and now.',
} as const

export type VerificationCode = keyof typeof verificationCodes

const codes = Object.keys(verificationCodes) as VerificationCode[]
const refusals = codes.filter((code) => code !== 'valid')

const rateStanding = z.strictObject({
  limit: z.int().positive().describe('How much is admitted in a window.'),
  window_seconds: z.int().positive().describe('How long the window is.'),
  remaining: z.int().nonnegative().describe('How much is left now.'),
  reset_seconds: z.int().nonnegative().describe('After how many seconds the whole limit is there again.'),
})

export const VerifyRequest = z
  .strictObject({
    token: z.string().describe('What was presented, as it stands. What is no token is answered `malformed`.'),
    scopes: scopes.exactOptional().describe('The scopes that it must carry, all of them.'),
    project_id: projectId.exactOptional().describe('The project that it must reach.'),
    kinds: z
      .array(z.enum(tokenKinds))
      .min(1)
      .max(tokenKinds.length)
      .exactOptional()
      .describe('Which kinds are welcome; account and project tokens unless said otherwise.'),
    client_ip: z
      .string()
      .max(clientIpLengthMax)
      .exactOptional()
      .describe('The address of whoever presented the token; needed for tokens that are restricted to addresses.'),
    cost: z.int().min(1).max(costMax).default(1).describe('What this takes from the rate limits of the token.'),
    user_agent: z
      .string()
      .max(userAgentLengthMax)
      .exactOptional()
      .describe(
        'What the client of whoever presented the token calls itself; its first product is kept as last client.',
      ),
    at_least: logPosition
      .exactOptional()
      .describe('A place in the log that the answer must know: what has not come so far asks its database.'),
  })
  .describe('Which token, and what it must be good for.')

export const VerifiedToken = z
  .strictObject({
    valid: z.literal(true),
    code: z.literal('valid'),
    token_id: tokenId.describe('Which token it is.'),
    kind: z.enum(tokenKinds).describe('What it speaks for.'),
    account_id: accountId.nullable().describe('For whom the request speaks; null for project and manager tokens.'),
    external_id: z.string().nullable().describe("The platform's own id of that account."),
    project_id: projectId.nullable().describe('The project that it reaches, for a project token.'),
    label: z.string().describe('What its owner calls it.'),
    scopes: z.array(z.string()).describe('What it may do.'),
    allowed_ips: z.array(z.string()).describe('From where it may be used; empty: from anywhere.'),
    not_before: answeredInstant.nullable().describe('Refused before this instant.'),
    expires_at: answeredInstant.nullable().describe('Refused from this instant on; null when permanent.'),
    valid_until: answeredInstant
      .nullable()
      .describe('The earliest instant at which it ends by itself; null for never.'),
    cacheable: z.boolean().describe('Whether a verifier that follows the change log may remember this answer.'),
    metadata: metadata.describe('What its owner attached to it.'),
    rate_limit: rateStanding.nullable().describe('What is left of its tightest rate limit; null when it has none.'),
    ancestor_ids: z
      .array(tokenId)
      .describe('The tokens that made it, whose limits it shares. Whoever remembers this answer forgets it with them.'),
    seq: logPosition.describe('The change up to which this answer is current.'),
  })
  .describe('The token is good for what was asked.')

export const RefusedToken = z
  .strictObject({
    valid: z.literal(false),
    code: z
      .enum(refusals as [Exclude<VerificationCode, 'valid'>, ...Exclude<VerificationCode, 'valid'>[]])
      .describe(refusals.map((code) => `\`${code}\`: ${verificationCodes[code]}`).join(' ')),
    token_id: tokenId.nullable().describe('Which token it is; null when `malformed` or `unknown`.'),
    missing_scopes: z
      .array(z.string())
      .exactOptional()
      .describe('With `insufficient_scope`: the scopes that it lacks.'),
    retry_after_seconds: z
      .int()
      .positive()
      .exactOptional()
      .describe('With `rate_limited`: after how many seconds the same would be admitted, if nothing else comes.'),
    rate_limit: rateStanding.exactOptional().describe('With `rate_limited`: the limit that refused it.'),
    seq: logPosition.describe('The change up to which this answer is current.'),
  })
  .describe('The token is not good for what was asked, by a fault of its own.')

export const VerifyAnswer = z
  .discriminatedUnion('valid', [VerifiedToken, RefusedToken])
  .describe('Whether the token is good here and now, and why not. `code` says which.')

export const VerifyBatch = z
  .strictObject({
    tokens: z.array(VerifyRequest).min(1).max(verifyBatchMax).describe('Each as it would be asked alone.'),
  })
  .describe('Several questions at once.')

export const VerifyBatchAnswer = z
  .strictObject({ results: z.array(VerifyAnswer).describe('One answer for each question, in the same order.') })
  .describe('The answers, in the order of the questions.')

export const ForwardAuthQuery = z.strictObject({
  scope: scopes.exactOptional().describe('A scope that the token must carry; repeat it for each.'),
  project: projectId.exactOptional().describe('The project that the token must reach.'),
  kind: z
    .array(z.enum(tokenKinds))
    .max(tokenKinds.length)
    .exactOptional()
    .describe('A kind that is welcome; repeat it for each. Account and project tokens unless said otherwise.'),
})

export const RevokeLeaked = z
  .strictObject({
    tokens: z
      .array(z.string())
      .min(1)
      .max(leakedTokensMax)
      .describe('Whole tokens that were found where they should not be. What is no token is passed over.'),
  })
  .describe('Tokens that leaked. Holding a token is the right to revoke it.')
