import type { Account } from '../domain/account.ts'
import type { Actor } from '../domain/caller.ts'
import type { AccountId, ProjectId, TokenId } from '../domain/id.ts'
import type { JsonObject } from '../domain/json.ts'
import type { Project } from '../domain/project.ts'
import type { Session } from '../domain/session.ts'
import type { Settings } from '../domain/settings.ts'
import type { EpochMs } from '../domain/time.ts'
import type { Token } from '../domain/token.ts'

/** Everything that can happen here, and how a person reads it in the audit log. */
export const actions = {
  'token.created': 'created a token',
  'token.updated': 'changed a token',
  'token.suspended': 'suspended a token',
  'token.resumed': 'resumed a token',
  'token.revoked': 'revoked a token',
  'token.rotated': 'gave a token a new secret',
  'token.rotation_used': 'used the new secret of a token for the first time',
  'token.rotation_cancelled': 'took back the new secret of a token',
  'token.retired_secret_used': 'presented a secret whose rotation is over',
  'token.exposed': 'presented a token where others may have seen it',
  'token.rekeyed': 'moved a token to the current master key',
  'token.forgotten': 'removed a token that ended long ago',
  'token.adopted': 'took over a token of a project',
  'project.created': 'created a project',
  'project.updated': 'changed a project',
  'project.archived': 'archived a project',
  'project.member_added': 'added a member to a project',
  'project.member_changed': 'changed the role of a member',
  'project.member_removed': 'removed a member from a project',
  'account.created': 'created an account',
  'account.updated': 'changed an account',
  'account.disabled': 'disabled an account',
  'account.enabled': 'enabled an account',
  'account.password_changed': 'changed a password',
  'account.identity_connected': 'connected single sign-on',
  'account.identity_disconnected': 'disconnected single sign-on',
  'account.signed_in': 'signed in',
  'account.signed_out': 'signed out',
  'account.portal_opened': 'opened a portal session for an account',
  'consent.given': 'agreed to give an application a token',
  'consent.refused': 'refused to give an application a token',
  'deployment.started': 'started a new deployment',
  'deployment.backed_up': 'took a copy of everything',
  'deployment.restored': 'restored a backup',
  'deployment.key_added': 'added a master key',
  'deployment.key_retired': 'retired a master key',
  'deployment.policy_changed': 'changed the policy',
  'deployment.scopes_changed': 'changed the catalogue of scopes',
} as const

export type Action = keyof typeof actions

export const subjectTypes = ['token', 'account', 'project', 'deployment'] as const
export type SubjectType = (typeof subjectTypes)[number]

/** What a change is about. The deployment's own id is `all`: verifiers drop everything for it. */
export interface Subject {
  readonly type: SubjectType
  readonly id: string
}

export const deployment: Subject = { type: 'deployment', id: 'all' }

/** Whether anything that was accepted before may be refused afterwards. Only what takes away waits for the barrier. */
export type Effect = 'takes' | 'gives' | 'none'

/** One thing that happened, as the log tells it. */
export interface LoggedEvent {
  readonly at: EpochMs
  readonly actor: Actor
  readonly action: Action
  readonly effect: Effect
  readonly subject: Subject
  /** For readers of the log. Never a secret, a digest or a password hash. */
  readonly details: JsonObject
}

/** An event with the state that it leaves behind: both are written in one transaction, or neither. */
export interface Change extends LoggedEvent {
  readonly write: Write
  readonly guards: readonly Guard[]
}

/**
 * The state that a change leaves behind. A token or account with `changedSeq` 0 is new; any other replaces the version
 * that carries this `changedSeq`, and conflicts if that is no longer the one in force. Removing what is gone conflicts.
 * Settings are always there, so they are only ever replaced.
 * Serials and what was observed are the store's own: what the record says of them is passed over.
 *
 * `descendants: 'revoke'` revokes every token that this one made and that is not revoked yet, and what those made, for
 * the same reason, each with a row of its own in the log. `endSessions` ends every session of the account, and
 * `endTokens` likewise those tokens that the account made for projects, or its own that are live and what those made.
 */
export type Write =
  | { readonly put: 'token'; readonly token: Token; readonly limits?: TokenLimits; readonly descendants?: 'revoke' }
  | {
      readonly put: 'account'
      readonly account: Account
      readonly endSessions?: boolean
      readonly endTokens?: 'made-for-projects' | 'own'
    }
  /** `endTokens` revokes tokens of the project, all or those that one account made, in the same transaction. */
  | {
      readonly put: 'project'
      readonly project: Project
      readonly endTokens?: 'all' | { readonly createdBy: AccountId }
    }
  | { readonly put: 'session'; readonly session: Session }
  | { readonly put: 'settings'; readonly settings: Settings }
  | { readonly put: 'nothing' }
  | { readonly remove: 'token'; readonly token: Token }
  | { readonly remove: 'session'; readonly sessionId: string }

/**
 * How many tokens the owner may have once this one is written; held by the database itself. A token that counted before
 * goes on counting and is never refused, also when a limit has been lowered since.
 */
export interface TokenLimits {
  /** Of tokens that are permanent and not revoked: the store gives each one of this many slots. */
  readonly permanentMax: number
  /** Of tokens that are neither revoked nor expired. */
  readonly liveMax: number
}

/**
 * What must be true, or nothing is written. All guards of a commit are checked before its first change is written;
 * `administrator-remains` alone is checked after its last.
 */
export type Guard =
  | { readonly guard: 'token-unchanged'; readonly id: TokenId; readonly changedSeq: number }
  | { readonly guard: 'account-unchanged'; readonly id: AccountId; readonly changedSeq: number }
  | { readonly guard: 'account-active'; readonly id: AccountId }
  | { readonly guard: 'session-exists'; readonly id: string }
  | { readonly guard: 'project-unchanged'; readonly id: ProjectId; readonly changedSeq: number }
  | { readonly guard: 'settings-unchanged'; readonly changedSeq: number }
  | { readonly guard: 'no-administrator-yet' }
  | { readonly guard: 'administrator-remains' }

/** One row of the log, as everybody reads it. */
export interface LogEntry extends LoggedEvent {
  readonly epoch: string
  /** From 1, in commit order, without gaps. */
  readonly seq: number
}

/** A place in the log. Places of different epochs cannot be compared. */
export interface Position {
  readonly epoch: string
  readonly seq: number
}

export function formatPosition(position: Position): string {
  return `${position.epoch}.${position.seq}`
}

/** The place that a text spells; `undefined` when it spells none. */
export function parsePosition(text: string): Position | undefined {
  const [, epoch, digits] = /^([0-9A-Za-z_-]{1,40})\.(0|[1-9][0-9]{0,15})$/.exec(text) ?? []
  const seq = Number(digits)
  return epoch === undefined || !Number.isSafeInteger(seq) ? undefined : { epoch, seq }
}
