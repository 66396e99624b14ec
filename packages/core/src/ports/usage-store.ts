import type { AccountId, ProjectId, TokenId } from '../domain/id.ts'
import type { EpochMs } from '../domain/time.ts'
import type { VerificationCode } from '../verify/decide.ts'

/** From the beginning of an hour of UTC to that of another, which is not part of it. */
export interface Hours {
  readonly from: EpochMs
  readonly until: EpochMs
}

/**
 * How verifications ended, in sums by hour for each token, for each owner and for everything together. Bookkeeping: no
 * entry in the log. Sums outlive the tokens that they are of.
 */
export interface UsageStore {
  /** Adds what was counted to what is there: all of it, or nothing. */
  add(counts: readonly UsageCount[]): Promise<void>
  /** The sums of a scope by code, for each hour or day in which there was one; in the order of time. */
  sum(scope: UsageScope, extent: UsageExtent): Promise<readonly UsageCode[]>
  /**
   * The tokens of a scope that were verified most, the most first. It looks at no more than so many sums as are named in
   * its backend, the latest first, and says from when on it has seen all.
   */
  topTokens(
    scope: UsageScope,
    extent: UsageExtent,
    limit: number,
  ): Promise<{ readonly from: EpochMs; readonly tokens: readonly TokenTotal[] }>
  /** Removes every sum of an hour that began before this instant, in steps that let commits in between. */
  forgetBefore(at: EpochMs): Promise<void>
}

/** So many verifications within one hour ended with one code. */
export interface UsageCount {
  /** The beginning of the hour, in UTC. */
  readonly hourAt: EpochMs
  /** `null` where what was presented is no token of ours, or where there was no room to count tokens apart. */
  readonly tokenId: TokenId | null
  /** Whose token it is; `null` for manager tokens, and without a token. */
  readonly ownerId: AccountId | ProjectId | null
  readonly code: VerificationCode
  readonly count: number
}

export type UsageScope = 'all' | { readonly ownerId: AccountId | ProjectId } | { readonly tokenId: TokenId }

export type UsageUnit = 'hour' | 'day'

/** A time that begins and ends with an hour or a day of UTC; the end is not part of it. */
export interface UsageExtent extends Hours {
  readonly by: UsageUnit
}

export interface UsageCode {
  /** The beginning of the hour or day. */
  readonly at: EpochMs
  readonly code: VerificationCode
  readonly count: number
}

export interface TokenTotal {
  readonly tokenId: TokenId
  readonly total: number
  /** How many of them were accepted. */
  readonly valid: number
}
