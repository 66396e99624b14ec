import { z } from 'zod'
import {
  catalogueEntriesMax,
  lifetimeSecondsMax,
  permanentTokensBound,
  rateLimitMax,
  rateWindowSecondsMax,
  scopeDescriptionLengthMax,
  scopeGroupLengthMax,
  tokensPerOwnerBound,
} from '../bounds.ts'
import { accountId, answeredInstant, pageOf, projectId, scopeName, text, tokenId } from '../fields.ts'

const scopeHolders = ['account', 'project'] as const

const lifetimeSeconds = z.int().min(1).max(lifetimeSecondsMax)

const bounds = {
  temporary_lifetime_seconds: lifetimeSeconds.describe('How long a token lives for which nobody says otherwise.'),
  longest_lifetime_seconds: lifetimeSeconds
    .nullable()
    .describe('How long any token lives after its creation, whatever its own expiry says; null: no bound.'),
  permanent_tokens_max: z
    .int()
    .min(0)
    .max(permanentTokensBound)
    .describe('Permanent tokens for each account or project; suspended ones count.'),
  tokens_per_owner_max: z.int().min(0).max(tokensPerOwnerBound).describe('Live tokens for each account or project.'),
  members_may_create: z.boolean().describe('Whether members who do not manage a project may make tokens for it.'),
  members_manage_all: z
    .boolean()
    .describe('Whether every member manages all tokens of a project, not only those that they made.'),
  owner_rate_limit: z
    .strictObject({
      limit: z.int().min(1).max(rateLimitMax).describe('How many verifications, all at once if need be.'),
      window_seconds: z.int().min(1).max(rateWindowSecondsMax).describe('In how many seconds.'),
    })
    .nullable()
    .describe('How often all tokens of one account or project may be verified together; null: as often as they like.'),
}

const creationRequiresProjectRole = z
  .boolean()
  .describe('Whether an account that is no administrator must belong to a project to get tokens of its own.')

export const Policy = z
  .strictObject({ ...bounds, creation_requires_project_role: creationRequiresProjectRole })
  .describe('What is allowed of tokens. Manager tokens are bound by none of it.')

export const ProjectPolicy = z
  .strictObject(bounds)
  .partial()
  .describe('What one project has otherwise than the deployment; what is left out is as it is there.')

export const Settings = z
  .strictObject({ policy: Policy.describe('What is allowed of tokens.') })
  .describe('What is settled for the whole deployment while it runs.')

export const SettingsPreviewRequest = z
  .strictObject({
    policy: Policy.partial().describe('What would be set; what is left out stays as it is.'),
    project_id: projectId
      .exactOptional()
      .describe('The project whose own policy would be replaced, instead of the policy of the deployment.'),
  })
  .refine((asked) => asked.project_id === undefined || asked.policy.creation_requires_project_role === undefined, {
    path: ['policy', 'creation_requires_project_role'],
    error: 'is for the whole deployment; leave it out for a project',
  })
  .describe('What would be set.')

const owner = {
  account_id: accountId.nullable().describe('The account that owns it; null for what a project owns.'),
  project_id: projectId.nullable().describe('The project that owns it; null for what an account owns.'),
}

export const SettingsPreview = z
  .strictObject({
    tokens_now: z.int().nonnegative().describe('How many tokens would be revoked before the change is answered.'),
    tokens_later: z.int().nonnegative().describe('How many more would end earlier than they do now.'),
    owner_count: z.int().nonnegative().describe('How many accounts and projects would lose a token.'),
    cuts: z
      .array(
        z.strictObject({
          token_id: tokenId.describe('Which token.'),
          ...owner,
          label: z.string().describe('What its owner calls it.'),
          ends_at: answeredInstant.describe('When it would end: at once, or when its longest lifetime is over.'),
          because: z
            .enum(['longest_lifetime_seconds', 'permanent_tokens_max', 'tokens_per_owner_max'])
            .describe('Which part of the policy ends it.'),
        }),
      )
      .describe('The tokens, the oldest first; at most 1 000 of them.'),
    owners: z
      .array(
        z.strictObject({
          ...owner,
          tokens_now: z.int().nonnegative().describe('How many of its tokens would be revoked at once.'),
          tokens_later: z.int().nonnegative().describe('How many more would end earlier.'),
          first_ends_at: answeredInstant.describe('When the first of them would end.'),
        }),
      )
      .describe('Whose tokens these are; at most 1 000 owners.'),
  })
  .describe('What a change of policy would cut if it were made now.')

export const Scope = z
  .strictObject({
    name: scopeName.describe('The scope, `resource:action`.'),
    description: text({ lengthMin: 1, lengthMax: scopeDescriptionLengthMax }).describe('What it allows, for people.'),
    group: text({ lengthMax: scopeGroupLengthMax }).default('').describe('Under which heading people find it.'),
    kinds: z
      .array(z.enum(scopeHolders))
      .min(1)
      .refine((kinds) => new Set(kinds).size === kinds.length, { error: 'names a kind twice' })
      .default([...scopeHolders])
      .describe('Which kinds of token may hold it.'),
    sensitive: z.boolean().default(false).describe('Whether people are warned before they give it.'),
  })
  .describe('A scope of the platform.')

export const ScopeList = pageOf(Scope).describe(
  'The catalogue, by name; empty until the platform has named its scopes.',
)

export const ScopesReplace = z
  .strictObject({ scopes: z.array(Scope).min(1).max(catalogueEntriesMax).describe('All scopes there will be.') })
  .describe('The whole catalogue, in place of the one before.')
