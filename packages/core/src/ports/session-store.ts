import type { Account } from '../domain/account.ts'
import type { Session } from '../domain/session.ts'
import type { EpochMs } from '../domain/time.ts'

export interface SessionStore {
  /** The session with this public id and its account, whatever their state. */
  find(sessionId: string): Promise<{ session: Session; account: Account } | undefined>
  /** Notes activity. Bookkeeping: no entry in the log. */
  touch(sessionId: string, at: EpochMs): Promise<void>
}
