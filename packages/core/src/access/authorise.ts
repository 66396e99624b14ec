import type { Caller } from '../domain/caller.ts'
import { Failure } from '../domain/failure.ts'
import type { AccountId, ProjectId } from '../domain/id.ts'
import { missingScopes, type ManagementScope } from '../domain/scope.ts'

/** Everything that needs a right, and the scope that gives it. */
export const operations = {
  'tokens.read': 'chatelaine.tokens:read',
  'tokens.write': 'chatelaine.tokens:write',
  'tokens.verify': 'chatelaine.tokens:verify',
  'accounts.read': 'chatelaine.accounts:read',
  'accounts.write': 'chatelaine.accounts:write',
  'projects.read': 'chatelaine.projects:read',
  'projects.write': 'chatelaine.projects:write',
  'audit.read': 'chatelaine.audit:read',
  'settings.read': 'chatelaine.settings:read',
  'settings.write': 'chatelaine.settings:write',
} as const satisfies Record<string, ManagementScope>

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
 * signed in reaches it as a person; everybody else reaches what is theirs. What belongs to a project is reached through
 * membership besides, which `token-access.ts` and `projects.ts` know.
 * @throws `credential-required` for nobody, `scope-missing` for a token that lacks the scope.
 */
export function authorise(caller: Caller, operation: Operation): Reach {
  switch (caller.type) {
    case 'operator':
      return whole
    case 'session':
      return caller.account.role === 'admin' ? whole : accountReach(caller.account.id)
    case 'token':
      return authoriseToken(caller, operation)
    case 'anonymous':
      throw new Failure('credential-required', 'Send a token as "Authorization: Bearer …", or sign in.')
  }
}

function authoriseToken(caller: Caller & { type: 'token' }, operation: Operation): Reach {
  const scope = operations[operation]
  const { token } = caller
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

/** Whether what an account owns lies within this reach; `null` is what no account owns. */
export function isWithin(reach: Reach, accountId: AccountId | null): boolean {
  return reach.whole || (accountId !== null && reach.accountId === accountId)
}

/** Asks for a right over the whole deployment. */
export function requireWhole(reach: Reach, doing: string): void {
  if (reach.whole) return
  throw new Failure('not-permitted', `Only an administrator or a manager token may ${doing}.`)
}
