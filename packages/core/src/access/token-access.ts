import { projectGuard, settingsGuard } from '../log/guards.ts'
import type { Reach } from './authorise.ts'
import type { Guard } from '../log/change.ts'
import { Failure, notFound } from '../domain/failure.ts'
import type { TokenId } from '../domain/id.ts'
import type { Ports, TokenFilters } from '../ports.ts'
import { mayManage, memberOf, type Project } from '../domain/project.ts'
import { rulesOf } from '../domain/settings.ts'
import type { Token } from '../domain/token.ts'

/** What a right allows with one token, and what must not change until that is made use of. */
interface Access {
  readonly to: 'nothing' | 'see' | 'manage'
  readonly guards: readonly Guard[]
}

/** A token that may be changed, and what makes the change conflict if the right to it was lost meanwhile. */
export interface Managed {
  readonly token: Token
  readonly guards: readonly Guard[]
}

/**
 * A token that this right may see, in a state that holds everywhere: whoever is shown a revocation may rely on it.
 * @throws `not-found`.
 */
export async function findToSee(ports: Ports, reach: Reach, id: TokenId): Promise<Token> {
  const { token } = await find(ports, reach, id)
  return token
}

/**
 * A token that this right may change and end.
 * @throws `not-found` for one that it may not even see, `not-permitted` for a project's token that others made.
 */
export async function findToManage(ports: Ports, reach: Reach, id: TokenId): Promise<Managed> {
  const { token, access } = await find(ports, reach, id)
  if (access.to === 'manage') return { token, guards: access.guards }
  throw new Failure(
    'not-permitted',
    'You manage the tokens of this project that you made. Ask an owner or a manager of the project for the others.',
  )
}

async function find(ports: Ports, reach: Reach, id: TokenId): Promise<{ token: Token; access: Access }> {
  const token = await ports.tokens.find(id)
  const access = token === undefined ? nothing : await accessTo(ports, reach, token)
  if (token === undefined || access.to === 'nothing') throw notFound('token')
  await ports.freshness.reach(token.changedSeq)
  return { token, access }
}

const nothing: Access = { to: 'nothing', guards: [] }

/** A right that only ends with the caller's own standing, which has guards of its own. */
const lasting: Access = { to: 'manage', guards: [] }

/**
 * The deployment's reach manages everything, an account its own tokens, a project token those of its project. In a
 * project its owners and managers manage every token, and members see all and manage those that they made.
 */
async function accessTo(ports: Ports, reach: Reach, token: Token): Promise<Access> {
  if (reach.whole) return lasting
  if (token.projectId === null) {
    return token.accountId !== null && token.accountId === reach.accountId ? lasting : nothing
  }
  if (reach.projectId !== null) return reach.projectId === token.projectId ? lasting : nothing
  const project = await ports.projects.find(token.projectId)
  if (project === undefined || memberOf(project, reach.accountId) === undefined) return nothing
  const guards = [projectGuard(project)]
  const isMaker = token.createdBy === reach.accountId
  if (isMaker || mayManage(project, reach.accountId)) return { to: 'manage', guards }
  const managesAll = await manageAll(ports, project)
  return managesAll === undefined ? { to: 'see', guards } : { to: 'manage', guards: [...guards, managesAll] }
}

/** If policy lets every member of a project manage all of its tokens: what conflicts when it does no more. */
async function manageAll(ports: Ports, project: Project): Promise<Guard | undefined> {
  const settings = await ports.settings.read()
  return rulesOf(settings, project.policy).policy.membersManageAll ? settingsGuard(settings) : undefined
}

type Owners = Pick<TokenFilters, 'accountId' | 'projectId' | 'createdBy'>

/**
 * Narrows a search to the tokens that this right may see: without a project named, an account's are its own.
 * @throws `not-found` for another's account or project.
 */
export async function filtersToSee<Filters extends Owners>(
  ports: Ports,
  reach: Reach,
  filters: Filters,
): Promise<Filters & Owners> {
  if (reach.whole) return filters
  if (reach.projectId !== null) {
    if (filters.projectId !== undefined && filters.projectId !== reach.projectId) throw notFound('project')
    return { ...filters, projectId: reach.projectId }
  }
  if (filters.projectId !== undefined) {
    const project = await ports.projects.find(filters.projectId)
    if (project === undefined || memberOf(project, reach.accountId) === undefined) throw notFound('project')
    return filters
  }
  if (filters.accountId !== undefined && filters.accountId !== reach.accountId) throw notFound('account')
  return { ...filters, accountId: reach.accountId }
}

/**
 * The same for the tokens that this right may change and end: of a project perhaps only those that the account made.
 * With what must not change until they are.
 */
export async function filtersToManage<Filters extends Owners>(
  ports: Ports,
  reach: Reach,
  filters: Filters,
): Promise<{ filters: Filters & Owners; guards: readonly Guard[] }> {
  const { accountId } = reach.whole ? { accountId: null } : reach
  if (accountId === null || filters.projectId === undefined) {
    return { filters: await filtersToSee(ports, reach, filters), guards: [] }
  }
  const project = await ports.projects.find(filters.projectId)
  if (project === undefined || memberOf(project, accountId) === undefined) throw notFound('project')
  const guards = [projectGuard(project)]
  if (mayManage(project, accountId)) return { filters, guards }
  const managesAll = await manageAll(ports, project)
  return managesAll === undefined
    ? { filters: { ...filters, createdBy: accountId }, guards }
    : { filters, guards: [...guards, managesAll] }
}
