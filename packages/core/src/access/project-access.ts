import { Failure, notFound } from '../domain/failure.ts'
import { isOwner, mayManage, memberOf, type Project } from '../domain/project.ts'
import type { AccountId, ProjectId } from '../domain/id.ts'
import type { Caller } from '../domain/caller.ts'
import type { Ports } from '../ports.ts'
import { authorise, type Reach } from './authorise.ts'

/** A project that this right may see, in a state that holds everywhere. @throws `not-found`. */
export async function findProjectToSee(ports: Ports, reach: Reach, id: ProjectId): Promise<Project> {
  const project = await ports.projects.find(id)
  if (project === undefined || !isVisible(reach, project)) throw notFound('project')
  await ports.freshness.reach(project.changedSeq)
  return project
}

function isVisible(reach: Reach, project: Project): boolean {
  if (reach.whole || reach.projectId === project.id) return true
  return memberOf(project, reach.accountId) !== undefined
}

/**
 * A project that goes on and that the caller manages.
 * @throws `scope-missing`, `not-found`, `not-permitted`, `project-archived`.
 */
export async function findProjectToManage(ports: Ports, caller: Caller, id: ProjectId): Promise<Project> {
  const reach = authorise(caller, 'projects.write')
  const project = await findProjectToSee(ports, reach, id)
  requireManager(reach, project)
  if (project.status === 'active') return project
  throw new Failure('project-archived', 'This project is archived. Make another, or work without it.')
}

/** @throws `not-permitted` for whoever does not manage the project. */
export function requireManager(reach: Reach, project: Project): void {
  if (reach.whole || mayManage(project, reach.accountId)) return
  throw new Failure('not-permitted', 'Only an owner or a manager of this project may do that. Ask one of them.')
}

/** @throws `not-permitted` for whoever is no owner of it; `doing` says what was refused. */
export function requireOwner(reach: Reach, project: Project, doing: string): void {
  if (reach.whole || isOwner(project, reach.accountId)) return
  throw new Failure('not-permitted', `Only an owner of this project may ${doing}. Ask one of them.`)
}

/** An account that may be given something. @throws `not-found`, `not-permitted` when it is disabled. */
export async function requireActiveAccount(
  ports: Ports,
  id: AccountId,
): Promise<{ id: AccountId; changedSeq: number }> {
  const account = await ports.accounts.find(id)
  if (account === undefined) throw notFound('account')
  if (account.status === 'disabled') throw new Failure('not-permitted', 'This account is disabled; enable it first.')
  return account
}
