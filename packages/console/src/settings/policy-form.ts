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

/** Where the API finds fault with what stands in a field. */
export const pointers = {
  temporaryHours: '/policy/temporary_lifetime_seconds',
  longestDays: '/policy/longest_lifetime_seconds',
  permanentMax: '/policy/permanent_tokens_max',
  liveMax: '/policy/tokens_per_owner_max',
  rateLimit: '/policy/owner_rate_limit/limit',
  rateWindow: '/policy/owner_rate_limit/window_seconds',
} as const satisfies Partial<Record<keyof PolicyForm, string>>

/** The fields in which a number is written. */
export type NumberField = keyof typeof pointers
/** Those that are ticked or not. */
export type FlagField = Exclude<keyof PolicyForm, NumberField>

/** Left empty these say that there is no bound. */
const mayBeEmpty: readonly NumberField[] = ['longestDays', 'rateLimit']

/** Whether a number stands in the field, or nothing where that says something. */
export function isReadable(form: PolicyForm, field: NumberField): boolean {
  return numberIn(form[field]) !== undefined || (mayBeEmpty.includes(field) && form[field].trim() === '')
}

/** The fields in which two forms differ, in their order on the page. The window of a rate that there is not says nothing. */
export function changedFields(before: PolicyForm, after: PolicyForm): (keyof PolicyForm)[] {
  const isUnlimited = before.rateLimit.trim() === '' && after.rateLimit.trim() === ''
  return (Object.keys(before) as (keyof PolicyForm)[]).filter((field) => {
    return before[field] !== after[field] && !(field === 'rateWindow' && isUnlimited)
  })
}

const hourSeconds = 3_600
const daySeconds = 86_400

/** The policy in force, as the form begins. */
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

/** The policy that was written; `undefined` where something is no number. */
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
