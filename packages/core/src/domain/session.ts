import type { AccountId } from './id.ts'
import { hourMs, type EpochMs } from './time.ts'

/** A person who signed in, on one browser. Its cookie's value is stored only as a keyed hash. */
export interface Session {
  /** Public, for the log; not the cookie's value. */
  readonly id: string
  readonly digest: string
  readonly accountId: AccountId
  readonly createdAt: EpochMs
  /** Observed at most once a minute. */
  readonly lastSeenAt: EpochMs
}

/** A session ends this long after signing in, whatever happens. */
export const sessionLifetimeMs = 12 * hourMs
/** A session ends when it was not used for this long. */
export const sessionIdleMs = hourMs

export function isSessionOver(session: Session, now: EpochMs): boolean {
  return now >= session.createdAt + sessionLifetimeMs || now >= session.lastSeenAt + sessionIdleMs
}
