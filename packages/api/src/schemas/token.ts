import { z } from 'zod'
import {
  graceSecondsDefault,
  graceSecondsMax,
  labelLengthMax,
  lifetimeSecondsMax,
  rateLimitMax,
  rateWindowSecondsMax,
  reasonLengthMax,
  searchLengthMax,
  usesMax,
} from '../bounds.ts'
import {
  accountId,
  allowedIps,
  answeredInstant,
  cursor,
  flag,
  instant,
  metadata,
  pageLimit,
  pageOf,
  projectId,
  scopes,
  text,
  tokenId,
} from '../fields.ts'
import { wait } from './changes.ts'

export const tokenKinds = ['account', 'project', 'manager'] as const
export const tokenStatuses = ['active', 'suspended', 'expired', 'revoked'] as const
const rotationStates = ['pending', 'grace'] as const
export const origins = ['api', 'console', 'cli', 'handoff', 'neuroio', 'cogniac', 'cocalc', 'sodar', 'coscine'] as const
export const tokenSorts = ['created_at', 'label', 'expires_at', 'last_used_at'] as const
export type TokenSort = (typeof tokenSorts)[number]

const rateLimit = z.strictObject({
  limit: z.int().min(1).max(rateLimitMax).describe('How many verifications, all at once if need be.'),
  window_seconds: z.int().min(1).max(rateWindowSecondsMax).describe('In how many seconds.'),
})

const label = text({ lengthMax: labelLengthMax })

export const Token = z
  .strictObject({
    id: tokenId.describe('Public; safe in logs.'),
    serial: z.int().positive().describe('A number from 1, unique among tokens and never reused.'),
    uuid: z.uuid().describe('The same token for systems that need a UUID.'),
    kind: z
      .enum(tokenKinds)
      .describe(
        '`account` acts as the account, `project` reaches that project only, `manager` the management API only.',
      ),
    account_id: accountId.nullable().describe('Whose it is; null for manager tokens.'),
    project_id: projectId.nullable().describe('The one project that a project token reaches; null for other kinds.'),
    label: z.string().describe('What its owner calls it.'),
    start: z.string().describe('How the token begins: enough to recognise it, too little to use it.'),
    status: z.enum(tokenStatuses).describe('The strongest of what holds: revoked, expired, suspended, active.'),
    is_active: z.boolean().describe('False while suspended.'),
    permanent: z.boolean().describe('True when it never expires.'),
    scopes: z.array(z.string()).describe('What it may do, each `resource:action`, `resource:*` or `*`.'),
    allowed_ips: z.array(z.string()).describe('From where it may be used, addresses or blocks; empty: from anywhere.'),
    metadata: metadata.describe('What its owner attached to it.'),
    created_at: answeredInstant.describe('When it was made.'),
    created_by: accountId.nullable().describe('The account that made it; null when no account did.'),
    parent_token_id: tokenId.nullable().describe('The token that made it; revoking that one revokes this one.'),
    origin: z.enum(origins).describe('Through which door it was made.'),
    not_before: answeredInstant.nullable().describe('Refused before this instant.'),
    expires_at: answeredInstant.nullable().describe('Refused from this instant on; null when permanent.'),
    first_used_at: answeredInstant.nullable().describe('When it was first used, as far as is known.'),
    last_used_at: answeredInstant.nullable().describe('When it was last used; up to a few seconds behind.'),
    last_used_ip: z.string().nullable().describe('From where it was last used.'),
    last_used_client: z.string().nullable().describe('What the last client that used it calls itself.'),
    use_count: z.int().nonnegative().describe('How often it was used; up to a few seconds behind.'),
    revoked_at: answeredInstant.nullable().describe('When it was revoked.'),
    revoked_reason: z.string().nullable().describe('Why it was revoked, in the words of whoever did.'),
    rate_limit: rateLimit.nullable().describe('How often it may be verified; shared with the tokens that it makes.'),
    uses_remaining: z
      .int()
      .nonnegative()
      .nullable()
      .describe('How many verifications are left to hand out; null when they are not counted.'),
    renewable_until: answeredInstant.nullable().describe('Until when it may renew itself; null: not at all.'),
    rotation: z
      .strictObject({
        state: z
          .enum(rotationStates)
          .describe('`pending`: the new secret was not used yet. `grace`: the old one is about to end.'),
        started_at: answeredInstant.describe('When the new secret was made.'),
        first_used_at: answeredInstant.nullable().describe('When the new secret was first used.'),
        old_ends_at: answeredInstant.describe('From when on the old secret is refused, as it stands now.'),
        old_last_used_at: answeredInstant.nullable().describe('When the old secret was last used in this rotation.'),
        old_last_used_ip: z.string().nullable().describe('From where the old secret was last used.'),
      })
      .nullable()
      .describe('How far a rotation is; null when there is only one secret.'),
  })
  .describe('A token as it is listed; its secret is not here.')

export const TokenWithSecret = Token.extend({
  token: z.string().describe('The whole token. It appears in this answer and never again.'),
}).describe('A token that was just made, with the secret for the one time.')

export const TokenList = pageOf(Token).describe('A page of tokens.')

const share = z.strictObject({
  in_use: z.int().min(0).describe('How many there are; never more than the limit is told.'),
  max: z.int().min(0).describe('How many there may be.'),
})

export const TokenAllowance = z
  .strictObject({
    refusal: z.string().nullable().describe('Why no token can be made here by whoever asks; null when one can.'),
    permanent: share.describe('Permanent tokens; suspended ones count.'),
    live: share.describe('Tokens that are neither revoked nor expired.'),
    temporary_lifetime_seconds: z.int().min(1).describe('How long a token lives for which nobody says otherwise.'),
    longest_lifetime_seconds: z
      .int()
      .min(1)
      .nullable()
      .describe('How long any token lives at most; null: no bound, and permanent tokens are possible.'),
  })
  .describe('What may still be made. It holds for the moment: what is made meanwhile counts.')

export const TokenAllowanceQuery = z.strictObject({
  account_id: accountId.exactOptional().describe('Whose tokens; the own account unless said otherwise.'),
  project_id: projectId.exactOptional().describe('The project whose tokens.'),
})

export const TokenCreate = z
  .strictObject({
    label: label.exactOptional().describe('What to call it.'),
    kind: z
      .enum(tokenKinds)
      .exactOptional()
      .describe(
        '`project` where a project is named, else `account`. Managers and administrators make `manager` tokens.',
      ),
    account_id: accountId
      .exactOptional()
      .describe('Whose it will be; only managers and administrators may name another.'),
    project_id: projectId.exactOptional().describe('The one project that it will reach.'),
    scopes: scopes
      .min(1)
      .exactOptional()
      .describe('All that the maker may give unless said otherwise; required for manager tokens.'),
    lifetime_seconds: z
      .int()
      .min(1)
      .max(lifetimeSecondsMax)
      .exactOptional()
      .describe('How long it will live. Without this, `expires_at` or `permanent` it lives 24 hours.'),
    expires_at: instant.exactOptional().describe('When it will expire.'),
    permanent: z
      .boolean()
      .exactOptional()
      .describe('True: it will never expire. Permanent tokens are limited in number.'),
    rate_limit: rateLimit.exactOptional().describe('How often it may be verified; none: as often as one likes.'),
    uses_remaining: z
      .int()
      .min(1)
      .max(usesMax)
      .exactOptional()
      .describe('How many verifications it is good for. Such a token makes no others.'),
    renewable_until: instant
      .exactOptional()
      .describe('Until when it may renew itself, each time for its first lifetime.'),
    not_before: instant.exactOptional().describe('From when on it may be used.'),
    allowed_ips: allowedIps
      .exactOptional()
      .describe('From where it may be used, addresses or blocks; none: from anywhere.'),
    metadata: metadata.exactOptional().describe('Anything to keep with it: at most 4 KiB of JSON. Not for secrets.'),
  })
  .superRefine((asked, context) => {
    const lifetimes = [
      asked.lifetime_seconds !== undefined && 'lifetime_seconds',
      asked.expires_at !== undefined && 'expires_at',
      asked.permanent === true && 'permanent',
    ].filter((name) => name !== false)
    if (lifetimes.length > 1) {
      const message = `cannot stand beside ${lifetimes[0]}; keep one of the two`
      context.addIssue({ code: 'custom', path: [lifetimes[1]!], message })
    }
  })
  .describe('What to make. Name at most one of `lifetime_seconds`, `expires_at` and `permanent`.')

export const TokenUpdate = z
  .strictObject({
    label: label.exactOptional().describe('What to call it.'),
    is_active: z.boolean().exactOptional().describe('False suspends it, true resumes it.'),
    scopes: scopes.min(1).exactOptional().describe('The scopes that it will have, all of them.'),
    expires_at: instant.nullable().exactOptional().describe('When it will expire; null makes it permanent.'),
    allowed_ips: allowedIps.exactOptional().describe('From where it may be used, all of them; empty: from anywhere.'),
    rate_limit: rateLimit
      .nullable()
      .exactOptional()
      .describe('How often it may be verified; null: as often as one likes.'),
    metadata: metadata.exactOptional().describe('What to keep with it, in place of what was there.'),
  })
  .refine((change) => Object.keys(change).length > 0, { error: 'changes nothing; name at least one field' })
  .describe('What to change; what is left out stays as it is.')

const filters = {
  account_id: accountId.exactOptional().describe('Only tokens of this account.'),
  project_id: projectId.exactOptional().describe('Only tokens of this project.'),
  kind: z.enum(tokenKinds).exactOptional().describe('Only tokens of this kind.'),
  permanent: flag.exactOptional().describe('Only permanent tokens, or only those that expire.'),
  origin: z.enum(origins).exactOptional().describe('Only tokens made through this door.'),
  q: text({ lengthMax: searchLengthMax })
    .exactOptional()
    .describe('Only tokens whose label contains this, or whose start begins with it.'),
  expires_before: instant.exactOptional().describe('Only tokens that expire before this instant.'),
  unused_since: instant
    .exactOptional()
    .describe('Only tokens that were made before this instant and not used from then on; see `last_used_at`.'),
  never_used: z.literal('true').exactOptional().describe('Only tokens that were never used; see `last_used_at`.'),
}

const statusList = z
  .string()
  .regex(new RegExp(`^(?:${tokenStatuses.join('|')})(?:,(?:${tokenStatuses.join('|')}))*$`), {
    error: `must be one or several of ${tokenStatuses.join(', ')}, separated by commas`,
  })
  .transform((value) => [...new Set(value.split(',') as (typeof tokenStatuses)[number][])])

export const TokenListQuery = z.strictObject({
  ...filters,
  status: statusList
    .default(['active', 'suspended'])
    .describe('Only tokens with these statuses, separated by commas; without it `active,suspended`.'),
  sort: z
    .enum([...tokenSorts, ...tokenSorts.map((sort) => `-${sort}` as const)])
    .default('-created_at')
    .transform((value) => ({ by: value.replace('-', '') as TokenSort, descending: value.startsWith('-') }))
    .describe('What to sort by; with a minus the highest, newest or last comes first.'),
  limit: pageLimit,
  cursor: cursor.exactOptional(),
})

const reason = text({ lengthMax: reasonLengthMax }).exactOptional().describe('Why, for the audit log and the owner.')
const descendants = z
  .enum(['revoke', 'keep'])
  .default('revoke')
  .describe('Whether the tokens that it made, and those that they made, are revoked too.')

export const RevokeQuery = z.strictObject({ reason, descendants, wait })

export const RevokeManyQuery = z
  .strictObject({
    ...filters,
    reason,
    descendants,
    dry_run: flag.default(false).describe('True: revoke nothing, only count.'),
    wait,
    include_self: flag.default(false).describe('True: the token that asks is revoked too, if the filters find it.'),
  })
  .refine((query) => Object.keys(filters).some((name) => name in query), {
    error: `names no filter; give at least one of ${Object.keys(filters).join(', ')}`,
  })

export const RevokeManyAnswer = z
  .strictObject({
    revoked: z.int().nonnegative().describe('How many tokens this request revoked.'),
    remaining: z.int().nonnegative().describe('How many more the filters find; repeat the request until this is 0.'),
  })
  .describe('What was revoked, and what is left to revoke.')

export const RotateToken = z
  .strictObject({
    grace_seconds: z
      .int()
      .min(0)
      .max(graceSecondsMax)
      .default(graceSecondsDefault)
      .describe('How long the old secret lives on after the first use of the new one; 0 ends it at once.'),
  })
  .describe('How to rotate.')
