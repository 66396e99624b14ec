import type { AccountId, ProjectId } from './id.ts'
import type { PolicyOverride } from './policy.ts'
import type { EpochMs } from './time.ts'

export const projectStatuses = ['active', 'archived'] as const
export type ProjectStatus = (typeof projectStatuses)[number]

/** What a member may do, from the most to the least. */
export const memberRoles = ['owner', 'manager', 'member'] as const
export type MemberRole = (typeof memberRoles)[number]

export interface Member {
  readonly accountId: AccountId
  readonly role: MemberRole
  readonly since: EpochMs
}

/** A shared place with members. They are part of it, so that whoever changes them changes the project. */
export interface Project {
  readonly id: ProjectId
  /** From 1, unique, never reused; 0 until the store has given one. */
  readonly serial: number
  readonly uuid: string
  readonly name: string
  readonly description: string
  readonly status: ProjectStatus
  /** At least one owner; at most `membersMax`, each account once. */
  readonly members: readonly Member[]
  readonly createdAt: EpochMs
  /** What its tokens are allowed otherwise than those of the deployment. */
  readonly policy: PolicyOverride
  /** The change that last touched this project; 0 until there was one. */
  readonly changedSeq: number
}

export const membersMax = 1_000

export function memberOf(project: Project, accountId: AccountId | null): Member | undefined {
  return project.members.find((member) => member.accountId === accountId)
}

/** Owners and managers manage the project: its members, its tokens, itself. */
export function mayManage(project: Project, accountId: AccountId | null): boolean {
  const role = memberOf(project, accountId)?.role
  return role === 'owner' || role === 'manager'
}

export function isOwner(project: Project, accountId: AccountId | null): boolean {
  return memberOf(project, accountId)?.role === 'owner'
}
