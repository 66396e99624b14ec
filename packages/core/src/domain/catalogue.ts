import type { TokenKind } from '@chatelaine/token'
import { fieldFailure } from './failure.ts'
import { includes, isManagementScope, normaliseScopes, scopeFault, type Scope } from './scope.ts'
import type { Token } from './token.ts'

/** The kinds of token that hold the platform's own scopes; managers hold `chatelaine.*` alone. */
export const scopeHolders = ['account', 'project'] as const
export type ScopeHolder = (typeof scopeHolders)[number]

/** One scope of the platform, in words for people. */
export interface CatalogueAsk {
  readonly name: Scope
  readonly description: string
  /** Under which heading people find it; may be empty. */
  readonly group: string
  readonly kinds: readonly ScopeHolder[]
  /** Whether people are to be warned before they give it. */
  readonly sensitive: boolean
}

/**
 * The platform's own scopes. Once there is a catalogue there is always one, and what it does not name is not granted.
 *
 * Changing it never widens a token silently. Each entry says since which version each kind may hold it without a break,
 * and each token which version its scopes were given under: a scope counts for tokens that were given theirs when it was
 * there already. So an entry that is added, or comes back, reaches nobody who held its name or `resource:*` before; a
 * token gets it when somebody who may gives its scopes anew. Only `*` follows the catalogue: that is what it says.
 */
export interface Catalogue {
  /** From 1, one more with each change. */
  readonly version: number
  /** In the order of their names. */
  readonly entries: Readonly<Record<Scope, CatalogueEntry>>
}

export interface CatalogueEntry {
  readonly description: string
  readonly group: string
  /** Which kinds may hold it, each with the first version from which on it could without a break. */
  readonly since: Readonly<Partial<Record<ScopeHolder, number>>>
  readonly sensitive: boolean
}

/**
 * The catalogue after it was replaced. What the very first one names could be held by everybody before.
 * @throws `invalid-request` naming the entry that is none of the platform's own scopes, or is there twice.
 */
export function replaced(before: Catalogue | null, asked: readonly CatalogueAsk[]): Catalogue {
  const version = (before?.version ?? 0) + 1
  const entries: Record<Scope, CatalogueEntry> = {}
  if (asked.length === 0) throw fieldFailure('/scopes', 'name at least one scope; a catalogue is never taken back')
  for (const [index, { name, description, group, kinds, sensitive }] of asked.entries()) {
    const pointer = `/scopes/${index}/name`
    const wrong = scopeFault(name)
    if (wrong !== undefined) throw fieldFailure(pointer, wrong)
    if (name === '*' || name.endsWith(':*')) throw fieldFailure(pointer, 'name each scope; wildcards follow from them')
    if (isManagementScope(name)) throw fieldFailure(pointer, 'the resource chatelaine.* is reserved and always there')
    if (Object.hasOwn(entries, name)) throw fieldFailure(pointer, `${name} is named twice`)
    const held = before?.entries[name]?.since ?? {}
    const since = kinds.map((kind) => [kind, before === null ? 0 : (held[kind] ?? version)] as const)
    entries[name] = { description, group, since: Object.fromEntries(since), sensitive }
  }
  return { version, entries: Object.fromEntries(Object.entries(entries).toSorted(byName)) }
}

function byName([a]: readonly [Scope, unknown], [b]: readonly [Scope, unknown]): number {
  return a < b ? -1 : 1
}

/** Whether anything is refused under the second catalogue that was granted under the first. */
export function takesFrom(before: Catalogue | null, after: Catalogue): boolean {
  if (before === null) return true
  return Object.entries(before.entries).some(([name, { since }]) => {
    return scopeHolders.some((kind) => since[kind] !== undefined && after.entries[name]?.since[kind] !== since[kind])
  })
}

/** Whether tokens of this kind may hold a scope at all. Management scopes are always there. */
export function isCatalogued(catalogue: Catalogue | null, kind: TokenKind, scope: Scope): boolean {
  if (catalogue === null || kind === 'manager' || scope === '*' || isManagementScope(scope)) return true
  if (!scope.endsWith(':*')) return catalogue.entries[scope]?.since[kind] !== undefined
  return Object.keys(catalogue.entries).some((name) => includes(scope, name) && isCatalogued(catalogue, kind, name))
}

/** @throws `invalid-request` naming the first scope that is not in the catalogue for this kind. */
export function requireCatalogued(catalogue: Catalogue | null, { kind, scopes }: Pick<Token, 'kind' | 'scopes'>): void {
  const stranger = scopes.find((scope) => !isCatalogued(catalogue, kind, scope))
  if (stranger === undefined) return
  throw fieldFailure('/scopes', `${stranger} is not in the catalogue of scopes that ${kind} tokens may hold`)
}

/**
 * What the scopes of a token are worth under a catalogue: its names that count, and of `resource:*` either all of it or
 * those that count. `*` stays, and stands for whatever the catalogue allows this kind.
 */
export function scopesInForce(
  catalogue: Catalogue | null,
  token: Pick<Token, 'kind' | 'scopes' | 'scopesVersion'>,
): readonly Scope[] {
  const { kind, scopes, scopesVersion } = token
  if (catalogue === null || kind === 'manager') return scopes
  const counts = (name: Scope): boolean => {
    const since = catalogue.entries[name]?.since[kind]
    return since !== undefined && since <= scopesVersion
  }
  const worth = scopes.flatMap((scope) => {
    if (scope === '*' || isManagementScope(scope)) return [scope]
    if (!scope.endsWith(':*')) return counts(scope) ? [scope] : []
    const names = Object.keys(catalogue.entries).filter((name) => includes(scope, name))
    const reached = names.filter(counts)
    const allowed = names.filter((name) => isCatalogued(catalogue, kind, name))
    return reached.length > 0 && reached.length === allowed.length ? [scope] : reached
  })
  return normaliseScopes(worth)
}
