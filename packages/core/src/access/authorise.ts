import type { Caller, PortalCaller, TokenCaller } from '../domain/caller.ts'
import { Failure } from '../domain/failure.ts'
import type { AccountId, ProjectId } from '../domain/id.ts'
import { missingScopes, type ManagementScope } from '../domain/scope.ts'

/**
 * Everything that needs a right: the scope that gives it, and whether a portal session has it over its account. Those are
 * what a page needs that shows and manages the tokens of one person; the rest of what is theirs is not for a page of
 * another origin.
 */
export const operations = {
  'tokens.read': { scope: 'chatelaine.tokens:read', inPortal: true },
  'tokens.write': { scope: 'chatelaine.tokens:write', inPortal: true },
  'tokens.adopt': { scope: 'chatelaine.tokens:write', inPortal: false },
  'tokens.verify': { scope: 'chatelaine.tokens:verify', inPortal: false },
  'portal-sessions.open': { scope: 'chatelaine.tokens:write', inPortal: false },
  'usage.read': { scope: 'chatelaine.tokens:read', inPortal: false },
  'accounts.read': { scope: 'chatelaine.accounts:read', inPortal: false },
  'accounts.read-own': { scope: 'chatelaine.accounts:read', inPortal: true },
  'accounts.write': { scope: 'chatelaine.accounts:write', inPortal: false },
  'projects.read': { scope: 'chatelaine.projects:read', inPortal: true },
  'projects.read-members': { scope: 'chatelaine.projects:read', inPortal: false },
  'projects.write': { scope: 'chatelaine.projects:write', inPortal: false },
  'audit.read': { scope: 'chatelaine.audit:read', inPortal: false },
  'audit.read-token': { scope: 'chatelaine.audit:read', inPortal: true },
  'settings.read': { scope: 'chatelaine.settings:read', inPortal: false },
  'settings.write': { scope: 'chatelaine.settings:write', inPortal: false },
} as const satisfies Record<string, { scope: ManagementScope; inPortal: boolean }>

export type Operation = keyof typeof operations

/** How far a right goes: the whole deployment, what one account owns, or what one project owns. */
export type Reach =
  | { readonly whole: true }
  | { readonly whole: false; readonly accountId: AccountId; readonly projectId: null }
  | { readonly whole: false; readonly accountId: null; readonly projectId: ProjectId }

const whole: Reach = { whole: true }

function accountReach(accountId: AccountId): Reach {
  return { whole: false, accountId, projectId: null }
}

/**
 * The one function that authorises. A manager token reaches the whole deployment by its scopes, an administrator who
 * signed in reaches it as a person; everybody else reaches what is theirs, and a portal session of that only what the
 * table says. What belongs to a project is reached through membership besides, which `token-access.ts` and
 * `project-access.ts` know.
 * @throws `credential-required` for nobody, `scope-missing` for a token that lacks the scope, `not-permitted` for what a
 *   portal session does not reach.
 */
export function authorise(caller: Caller, operation: Operation): Reach {
  switch (caller.type) {
    case 'operator':
      return whole
    case 'session':
      return caller.account.role === 'admin' ? whole : accountReach(caller.account.id)
    case 'token':
      return authoriseToken(caller, operation)
    case 'portal':
      return authorisePortal(caller, operation)
    case 'anonymous':
      throw new Failure('credential-required', 'Send a token as "Authorization: Bearer …", or sign in.')
  }
}

function authoriseToken({ token }: TokenCaller, operation: Operation): Reach {
  const { scope } = operations[operation]
  if (missingScopes(token.scopes, [scope]).length > 0) {
    throw new Failure('scope-missing', `This token lacks the scope ${scope}. Use one that has it.`, {
      scopesNeeded: [scope],
    })
  }
  if (token.kind === 'manager') return whole
  if (token.accountId !== null) return accountReach(token.accountId)
  if (token.projectId !== null) return { whole: false, accountId: null, projectId: token.projectId }
  throw new Error(`${token.id} belongs to nobody`)
}

/** Whatever rights account and manager have: the page that holds the session is neither of them. */
function authorisePortal({ account }: PortalCaller, operation: Operation): Reach {
  if (operations[operation].inPortal) return accountReach(account.id)
  throw new Failure(
    'not-permitted',
    'A portal session shows and manages the tokens of its account, and nothing else. Sign in to the console for this.',
  )
}

/** Whether what an account owns lies within this reach; `null` is what no account owns. */
export function isWithin(reach: Reach, accountId: AccountId | null): boolean {
  return reach.whole || (accountId !== null && reach.accountId === accountId)
}

/** Asks for a right over the whole deployment. */
export function requireWhole(reach: Reach, doing: string): void {
  if (reach.whole) return
  throw new Failure('not-permitted', `Only an administrator or a manager token may ${doing}.`)
}
