import { callerGuards } from '../log/guards.ts'
import { authorise, requireWhole, type Reach } from '../access/authorise.ts'
import { findProjectToManage, findProjectToSee, requireActiveAccount, requireOwner } from '../access/project-access.ts'
import { accountIdOf, actorOf, type Caller } from '../domain/caller.ts'
import { fieldFailure, notFound } from '../domain/failure.ts'
import { newProjectId, newUuid, type AccountId, type ProjectId } from '../domain/id.ts'
import { canonicalJson, type JsonObject } from '../domain/json.ts'
import { isTighter, type PolicyOverride } from '../domain/policy.ts'
import type { Project } from '../domain/project.ts'
import { rulesOf } from '../domain/settings.ts'
import type { Action, Change, Effect, Guard } from '../log/change.ts'
import { commit, settle, writtenProject, type Conflict } from '../log/commit.ts'
import { makeOnce, onceOf, requireSameRequest, type OnceAsk } from '../log/once.ts'
import type { Page, Ports, ProjectQuery } from '../ports.ts'
import { endBeyondPolicy } from '../settings/enforce.ts'
import { policyDifference, requireCoherentPolicy, requirePolicyRight } from '../settings/policy-change.ts'

/** What somebody asks of a project to be made. */
export interface ProjectAsk {
  readonly name: string
  readonly description?: string
  /** Who owns it; the caller's own account when absent. */
  readonly ownerId?: AccountId
}

/** What may be changed of a project; what is left out stays. */
export interface ProjectEdit {
  readonly name?: string
  readonly description?: string
  /** Replaces whatever the project had otherwise than the deployment; `{}`: nothing any more. */
  readonly policy?: PolicyOverride
}

export interface ProjectMade {
  /** Whether the same idempotency key had made it before. */
  readonly repeated: boolean
  readonly project: Project
}

/**
 * Makes a project, with its first owner.
 * @throws `scope-missing`, `invalid-request` where nobody is named to own it, `not-permitted` for another's account,
 *   `not-found`, `idempotency-running`, `idempotency-key-reused`.
 */
export async function createProject(
  ports: Ports,
  caller: Caller,
  ask: ProjectAsk,
  once?: OnceAsk,
): Promise<ProjectMade> {
  authorise(caller, 'projects.write')
  const make = () => settle(ports, caller, (current) => tryToCreate(ports, current, ask, once))
  const again = async (id: string) => ({ repeated: true, project: await readMade(ports, id) })
  return makeOnce(ports, caller, once, make, again)
}

async function tryToCreate(
  ports: Ports,
  caller: Caller,
  ask: ProjectAsk,
  once: OnceAsk | undefined,
): Promise<ProjectMade | Conflict> {
  const reach = authorise(caller, 'projects.write')
  const ownerId = ask.ownerId ?? accountIdOf(caller)
  if (ownerId === null) throw fieldFailure('/owner_id', 'say which account will own the project')
  if (ownerId !== accountIdOf(caller)) requireWhole(reach, 'make projects for others')
  const owner = await requireActiveAccount(ports, ownerId)
  const now = ports.clock.now()
  const project: Project = {
    id: newProjectId(ports.random),
    serial: 0,
    uuid: newUuid(ports.random),
    name: ask.name,
    description: ask.description ?? '',
    status: 'active',
    members: [{ accountId: ownerId, role: 'owner', since: now }],
    createdAt: now,
    policy: {},
    changedSeq: 0,
  }
  const change = changing(ports, caller, project, {
    action: 'project.created',
    effect: 'gives',
    details: { name: project.name, owner_id: ownerId },
  })
  const guarded: Change = {
    ...change,
    guards: [...change.guards, { guard: 'account-unchanged', id: owner.id, changedSeq: owner.changedSeq }],
  }
  const outcome = await commit(ports, [guarded], once && onceOf(ports, caller, once, now))
  if (outcome.outcome === 'conflict') return outcome
  if (outcome.outcome === 'repeated') {
    if (once !== undefined) requireSameRequest(ports, outcome.first, once)
    return { repeated: true, project: await readMade(ports, outcome.first.subjectId) }
  }
  return { repeated: false, project: writtenProject(outcome) }
}

async function readMade(ports: Ports, id: string): Promise<Project> {
  const project = await ports.projects.find(id as ProjectId)
  if (project === undefined) throw notFound('project')
  return project
}

/** @throws `scope-missing`, `not-found` for one that the caller is no member of. */
export async function readProject(ports: Ports, caller: Caller, id: ProjectId): Promise<Project> {
  return findProjectToSee(ports, authorise(caller, 'projects.read'), id)
}

/** The projects within the caller's reach: all, those it is a member of, or the one that its token is for. */
export async function listProjects(
  ports: Ports,
  caller: Caller,
  query: Omit<ProjectQuery, 'memberId' | 'id'>,
): Promise<Page<Project>> {
  const reach = authorise(caller, 'projects.read')
  const page = await ports.projects.list({ ...query, ...withinReach(reach) })
  await ports.freshness.reach(Math.max(0, ...page.items.map((project) => project.changedSeq)))
  return page
}

function withinReach(reach: Reach): Pick<ProjectQuery, 'memberId' | 'id'> {
  if (reach.whole) return {}
  return reach.accountId === null ? { id: reach.projectId } : { memberId: reach.accountId }
}

/**
 * Changes a project. What it has otherwise than the deployment's policy is set by whoever may set that, and cuts like
 * that: see `changePolicy`.
 * @throws `not-found`, `not-permitted` for whoever does not manage it, `project-archived`; for its policy `scope-missing`,
 *   and `invalid-request` when it contradicts itself or the deployment's.
 */
export async function changeProject(ports: Ports, caller: Caller, id: ProjectId, edit: ProjectEdit): Promise<Project> {
  if (edit.policy !== undefined) requirePolicyRight(caller)
  const project = await settle(ports, caller, (current) => tryToChange(ports, current, id, edit))
  if (edit.policy !== undefined) await endBeyondPolicy(ports, caller, { projectId: id })
  return project
}

async function tryToChange(
  ports: Ports,
  caller: Caller,
  id: ProjectId,
  edit: ProjectEdit,
): Promise<Project | Conflict> {
  const before = await findProjectToManage(ports, caller, id)
  const after: Project = {
    ...before,
    name: edit.name ?? before.name,
    description: edit.description ?? before.description,
    policy: edit.policy ?? before.policy,
  }
  const isSamePolicy = canonicalJson(after.policy) === canonicalJson(before.policy)
  if (after.name === before.name && after.description === before.description && isSamePolicy) return before
  const name = { name: { from: before.name, to: after.name } }
  if (isSamePolicy)
    return saveProject(ports, caller, after, { action: 'project.updated', effect: 'none', details: name })
  requirePolicyRight(caller)
  const settings = await ports.settings.read()
  requireCoherentPolicy({ ...settings.policy, ...after.policy })
  const [held, holds] = [rulesOf(settings, before.policy).policy, rulesOf(settings, after.policy).policy]
  // What policy has ended stays ended: a looser one must not bring it back. Only here, where nothing is left that could
  // refuse the request, since a refused one changes nothing.
  await endBeyondPolicy(ports, caller, { projectId: id })
  return saveProject(ports, caller, after, {
    action: 'project.updated',
    effect: isTighter(held, holds) ? 'takes' : 'gives',
    details: { ...name, policy: policyDifference(held, holds) },
  })
}

/**
 * Archives a project and ends its tokens. Archiving it again is answered the same.
 * @throws `not-found`, `not-permitted` for whoever is no owner of it.
 */
export async function archiveProject(ports: Ports, caller: Caller, id: ProjectId): Promise<Project> {
  return settle(ports, caller, async (current) => {
    const reach = authorise(current, 'projects.write')
    const before = await findProjectToSee(ports, reach, id)
    requireOwner(reach, before, 'archive it')
    if (before.status === 'archived') return before
    const after: Project = { ...before, status: 'archived' }
    return saveProject(ports, current, after, {
      action: 'project.archived',
      effect: 'takes',
      details: {},
      endTokens: 'all',
    })
  })
}

interface Saving {
  readonly action: Action
  readonly effect: Effect
  readonly details: JsonObject
  readonly endTokens?: 'all' | { readonly createdBy: AccountId }
  readonly guards?: readonly Guard[]
}

/** Writes a project as it will stand, with what happened to it. */
export async function saveProject(
  ports: Ports,
  caller: Caller,
  after: Project,
  saving: Saving,
): Promise<Project | Conflict> {
  const outcome = await commit(ports, [changing(ports, caller, after, saving)])
  return outcome.outcome === 'conflict' ? outcome : writtenProject(outcome)
}

function changing(ports: Ports, caller: Caller, project: Project, saving: Saving): Change {
  const { action, effect, details, endTokens, guards = [] } = saving
  return {
    at: ports.clock.now(),
    actor: actorOf(caller),
    action,
    effect,
    subject: { type: 'project', id: project.id },
    details,
    write: { put: 'project', project, ...(endTokens === undefined ? {} : { endTokens }) },
    guards: [...callerGuards(caller), ...guards],
  }
}
