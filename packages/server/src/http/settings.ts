import type { AnswerOf, BodyOf } from '@chatelaine/api'
import {
  changePolicy,
  formatInstant,
  previewPolicy,
  readCatalogue,
  readSettings,
  replaceCatalogue,
  policyNames,
  scopeHolders,
  type Catalogue,
  type Policy,
  type PolicyOverride,
  type PolicyPreview,
} from '@chatelaine/core'
import type { Service } from '../service.ts'
import type { Handlers } from './handler.ts'

type SettingsRoutes = 'getSettings' | 'replaceSettings' | 'previewSettings' | 'listScopes' | 'replaceScopes'

/** `/api/v1/settings` and `/api/v1/scopes`. */
export function settings({ ports }: Service): Handlers<SettingsRoutes> {
  return {
    async getSettings({ caller }) {
      const { policy } = await readSettings(ports, caller)
      return { status: 200, body: { policy: policyJson(policy) } }
    },

    async replaceSettings({ caller, body }) {
      const { policy } = await changePolicy(ports, caller, policyOf(body.policy))
      return { status: 200, body: { policy: policyJson(policy) } }
    },

    async previewSettings({ caller, body }) {
      const projectId = body.project_id
      const asked = { policy: policyPartsOf(body.policy), ...(projectId === undefined ? {} : { projectId }) }
      return { status: 200, body: previewJson(await previewPolicy(ports, caller, asked)) }
    },

    async listScopes() {
      return { status: 200, body: { data: scopesJson(await readCatalogue(ports)), next_cursor: null } }
    },

    async replaceScopes({ caller, body }) {
      const catalogue = await replaceCatalogue(ports, caller, body.scopes)
      return { status: 200, body: { data: scopesJson(catalogue), next_cursor: null } }
    },
  }
}

type PolicyJson = AnswerOf<'getSettings', 200>['policy']
type PolicyPartsJson = BodyOf<'previewSettings'>['policy']

function policyJson(policy: Policy): PolicyJson {
  return {
    temporary_lifetime_seconds: policy.temporaryLifetimeSeconds,
    longest_lifetime_seconds: policy.longestLifetimeSeconds,
    permanent_tokens_max: policy.permanentTokensMax,
    tokens_per_owner_max: policy.tokensPerOwnerMax,
    members_may_create: policy.membersMayCreate,
    members_manage_all: policy.membersManageAll,
    creation_requires_project_role: policy.creationRequiresProjectRole,
    owner_rate_limit: rateJson(policy.ownerRateLimit),
  }
}

function policyOf(json: PolicyJson): Policy {
  return {
    temporaryLifetimeSeconds: json.temporary_lifetime_seconds,
    longestLifetimeSeconds: json.longest_lifetime_seconds,
    permanentTokensMax: json.permanent_tokens_max,
    tokensPerOwnerMax: json.tokens_per_owner_max,
    membersMayCreate: json.members_may_create,
    membersManageAll: json.members_manage_all,
    creationRequiresProjectRole: json.creation_requires_project_role,
    ownerRateLimit: rateOf(json.owner_rate_limit),
  }
}

/** What a project has otherwise, in the words of the API. */
export function policyPartsJson(parts: PolicyOverride): AnswerOf<'getProject', 200>['policy'] {
  const { ownerRateLimit, ...rest } = parts
  const named = Object.entries(rest).map(([part, value]) => [policyNames[part as keyof typeof rest], value])
  const rate = ownerRateLimit === undefined ? {} : { owner_rate_limit: rateJson(ownerRateLimit) }
  return { ...Object.fromEntries(named), ...rate }
}

/** The parts of a policy that a body names. */
export function policyPartsOf(json: PolicyPartsJson): Partial<Policy> {
  const { owner_rate_limit: rate, ...rest } = json
  const parts = new Map<string, string>(Object.entries(policyNames).map(([part, name]) => [name, part]))
  const named = Object.entries(rest).map(([name, value]) => [parts.get(name), value])
  return { ...Object.fromEntries(named), ...(rate === undefined ? {} : { ownerRateLimit: rateOf(rate) }) }
}

function rateJson(rate: Policy['ownerRateLimit']): PolicyJson['owner_rate_limit'] {
  return rate && { limit: rate.limit, window_seconds: rate.windowSeconds }
}

function rateOf(json: PolicyJson['owner_rate_limit']): Policy['ownerRateLimit'] {
  return json && { limit: json.limit, windowSeconds: json.window_seconds }
}

function previewJson(preview: PolicyPreview): AnswerOf<'previewSettings', 200> {
  return {
    tokens_now: preview.tokensNow,
    tokens_later: preview.tokensLater,
    owner_count: preview.ownerCount,
    cuts: preview.cuts.map(({ token, at, because }) => ({
      token_id: token.id,
      account_id: token.accountId,
      project_id: token.projectId,
      label: token.label,
      ends_at: formatInstant(at),
      because: policyNames[because],
    })),
    owners: preview.owners.map(({ accountId, projectId, now, later, firstAt }) => ({
      account_id: accountId,
      project_id: projectId,
      tokens_now: now,
      tokens_later: later,
      first_ends_at: formatInstant(firstAt),
    })),
  }
}

function scopesJson(catalogue: Catalogue | null): AnswerOf<'listScopes', 200>['data'] {
  return Object.entries(catalogue?.entries ?? {}).map(([name, { description, group, since, sensitive }]) => ({
    name,
    description,
    group,
    kinds: scopeHolders.filter((kind) => since[kind] !== undefined),
    sensitive,
  }))
}
