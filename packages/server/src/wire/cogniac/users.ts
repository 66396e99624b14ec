import {
  Failure,
  isProjectId,
  memberOf,
  readProject,
  type Account,
  type Project,
  type TenantId,
} from '@chatelaine/core'
import { liveProjects } from '../own-projects.ts'
import type { WireAnswer, WireAsk } from '../wire.ts'
import { emailOf, requireSelf, userOf, type User } from './user.ts'

interface Tenant {
  readonly tenantId: TenantId
  readonly name: string
  readonly type: 'usertenant' | 'orgtenant'
}

export async function showUser(ask: WireAsk): Promise<WireAnswer> {
  const user = await userOf(ask)
  requireSelf(user, ask.params['user'])
  const { account } = user
  return { status: 200, body: { user_id: account.id, email: emailOf(account), ...namesOf(account) } }
}

/** The account itself, and the projects that it belongs to. */
export async function listTenants(ask: WireAsk): Promise<WireAnswer> {
  const { caller, account } = await userOf(ask)
  // An administrator sees the projects of others too, and belongs to none of them by that.
  const projects = await liveProjects(ask.service, caller)
  const own = projects.filter((project) => memberOf(project, account.id) !== undefined)
  const tenants = [ofAccount(account), ...own.map(ofProject)]
  const body = { tenants: tenants.map(({ tenantId, type, name }) => ({ tenant_id: tenantId, type, name })) }
  return { status: 200, body }
}

/** The one that the bearer is for. The client fails without a region. */
export async function showTenant(ask: WireAsk): Promise<WireAnswer> {
  const { tenantId, name } = await tenantOf(ask, await userOf(ask))
  return { status: 200, body: { tenant_id: tenantId, name, region: null } }
}

export async function tenantOf({ service }: WireAsk, { caller, account, tenantId }: User): Promise<Tenant> {
  return isProjectId(tenantId) ? ofProject(await readProject(service.ports, caller, tenantId)) : ofAccount(account)
}

/** @throws `not-permitted` for what is the id of no tenant; whether one belongs to it is asked elsewhere. */
export function readTenantId(text: string | undefined, { account }: User): TenantId {
  if (text === undefined || text === 'current' || text === account.id) return account.id
  if (isProjectId(text)) return text
  throw new Failure('not-permitted', 'You do not belong to that tenant.')
}

function ofAccount({ id, name, username }: Account): Tenant {
  return { tenantId: id, name: name === '' ? username : name, type: 'usertenant' }
}

function ofProject({ id, name }: Project): Tenant {
  return { tenantId: id, name, type: 'orgtenant' }
}

/** The name, divided at its last space. */
function namesOf({ name, username }: Account): { given_name: string; surname: string } {
  const whole = name === '' ? username : name.trim()
  const spaceAt = whole.lastIndexOf(' ')
  if (spaceAt < 0) return { given_name: whole, surname: '' }
  return { given_name: whole.slice(0, spaceAt), surname: whole.slice(spaceAt + 1) }
}
