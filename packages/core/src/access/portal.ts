import type { Account } from '../domain/account.ts'
import type { TokenCaller } from '../domain/caller.ts'
import { Failure } from '../domain/failure.ts'
import type { Question } from '../verify/decide.ts'
import { operations } from './authorise.ts'
import { mayTouchAdministrators, requireMayTouchAdministrators } from './grow.ts'

/**
 * What is asked of the manager token behind a portal session whenever the session is used. From where is not asked: the
 * token is bound to where the backend is, and the session goes to a browser.
 */
export const managerQuestion: Question = {
  kinds: ['manager'],
  scopes: [operations['portal-sessions.open'].scope],
  fromAnywhere: true,
}

/**
 * Whether a manager token opens portal sessions for this account.
 * @throws `not-permitted` for a disabled one, `exceeds-caller` for an administrator whom this manager may not touch.
 */
export function requirePortalAllowed(manager: TokenCaller, { status, role }: Account): void {
  if (status === 'disabled') throw new Failure('not-permitted', 'This account is disabled; enable it first.')
  if (role === 'admin') requireMayTouchAdministrators(manager)
}

/**
 * The same for a session that is open already. It ends when the role changes, so that nobody who becomes an administrator
 * is reached by what was opened for a member.
 */
export function isPortalAllowed(manager: TokenCaller, account: Account, opened: Account['role']): boolean {
  if (account.status !== 'active' || account.role !== opened) return false
  return account.role !== 'admin' || mayTouchAdministrators(manager)
}
