import type { Reach } from './authorise.ts'
import { Failure, notFound } from './failure.ts'
import type { TokenId } from './id.ts'
import type { Ports, TokenFilters } from './ports.ts'
import { mayManage, memberOf, type Project } from './project.ts'
import { rulesOf } from './settings.ts'
import type { Token } from './token.ts'

/** What a right allows with one token. */
type Access = 'none' | 'see' | 'manage'

/**
 * A token that this right may see, in a state that holds everywhere: whoever is shown a revocation may rely on it.
 * @throws `not-found`.
 */
export async function findToSee(ports: Ports, reach: Reach, id: TokenId): Promise<Token> {
  const found = await find(ports, reach, id)
  return found.token
}

/**
 * A token that this right may change and end.
 * @throws `not-found` for one that it may not even see, `not-permitted` for a project's token that others made.
 */
export async function findToManage(ports: Ports, reach: Reach, id: TokenId): Promise<Token> {
  const { token, access } = await find(ports, reach, id)
  if (access === 'manage') return token
  throw new Failure(
    'not-permitted',
    'You manage the tokens of this project that you made. Ask an owner or a manager of the project for the others.',
  )
}

async function find(ports: Ports, reach: Reach, id: TokenId): Promise<{ token: Token; access: Access }> {
  const token = await ports.tokens.find(id)
  const access = token === undefined ? 'none' : await accessTo(ports, reach, token)
  if (token === undefined || access === 'none') throw notFound('token')
  await ports.freshness.reach(token.changedSeq)
  return { token, access }
}

/**
 * The deployment's reach manages everything, an account its own tokens, a project token those of its project. In a
 * project its owners and managers manage every token, and members see all and manage those that they made.
 */
async function accessTo(ports: Ports, reach: Reach, token: Token): Promise<Access> {
  if (reach.whole) return 'manage'
  if (token.projectId === null)
    return token.accountId !== null && token.accountId === reach.accountId ? 'manage' : 'none'
  if (reach.projectId !== null) return reach.projectId === token.projectId ? 'manage' : 'none'
  const project = await ports.projects.find(token.projectId)
  if (project === undefined || memberOf(project, reach.accountId) === undefined) return 'none'
  const isMaker = token.createdBy === reach.accountId
  if (isMaker || mayManage(project, reach.accountId)) return 'manage'
  return (await manageAll(ports, project)) ? 'manage' : 'see'
}

/** Whether policy lets every member of a project manage all of its tokens. */
async function manageAll(ports: Ports, project: Project): Promise<boolean> {
  return rulesOf(await ports.settings.read(), project.policy).policy.membersManageAll
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

/** The same for the tokens that this right may change and end: of a project perhaps only those that the account made. */
export async function filtersToManage<Filters extends Owners>(
  ports: Ports,
  reach: Reach,
  filters: Filters,
): Promise<Filters & Owners> {
  const visible = await filtersToSee(ports, reach, filters)
  if (reach.whole || reach.accountId === null || visible.projectId === undefined) return visible
  const project = await ports.projects.find(visible.projectId)
  if (project === undefined) return { ...visible, createdBy: reach.accountId }
  const managesAll = mayManage(project, reach.accountId) || (await manageAll(ports, project))
  return managesAll ? visible : { ...visible, createdBy: reach.accountId }
}
