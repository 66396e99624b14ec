import type { FieldFault } from './failure.ts'
import { isNoMore, type RateLimit } from './rate.ts'
import { earlier, isLater, secondMs, type EpochMs } from './time.ts'
import type { Token } from './token.ts'

/** What the deployment allows of its tokens. Manager tokens belong to nobody, and no policy bounds them. */
export interface Policy {
  /** How long a temporary token lives when nobody says otherwise. */
  readonly temporaryLifetimeSeconds: number
  /** Counted from the creation of a token, whatever its own expiry says; `null`: no bound. */
  readonly longestLifetimeSeconds: number | null
  /** Permanent tokens for each account or project: permanent and not revoked; suspended ones count. */
  readonly permanentTokensMax: number
  /** Live tokens for each account or project. */
  readonly tokensPerOwnerMax: number
  /** Whether members who do not manage a project may make tokens for it. */
  readonly membersMayCreate: boolean
  /** Whether every member manages all tokens of a project, not only the own ones. */
  readonly membersManageAll: boolean
  /** Whether an account that is no administrator must be a member of some project to get tokens of its own. */
  readonly creationRequiresProjectRole: boolean
  /** What all tokens of one account or project may be verified together; `null`: as often as they like. */
  readonly ownerRateLimit: RateLimit | null
}

/** What one project has otherwise than the deployment, in either direction. Which accounts get tokens is no project's affair. */
export type PolicyOverride = Partial<Omit<Policy, 'creationRequiresProjectRole'>>

export const defaultPolicy: Policy = {
  temporaryLifetimeSeconds: 24 * 3_600,
  longestLifetimeSeconds: null,
  permanentTokensMax: 5,
  tokensPerOwnerMax: 1_000,
  membersMayCreate: true,
  membersManageAll: false,
  creationRequiresProjectRole: false,
  ownerRateLimit: null,
}

/** How the API and the log name each part. */
export const policyNames = {
  temporaryLifetimeSeconds: 'temporary_lifetime_seconds',
  longestLifetimeSeconds: 'longest_lifetime_seconds',
  permanentTokensMax: 'permanent_tokens_max',
  tokensPerOwnerMax: 'tokens_per_owner_max',
  membersMayCreate: 'members_may_create',
  membersManageAll: 'members_manage_all',
  creationRequiresProjectRole: 'creation_requires_project_role',
  ownerRateLimit: 'owner_rate_limit',
} as const satisfies Record<keyof Policy, string>

export const policyParts = Object.keys(policyNames) as readonly (keyof Policy)[]

/**
 * What holds for the tokens of a project. Where what the deployment tightened later contradicts what the project had
 * before, the tighter part wins, so that the result is never a policy that contradicts itself.
 */
export function overridden(policy: Policy, override: PolicyOverride): Policy {
  const merged = { ...policy, ...override }
  const { temporaryLifetimeSeconds, longestLifetimeSeconds, permanentTokensMax, tokensPerOwnerMax } = merged
  return {
    ...merged,
    temporaryLifetimeSeconds: Math.min(temporaryLifetimeSeconds, longestLifetimeSeconds ?? Infinity),
    permanentTokensMax: Math.min(permanentTokensMax, tokensPerOwnerMax),
  }
}

/** How a policy contradicts itself, both parts of each contradiction named; nothing when it does not. */
export function contradictionsIn(policy: Policy): FieldFault[] {
  const faults: FieldFault[] = []
  const { temporaryLifetimeSeconds, longestLifetimeSeconds, permanentTokensMax, tokensPerOwnerMax } = policy
  if (longestLifetimeSeconds !== null && temporaryLifetimeSeconds > longestLifetimeSeconds) {
    faults.push(
      fault('temporaryLifetimeSeconds', `is longer than longest_lifetime_seconds, which is ${longestLifetimeSeconds}`),
      fault('longestLifetimeSeconds', `is shorter than temporary_lifetime_seconds, ${temporaryLifetimeSeconds}`),
    )
  }
  if (permanentTokensMax > tokensPerOwnerMax) {
    faults.push(
      fault('permanentTokensMax', `is more than tokens_per_owner_max, which is ${tokensPerOwnerMax}`),
      fault('tokensPerOwnerMax', `is less than permanent_tokens_max, which is ${permanentTokensMax}`),
    )
  }
  return faults
}

function fault(part: keyof Policy, detail: string): FieldFault {
  return { pointer: `/policy/${policyNames[part]}`, detail }
}

/** Whether anything that was allowed before is not allowed afterwards. */
export function isTighter(before: Policy, after: Policy): boolean {
  return (
    isShorterLongest(before, after) ||
    after.permanentTokensMax < before.permanentTokensMax ||
    after.tokensPerOwnerMax < before.tokensPerOwnerMax ||
    (before.membersMayCreate && !after.membersMayCreate) ||
    (before.membersManageAll && !after.membersManageAll) ||
    (!before.creationRequiresProjectRole && after.creationRequiresProjectRole) ||
    !isNoMore(before.ownerRateLimit, after.ownerRateLimit)
  )
}

/** Whether tokens live shorter under the second policy than under the first. */
export function isShorterLongest(before: Policy, after: Policy): boolean {
  return isLater(before.longestLifetimeSeconds, after.longestLifetimeSeconds)
}

/** When a token ends by itself: at its expiry, or where policy ends it; `null`: never. */
export function endOf(token: Pick<Token, 'kind' | 'createdAt' | 'expiresAt'>, policy: Policy): EpochMs | null {
  return earlier(token.expiresAt, boundOf(token, policy))
}

/** Beyond when policy lets a token not live; `null`: no such instant. */
export function boundOf({ kind, createdAt }: Pick<Token, 'kind' | 'createdAt'>, policy: Policy): EpochMs | null {
  if (kind === 'manager' || policy.longestLifetimeSeconds === null) return null
  return createdAt + policy.longestLifetimeSeconds * secondMs
}
