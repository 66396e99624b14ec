/**
 * A permission: `resource:action`, `resource:*` for all of a resource, or `*` for all of the platform's own.
 * `chatelaine.*` is the reserved resource: the management of tokens and accounts themselves.
 */
export type Scope = string

export const scopeLengthMax = 128

/** The management scopes, and what each allows, in words for people. */
export const managementScopes = {
  'chatelaine.tokens:read': 'See tokens',
  'chatelaine.tokens:write': 'Create, change and revoke tokens',
  'chatelaine.tokens:verify': 'Verify presented tokens',
  'chatelaine.accounts:read': 'See accounts',
  'chatelaine.accounts:write': 'Create, change and disable accounts',
  'chatelaine.projects:read': 'See projects and their members',
  'chatelaine.projects:write': 'Create, change and archive projects',
  'chatelaine.audit:read': 'Read the audit log',
  'chatelaine.settings:read': 'See policy and settings',
  'chatelaine.settings:write': 'Change policy and settings',
} as const satisfies Record<Scope, string>

export type ManagementScope = keyof typeof managementScopes

export const allManagementScopes = Object.keys(managementScopes) as readonly ManagementScope[]

/**
 * What `*` reaches of the management resources: the owner's own tokens, projects and account. Never the audit log or
 * the settings, and never anything across the deployment.
 */
const ownManagement: ReadonlySet<Scope> = new Set<ManagementScope>([
  'chatelaine.tokens:read',
  'chatelaine.tokens:write',
  'chatelaine.tokens:verify',
  'chatelaine.accounts:read',
  'chatelaine.projects:read',
  'chatelaine.projects:write',
])

const namePart = '[a-z][a-z0-9_-]*'
const scopePattern = new RegExp(`^${namePart}(?:\\.${namePart})*:(?:${namePart}|\\*)$`)

export function isManagementScope(scope: Scope): boolean {
  return scope.startsWith('chatelaine.')
}

/** What is wrong with a scope's spelling, as a sentence for the person who wrote it; `undefined` when nothing is. */
export function scopeFault(scope: string): string | undefined {
  if (scope === '*') return undefined
  if (scope.length > scopeLengthMax) return `a scope has at most ${scopeLengthMax} characters`
  if (!scopePattern.test(scope)) {
    return 'a scope is resource:action in lower case, such as "data:read"; resource:* is all of a resource, * is everything'
  }
  if (isManagementScope(scope) && !isKnownManagementScope(scope)) {
    return `the resource chatelaine.* is reserved; it has ${allManagementScopes.join(', ')}`
  }
  return undefined
}

function isKnownManagementScope(scope: Scope): boolean {
  if (scope in managementScopes) return true
  return scope.endsWith(':*') && allManagementScopes.some((known) => known.startsWith(scope.slice(0, -1)))
}

/**
 * Whether holding `held` includes `asked`. A partial order: reflexive, transitive, antisymmetric. `*` includes every
 * scope of the platform and the management of what the owner owns.
 */
export function includes(held: Scope, asked: Scope): boolean {
  if (held === asked) return true
  if (held === '*') {
    if (!isManagementScope(asked)) return true
    const reached = expand(asked)
    return reached.length > 0 && reached.every((scope) => ownManagement.has(scope))
  }
  if (held.endsWith(':*')) return asked.startsWith(held.slice(0, -1))
  return false
}

/** The scopes of `asked` that `held` does not include, in the order in which they were asked. */
export function missingScopes(held: readonly Scope[], asked: readonly Scope[]): Scope[] {
  return asked.filter((scope) => !held.some((one) => includes(one, scope)))
}

/** A list of scopes without repetitions, in a fixed order, so that equal sets are equal lists. */
export function normaliseScopes(scopes: readonly Scope[]): Scope[] {
  return [...new Set(scopes)].sort()
}

/** The management scopes that a scope stands for; none for one that does not exist. */
function expand(asked: Scope): ManagementScope[] {
  return allManagementScopes.filter((scope) => includes(asked, scope))
}
