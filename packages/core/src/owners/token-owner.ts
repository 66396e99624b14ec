import type { TokenKind } from '@chatelaine/token'
import { projectGuard, settingsGuard } from '../log/guards.ts'
import type { Account } from '../domain/account.ts'
import { isWithin, type Reach } from '../access/authorise.ts'
import { accountIdOf, type Caller } from '../domain/caller.ts'
import type { Guard } from '../log/change.ts'
import { Failure, fieldFailure, notFound } from '../domain/failure.ts'
import type { AccountId, ProjectId } from '../domain/id.ts'
import type { Ports } from '../ports.ts'
import type { Policy } from '../domain/policy.ts'
import { mayManage, memberOf, type Project } from '../domain/project.ts'
import { rulesOf } from '../domain/settings.ts'
import type { Token } from '../domain/token.ts'

/** Whose a new token will be: an account's, a project's, or, for managers, the deployment's own. */
export type TokenOwner =
  | { readonly kind: 'account'; readonly account: Account }
  | { readonly kind: 'project'; readonly project: Project }
  | { readonly kind: 'manager' }

/** What a token of this owner says of whose it is. */
export function ownedBy(owner: TokenOwner): Pick<Token, 'kind' | 'accountId' | 'projectId'> {
  return {
    kind: owner.kind,
    accountId: owner.kind === 'account' ? owner.account.id : null,
    projectId: owner.kind === 'project' ? owner.project.id : null,
  }
}

export interface OwnerAsk {
  readonly kind?: TokenKind
  readonly accountId?: AccountId
  readonly projectId?: ProjectId
}

/** An owner, and what makes a change conflict if the owner changed, or the right to make tokens for it was lost. */
export interface OwnerFound {
  readonly owner: TokenOwner
  readonly guards: readonly Guard[]
}

/**
 * Finds the owner that is asked for, or that follows from who asks.
 * @throws `invalid-request` for owners that contradict each other or the kind, `not-found` for those that this right
 *   may not see, `not-permitted` for disabled accounts, archived projects and members who may not create.
 */
export async function findTokenOwner(ports: Ports, caller: Caller, reach: Reach, ask: OwnerAsk): Promise<OwnerFound> {
  const projectId = ask.projectId ?? (reach.whole ? undefined : (reach.projectId ?? undefined))
  const kind = ask.kind ?? (projectId === undefined ? 'account' : 'project')
  if (kind !== 'account' && ask.accountId !== undefined) {
    throw fieldFailure('/account_id', `a ${kind} token belongs to no account`)
  }
  if (kind !== 'project' && ask.projectId !== undefined) {
    throw fieldFailure('/project_id', `${kind === 'account' ? 'an' : 'a'} ${kind} token belongs to no project`)
  }
  switch (kind) {
    case 'manager':
      return { owner: { kind }, guards: [] }
    case 'account':
      return findAccount(ports, reach, ask.accountId ?? accountIdOf(caller))
    case 'project':
      return findProject(ports, reach, projectId)
  }
}

async function findAccount(ports: Ports, reach: Reach, id: AccountId | null): Promise<OwnerFound> {
  if (id === null)
    throw fieldFailure('/account_id', 'is missing; name the account, or a project, that the token will belong to')
  const account = isWithin(reach, id) ? await ports.accounts.find(id) : undefined
  if (account === undefined) throw notFound('account')
  if (account.status === 'disabled') throw new Failure('not-permitted', 'This account is disabled; enable it first.')
  const unchanged: Guard = { guard: 'account-unchanged', id, changedSeq: account.changedSeq }
  return { owner: { kind: 'account', account }, guards: [unchanged, ...(await requireProjectRole(ports, account))] }
}

/** Where policy asks for it, only those who belong to a project get tokens of their own; administrators do always. */
async function requireProjectRole(ports: Ports, { id, role }: Account): Promise<readonly Guard[]> {
  const settings = await ports.settings.read()
  const guards = [settingsGuard(settings)]
  if (!settings.policy.creationRequiresProjectRole || role === 'admin') return guards
  const { items } = await ports.projects.list({ memberId: id, status: 'active', limit: 1 })
  if (items.length > 0) return [...guards, ...items.map(projectGuard)]
  throw new Failure(
    'not-permitted',
    'Only members of a project get tokens here. Ask an owner or a manager of a project to add this account.',
  )
}

async function findProject(ports: Ports, reach: Reach, id: ProjectId | undefined): Promise<OwnerFound> {
  if (id === undefined) throw fieldFailure('/project_id', 'say which project this token will reach')
  const project = await ports.projects.find(id)
  if (project === undefined || !isVisible(reach, project)) throw notFound('project')
  if (project.status === 'archived') throw new Failure('project-archived', 'This project is archived.')
  const settings = await ports.settings.read()
  const { policy } = rulesOf(settings, project.policy)
  if (!mayCreate(reach, project, policy)) {
    throw new Failure('not-permitted', 'In this project only owners and managers may make tokens. Ask one of them.')
  }
  return { owner: { kind: 'project', project }, guards: [settingsGuard(settings), projectGuard(project)] }
}

function isVisible(reach: Reach, project: Project): boolean {
  return reach.whole || reach.projectId === project.id || memberOf(project, reach.accountId) !== undefined
}

function mayCreate(reach: Reach, project: Project, { membersMayCreate }: Policy): boolean {
  return reach.whole || reach.projectId === project.id || mayManage(project, reach.accountId) || membersMayCreate
}
