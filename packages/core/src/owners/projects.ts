import { authorise, requireWhole, type Reach } from '../access/authorise.ts'
import { accountIdOf, actorOf, type Caller } from '../domain/caller.ts'
import type { Action, Change, Effect, Guard } from '../log/change.ts'
import { callerGuards, commit, settle, writtenProject, type Conflict } from '../log/commit.ts'
import { endBeyondPolicy } from '../settings/enforce.ts'
import { Failure, fieldFailure, notFound } from '../domain/failure.ts'
import { requireNoGrowth } from '../access/grow.ts'
import { newProjectId, newUuid, type AccountId, type ProjectId, type TokenId } from '../domain/id.ts'
import { requireRoomBelow } from '../tokens/issue.ts'
import { canonicalJson, type JsonObject } from '../domain/json.ts'
import { makeOnce, onceOf, requireSameRequest, type OnceAsk } from '../log/once.ts'
import { isTighter, type PolicyOverride } from '../domain/policy.ts'
import { policyDifference, requireCoherentPolicy, requirePolicyRight } from '../settings/policy-change.ts'
import type { Page, Ports, ProjectQuery } from '../ports.ts'
import {
  isOwner,
  mayManage,
  memberOf,
  membersMax,
  projectGuard,
  type Member,
  type MemberRole,
  type Project,
} from '../domain/project.ts'
import { callerInForce, inForce, readRules, rulesOf } from '../domain/settings.ts'
import { findToSee } from '../access/token-access.ts'
import { requireNotEnded, type Token } from '../domain/token.ts'

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
  if (isSamePolicy) return save(ports, caller, after, { action: 'project.updated', effect: 'none', details: name })
  requirePolicyRight(caller)
  const settings = await ports.settings.read()
  requireCoherentPolicy({ ...settings.policy, ...after.policy })
  const [held, holds] = [rulesOf(settings, before.policy).policy, rulesOf(settings, after.policy).policy]
  // What policy has ended stays ended: a looser one must not bring it back. Only here, where nothing is left that could
  // refuse the request, since a refused one changes nothing.
  await endBeyondPolicy(ports, caller, { projectId: id })
  return save(ports, caller, after, {
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
    return save(ports, current, after, { action: 'project.archived', effect: 'takes', details: {}, endTokens: 'all' })
  })
}

/**
 * Makes an account a member, or gives a member another role.
 * @param mustExist whether only the role of somebody who is a member already may be changed.
 * @throws `not-found`, `not-permitted`, `last-owner`, `member-limit-reached`, `project-archived`.
 */
export async function putMember(
  ports: Ports,
  caller: Caller,
  id: ProjectId,
  accountId: AccountId,
  role: MemberRole,
  { mustExist = false }: { mustExist?: boolean } = {},
): Promise<Member> {
  const project = await settle(ports, caller, async (current) => {
    const reach = authorise(current, 'projects.write')
    const before = await findProjectToManage(ports, current, id)
    const held = memberOf(before, accountId)
    if (held?.role === role) return before
    if (held === undefined && mustExist) {
      throw new Failure('not-found', 'This account is no member of the project. Add it first.')
    }
    if (role === 'owner' || held?.role === 'owner') requireOwner(reach, before, 'make or unmake owners')
    if (held === undefined) await requireActiveAccount(ports, accountId)
    const guards: Guard[] = held === undefined ? [{ guard: 'account-active', id: accountId }] : []
    const member: Member = { accountId, role, since: held?.since ?? ports.clock.now() }
    const others = before.members.filter((one) => one.accountId !== accountId)
    if (others.length >= membersMax) {
      throw new Failure('member-limit-reached', `A project has at most ${membersMax} members.`)
    }
    const after = { ...before, members: [...others, member] }
    requireAnOwner(after)
    return save(ports, current, after, {
      action: held === undefined ? 'project.member_added' : 'project.member_changed',
      effect: held === undefined ? 'gives' : 'takes',
      details: { account_id: accountId, role },
      guards,
    })
  })
  return memberOf(project, accountId)!
}

/**
 * Ends a membership: a manager removes a member, or a member leaves. The tokens of the project that the account made
 * end with it. For whoever is no member nothing happens.
 * @throws `not-found`, `not-permitted`, `last-owner`.
 */
export async function removeMember(ports: Ports, caller: Caller, id: ProjectId, accountId: AccountId): Promise<void> {
  await settle(ports, caller, async (current) => {
    const reach = authorise(current, 'projects.write')
    const before = await findProjectToSee(ports, reach, id)
    const isLeaving = reach.whole ? false : reach.accountId === accountId
    if (!isLeaving) requireManager(reach, before)
    const held = memberOf(before, accountId)
    if (held === undefined) return before
    if (held.role === 'owner' && !isLeaving) requireOwner(reach, before, 'remove owners')
    const after = { ...before, members: before.members.filter((one) => one.accountId !== accountId) }
    requireAnOwner(after)
    return save(ports, current, after, {
      action: 'project.member_removed',
      effect: 'takes',
      details: { account_id: accountId },
      endTokens: { createdBy: accountId },
    })
  })
}

/**
 * Takes over a token of a project, so that it outlives the membership of whoever made it, and the tokens of theirs that
 * it was made with.
 * @throws `not-found`, `not-permitted` for whoever does not manage the project, `exceeds-caller`, `token-ended`.
 */
export async function adoptToken(ports: Ports, caller: Caller, id: TokenId): Promise<Token> {
  return settle(ports, caller, async (current) => {
    const reach = authorise(current, 'tokens.write')
    const before = await findToSee(ports, reach, id)
    if (before.projectId === null) {
      throw new Failure('not-permitted', 'Only the tokens of a project can be taken over.')
    }
    const project = await findProjectToSee(ports, reach, before.projectId)
    requireManager(reach, project)
    const rules = await readRules(ports, before.projectId)
    requireNotEnded(inForce(before, rules), ports.clock.now())
    const adopter = accountIdOf(current)
    if (adopter === before.createdBy) return before
    await requireRoomBelow(ports, current)
    // As if the adopter had made it: what ends or bounds the tokens of whoever leaves reaches it no more.
    const parentTokenId = current.type === 'token' ? current.token.id : null
    const after: Token = { ...before, createdBy: adopter, parentTokenId }
    requireNoGrowth(await callerInForce(ports, current), inForce(after, rules))
    const outcome = await commit(ports, [
      {
        at: ports.clock.now(),
        actor: actorOf(current),
        action: 'token.adopted',
        effect: 'none',
        subject: { type: 'token', id: after.id },
        details: { from: before.createdBy, to: adopter },
        write: { put: 'token', token: after },
        guards: [...callerGuards(current), projectGuard(project), ...rules.guards],
      },
    ])
    if (outcome.outcome === 'conflict') return outcome
    const [written] = outcome.written
    if (written?.type !== 'token') throw new Error('a token was committed and not given back')
    return written.token
  })
}

interface Saving {
  readonly action: Action
  readonly effect: Effect
  readonly details: JsonObject
  readonly endTokens?: 'all' | { readonly createdBy: AccountId }
  readonly guards?: readonly Guard[]
}

async function save(ports: Ports, caller: Caller, after: Project, saving: Saving): Promise<Project | Conflict> {
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

async function findProjectToManage(ports: Ports, caller: Caller, id: ProjectId): Promise<Project> {
  const reach = authorise(caller, 'projects.write')
  const project = await findProjectToSee(ports, reach, id)
  requireManager(reach, project)
  if (project.status === 'active') return project
  throw new Failure('project-archived', 'This project is archived. Make another, or work without it.')
}

function requireManager(reach: Reach, project: Project): void {
  if (reach.whole || mayManage(project, reach.accountId)) return
  throw new Failure('not-permitted', 'Only an owner or a manager of this project may do that. Ask one of them.')
}

function requireOwner(reach: Reach, project: Project, doing: string): void {
  if (reach.whole || isOwner(project, reach.accountId)) return
  throw new Failure('not-permitted', `Only an owner of this project may ${doing}. Ask one of them.`)
}

function requireAnOwner(project: Project): void {
  if (project.members.some((member) => member.role === 'owner')) return
  throw new Failure('last-owner', 'This is the last owner of the project. Make somebody else an owner first.')
}

/** A member with what people call it. */
export interface NamedMember extends Member {
  readonly username: string
  readonly name: string
}

/** Members with their names. Whoever may see the project may see who is in it. */
export function nameMembers(ports: Ports, members: readonly Member[]): Promise<NamedMember[]> {
  return Promise.all(
    members.map(async (member) => {
      const account = await ports.accounts.find(member.accountId)
      return { ...member, username: account?.username ?? '', name: account?.name ?? '' }
    }),
  )
}

/**
 * The account with this user name, for whoever may add it to a project.
 * @throws `not-found`, also for those who manage no project.
 */
export async function findAccountToAdd(
  ports: Ports,
  caller: Caller,
  id: ProjectId,
  username: string,
): Promise<AccountId> {
  await findProjectToManage(ports, caller, id)
  const account = await ports.accounts.findByUsername(username)
  if (account === undefined) throw notFound('account')
  return account.id
}

async function requireActiveAccount(ports: Ports, id: AccountId): Promise<{ id: AccountId; changedSeq: number }> {
  const account = await ports.accounts.find(id)
  if (account === undefined) throw notFound('account')
  if (account.status === 'disabled') throw new Failure('not-permitted', 'This account is disabled; enable it first.')
  return account
}
