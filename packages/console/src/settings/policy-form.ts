import type { Policy } from '@chatelaine/sdk'

/** The policy as a person writes it: hours and days, and nothing where there is no bound. */
export interface PolicyForm {
  readonly temporaryHours: string
  readonly longestDays: string
  readonly permanentMax: string
  readonly liveMax: string
  readonly rateLimit: string
  readonly rateWindow: string
  readonly membersMayCreate: boolean
  readonly membersManageAll: boolean
  readonly needsProjectRole: boolean
}

const hourSeconds = 3_600
const daySeconds = 86_400

export function formOf(policy: Policy): PolicyForm {
  const { longest_lifetime_seconds: longest, owner_rate_limit: rate } = policy
  return {
    temporaryHours: String(policy.temporary_lifetime_seconds / hourSeconds),
    longestDays: longest === null ? '' : String(longest / daySeconds),
    permanentMax: String(policy.permanent_tokens_max),
    liveMax: String(policy.tokens_per_owner_max),
    rateLimit: rate === null ? '' : String(rate.limit),
    rateWindow: rate === null ? '60' : String(rate.window_seconds),
    membersMayCreate: policy.members_may_create,
    membersManageAll: policy.members_manage_all,
    needsProjectRole: policy.creation_requires_project_role,
  }
}

/** `undefined` where something is no number. */
export function policyOf(form: PolicyForm): Policy | undefined {
  const temporary = numberIn(form.temporaryHours)
  const longest = form.longestDays.trim() === '' ? null : numberIn(form.longestDays)
  const [permanentMax, liveMax] = [numberIn(form.permanentMax), numberIn(form.liveMax)]
  const limit = form.rateLimit.trim() === '' ? null : numberIn(form.rateLimit)
  const window = numberIn(form.rateWindow)
  if (temporary === undefined || longest === undefined || permanentMax === undefined) return undefined
  if (liveMax === undefined || limit === undefined || window === undefined) return undefined
  return {
    temporary_lifetime_seconds: Math.round(temporary * hourSeconds),
    longest_lifetime_seconds: longest === null ? null : Math.round(longest * daySeconds),
    permanent_tokens_max: permanentMax,
    tokens_per_owner_max: liveMax,
    members_may_create: form.membersMayCreate,
    members_manage_all: form.membersManageAll,
    creation_requires_project_role: form.needsProjectRole,
    owner_rate_limit: limit === null ? null : { limit, window_seconds: window },
  }
}

function numberIn(text: string): number | undefined {
  const number = Number(text.trim())
  return text.trim() === '' || Number.isNaN(number) ? undefined : number
}
