import type { Account, AccountRole, AccountStatus, Identity } from '../domain/account.ts'
import { encloses, formatBlock, parseBlocks } from '../domain/address.ts'
import type { Catalogue } from '../domain/catalogue.ts'
import type { Change } from './change.ts'
import type { Policy, PolicyOverride } from '../domain/policy.ts'
import { memberRoles, type Member, type MemberRole, type Project, type ProjectStatus } from '../domain/project.ts'
import { isNoMore, type RateLimit } from '../domain/rate.ts'
import type { Rotation } from '../domain/rotation.ts'
import { includes, normaliseScopes, type Scope } from '../domain/scope.ts'
import type { Settings } from '../domain/settings.ts'
import { earlier, type EpochMs } from '../domain/time.ts'
import type { Token } from '../domain/token.ts'

/**
 * What is left of a token or an account after something was taken away: what the journal keeps beside the database, so
 * that restoring an older copy undoes none of it.
 */
export type TakenState = TakenTokenState | TakenAccountState | TakenProjectState | TakenSettingsState

export interface TakenTokenState {
  readonly type: 'token'
  readonly isActive: boolean
  readonly scopes: readonly Scope[]
  readonly scopesVersion: number
  readonly allowedIps: readonly string[]
  readonly expiresAt: EpochMs | null
  readonly rateLimit: RateLimit | null
  readonly revokedAt: EpochMs | null
  readonly revokedReason: string | null
  /** The newest secret's digest and what is left of the one before: which secrets have ended follows from them. */
  readonly digest: string
  readonly rotation: Rotation | null
}

export interface TakenAccountState {
  readonly type: 'account'
  readonly role: AccountRole
  readonly status: AccountStatus
  /** As after the change, so that no password that was replaced comes back. */
  readonly passwordHash: string | null
  /** Likewise. Lines of the first release do not have it: there was nothing to take. */
  readonly identity?: Identity | null
}

export interface TakenProjectState {
  readonly type: 'project'
  readonly status: ProjectStatus
  readonly members: readonly Member[]
  readonly policy: PolicyOverride
}

/** The settings as they stood then, whole: nothing that was taken since then is looser in them. */
export interface TakenSettingsState {
  readonly type: 'settings'
  readonly policy: Policy
  readonly catalogue: Catalogue | null
}

/** What a change leaves of its subject, if it takes away. `undefined` for all others, and for sessions, which no restore keeps. */
export function takenState({ effect, write }: Pick<Change, 'effect' | 'write'>): TakenState | undefined {
  if (effect !== 'takes' || !('put' in write)) return undefined
  if (write.put === 'token') return tokenStateOf(write.token)
  if (write.put === 'project') return projectStateOf(write.project)
  if (write.put === 'settings') return settingsStateOf(write.settings)
  return write.put === 'account' ? accountStateOf(write.account) : undefined
}

export function tokenStateOf(token: Token): TakenTokenState {
  const {
    isActive,
    scopes,
    scopesVersion,
    allowedIps,
    expiresAt,
    rateLimit,
    revokedAt,
    revokedReason,
    digest,
    rotation,
  } = token
  const bounds = { isActive, scopes, scopesVersion, allowedIps, expiresAt, rateLimit }
  return { type: 'token', ...bounds, revokedAt, revokedReason, digest, rotation }
}

export function projectStateOf({ status, members, policy }: Project): TakenProjectState {
  return { type: 'project', status, members, policy }
}

export function settingsStateOf({ policy, catalogue }: Settings): TakenSettingsState {
  return { type: 'settings', policy, catalogue }
}

export function accountStateOf({ role, status, passwordHash, identity }: Account): TakenAccountState {
  return { type: 'account', role, status, passwordHash, identity }
}

/**
 * The token with no more than what both it and the state allow. Only ever narrower, and applying it twice changes
 * nothing more; of its secrets it has those that it had then, so that none that was rotated away comes back. When no
 * address is left that both allow, the token is suspended, because an empty list would mean "from anywhere".
 */
export function applyTaken(token: Token, state: TakenTokenState): Token {
  const allowedIps = commonAddresses(token.allowedIps, state.allowedIps)
  return {
    ...token,
    isActive: token.isActive && state.isActive && allowedIps !== undefined,
    scopes: commonScopes(token.scopes, state.scopes),
    scopesVersion: Math.min(token.scopesVersion, state.scopesVersion),
    allowedIps: allowedIps ?? token.allowedIps,
    expiresAt: earlier(token.expiresAt, state.expiresAt),
    rateLimit: isNoMore(token.rateLimit, state.rateLimit) ? token.rateLimit : state.rateLimit,
    revokedAt: token.revokedAt ?? state.revokedAt,
    revokedReason: token.revokedAt === null ? state.revokedReason : token.revokedReason,
    digest: state.digest,
    rotation: state.rotation,
  }
}

/** The account with no more than what both it and the state allow. */
export function applyTakenToAccount(account: Account, state: TakenAccountState): Account {
  return {
    ...account,
    role: account.role === 'admin' && state.role === 'admin' ? 'admin' : 'member',
    status: account.status === 'active' && state.status === 'active' ? 'active' : 'disabled',
    passwordHash: state.passwordHash,
    identity: state.identity === undefined ? account.identity : state.identity,
  }
}

/** The project with only those members that both have, each in the lesser of its roles, and the policy that it had then. */
export function applyTakenToProject(project: Project, state: TakenProjectState): Project {
  const left = new Map(state.members.map((member) => [member.accountId, member]))
  return {
    ...project,
    status: project.status === 'active' && state.status === 'active' ? 'active' : 'archived',
    members: project.members.flatMap((member) => {
      const other = left.get(member.accountId)
      return other === undefined ? [] : [{ ...member, role: lesserRole(member.role, other.role) }]
    }),
    policy: state.policy,
  }
}

/** The settings as they stood when something was last taken: they are one record, and its later state holds the earlier. */
export function applyTakenToSettings(settings: Settings, { policy, catalogue }: TakenSettingsState): Settings {
  return { ...settings, policy, catalogue }
}

function lesserRole(a: MemberRole, b: MemberRole): MemberRole {
  return memberRoles.indexOf(a) > memberRoles.indexOf(b) ? a : b
}

function commonScopes(a: readonly Scope[], b: readonly Scope[]): Scope[] {
  return normaliseScopes([...within(a, b), ...within(b, a)])
}

/** Those of `inner` that `outer` includes. */
function within(inner: readonly Scope[], outer: readonly Scope[]): Scope[] {
  return inner.filter((scope) => outer.some((held) => includes(held, scope)))
}

/** The addresses that both lists allow; `undefined` when there are none. */
function commonAddresses(a: readonly string[], b: readonly string[]): readonly string[] | undefined {
  if (a.length === 0) return b
  if (b.length === 0) return a
  const blocksA = parseBlocks(a)
  const blocksB = parseBlocks(b)
  const common = [
    ...blocksA.filter((inner) => blocksB.some((outer) => encloses(outer, inner))),
    ...blocksB.filter((inner) => blocksA.some((outer) => encloses(outer, inner))),
  ]
  return common.length === 0 ? undefined : [...new Set(common.map(formatBlock))]
}
