import type { EpochMs } from './time.ts'

/** At most `limit` within any `windowSeconds` on average; a burst may use the whole limit at once. */
export type RateLimit = {
  /** 1 to `rateLimitMax`. */
  readonly limit: number
  /** 1 second to 31 days. */
  readonly windowSeconds: number
}

export const rateLimitMax = 1_000_000

/** Whether a limit admits nothing that another does not, neither at once nor over time; `null` admits everything. */
export function isNoMore(rate: RateLimit | null, bound: RateLimit | null): boolean {
  if (bound === null) return true
  if (rate === null || rate.limit > bound.limit) return false
  return rate.limit * bound.windowSeconds <= bound.limit * rate.windowSeconds
}

/** One counter that a verification takes from: of a token, or of its owner. */
export interface RateBucket {
  readonly key: string
  readonly rate: RateLimit
}

/** What was admitted of one counter and has not drained, in the units of `RateState`. */
export interface RateDebt extends RateBucket {
  readonly debt: number
}

/** What is left of a bucket, as draft-ietf-httpapi-ratelimit-headers-11 shows it. */
export interface RateStanding {
  readonly rate: RateLimit
  readonly remaining: number
  /** Until the whole limit is there again. */
  readonly resetSeconds: number
}

export type RateOutcome =
  /** `standing` is of the bucket that has least left. */
  | { readonly admitted: true; readonly standing: RateStanding }
  /** `standing` is of the bucket that refuses for longest; `retryAfterSeconds` is `null` when it always would. */
  | { readonly admitted: false; readonly retryAfterSeconds: number | null; readonly standing: RateStanding }

/**
 * The state of one counter. `debt` is what was admitted and has not drained yet, in units of which one admission of cost
 * 1 adds `windowMs` and each millisecond drains `limit`: so everything is a whole number and nothing is rounded.
 */
export interface RateState {
  /** Under which it was counted. */
  readonly rate: RateLimit
  readonly debt: number
  readonly at: EpochMs
}

/**
 * The generic cell rate algorithm (ITU-T I.371) with burst = limit: less than 2 × limit in any window. Time that goes
 * back counts as time that stands still, and a limit that changed goes on from what was admitted under the former one.
 * @returns the state after the admission, or the milliseconds until the same cost would be admitted: `Infinity` where it
 *   is more than the limit.
 */
export function admit(
  rate: RateLimit,
  state: RateState | undefined,
  cost: number,
  now: EpochMs,
): { readonly admitted: true; readonly state: RateState } | { readonly admitted: false; readonly waitMs: number } {
  const windowMs = rate.windowSeconds * 1_000
  const capacity = rate.limit * windowMs
  const drained = drain(rate, state, now)
  const debt = drained.debt + cost * windowMs
  if (debt <= capacity) return { admitted: true, state: { rate, debt, at: drained.at } }
  return { admitted: false, waitMs: cost > rate.limit ? Infinity : Math.ceil((debt - capacity) / rate.limit) }
}

/**
 * The state after a cost that was admitted at `takenAt` is given back. What that cost has drained since is not: the time
 * may have drained it alone, and nobody may have that time twice. Where the limit changed meanwhile nothing is, since
 * what was counted under the former one is only roughly known.
 */
export function refund(rate: RateLimit, state: RateState, cost: number, takenAt: EpochMs, now: EpochMs): RateState {
  if (!isSame(rate, state.rate)) return state
  const drained = drain(rate, state, now)
  const drainedSince = Math.max(0, drained.at - takenAt) * rate.limit
  const undrained = Math.max(0, cost * rate.windowSeconds * 1_000 - drainedSince)
  return { ...drained, debt: Math.max(0, drained.debt - undrained) }
}

/** The state after what was admitted elsewhere is added, up to the limit. */
export function addDebt(rate: RateLimit, state: RateState | undefined, debt: number, now: EpochMs): RateState {
  const drained = drain(rate, state, now)
  return { ...drained, rate, debt: Math.min(rate.limit * rate.windowSeconds * 1_000, drained.debt + debt) }
}

/** What is left of a counter at this moment. */
export function standingOf(rate: RateLimit, state: RateState | undefined, now: EpochMs): RateStanding {
  const windowMs = rate.windowSeconds * 1_000
  const { debt } = drain(rate, state, now)
  return {
    rate,
    remaining: Math.floor((rate.limit * windowMs - debt) / windowMs),
    resetSeconds: Math.ceil(debt / rate.limit / 1_000),
  }
}

/**
 * What a take from several buckets comes to.
 * @param waitsMs of each bucket, 0 where it admits
 * @param standings of each bucket, after the admission or without it
 */
export function outcomeOf(waitsMs: readonly number[], standings: readonly RateStanding[]): RateOutcome {
  const waitMs = Math.max(0, ...waitsMs)
  if (waitMs > 0) {
    const retryAfterSeconds = waitMs === Infinity ? null : Math.ceil(waitMs / 1_000)
    return { admitted: false, retryAfterSeconds, standing: standings[waitsMs.indexOf(waitMs)]! }
  }
  return {
    admitted: true,
    standing: standings.reduce((least, one) => (one.remaining < least.remaining ? one : least)),
  }
}

/** What was admitted and has not drained by this moment, in the units of `RateState`. */
export function debtAt({ rate, debt, at }: RateState, now: EpochMs): number {
  return Math.max(0, debt - Math.max(0, now - at) * rate.limit)
}

function drain(rate: RateLimit, state: RateState | undefined, now: EpochMs): RateState {
  if (state === undefined) return { rate, debt: 0, at: now }
  const elapsedMs = Math.max(0, now - state.at)
  return { rate, debt: Math.max(0, debtUnder(rate, state) - elapsedMs * rate.limit), at: Math.max(now, state.at) }
}

/** What was admitted under another limit counts under this one, up to all that this one admits. */
function debtUnder(rate: RateLimit, { rate: former, debt }: RateState): number {
  if (isSame(rate, former)) return debt
  const windowMs = rate.windowSeconds * 1_000
  return Math.min(rate.limit * windowMs, Math.ceil((debt / former.windowSeconds) * rate.windowSeconds))
}

function isSame(one: RateLimit, other: RateLimit): boolean {
  return one.limit === other.limit && one.windowSeconds === other.windowSeconds
}
