import { neuroioSchemas as schemas } from '@chatelaine/api/wires'
import {
  archiveProject,
  changeProject,
  createProject,
  Failure,
  foldName,
  issueToken,
  notFound,
  type Project,
  type TokenCaller,
} from '@chatelaine/core'
import { tokenCallerOf } from '../caller.ts'
import { findLiveProject, liveProjects } from '../own-projects.ts'
import { accountOf, wireFields, wireQuery, type WireAnswer, type WireAsk } from '../wire.ts'
import { tokenJson } from './token-json.ts'

interface Space {
  readonly id: number
  readonly name: string
}

/** The account itself: what its tokens reach without naming a project. */
const defaultSpace: Space = { id: 0, name: 'default' }

export async function createSpace(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  const ownerId = accountOf(caller)
  const { name } = wireFields(ask, schemas.NameSpace)
  const { project } = await createProject(ask.service.ports, caller, { name, ownerId })
  return { status: 201, body: spaceJson(project) }
}

export async function listSpaces(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  const { q, limit, offset } = wireQuery(ask, schemas.ListSpaces)
  return { status: 200, body: (await spacesOf(ask, caller, q)).slice(offset, offset + limit) }
}

/** All of them at once, for a form to choose from. */
export async function listSpaceNames(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  return { status: 200, body: await spacesOf(ask, caller, undefined) }
}

export async function showSpace(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  const space = await named(ask, caller)
  return { status: 200, body: space === 'default' ? defaultSpace : spaceJson(space) }
}

export async function renameSpace(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  const { id } = notDefault(await named(ask, caller))
  const { name } = wireFields(ask, schemas.NameSpace)
  const renamed = await changeProject(ask.service.ports, caller, id, { name })
  return { status: 200, body: spaceJson(renamed) }
}

export async function deleteSpace(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  const { id } = notDefault(await named(ask, caller))
  await archiveProject(ask.service.ports, caller, id)
  return { status: 204, body: null }
}

export async function createSpaceToken(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  const space = await named(ask, caller)
  const { permanent } = ask.bytes.length === 0 ? {} : wireFields(ask, schemas.CreateToken)
  const issued = await issueToken(ask.service.ports, caller, {
    ...(space === 'default' ? { accountId: accountOf(caller) } : { projectId: space.id }),
    ...(permanent === true ? { life: { permanent } } : {}),
    origin: 'neuroio',
    renews: true,
  })
  return { status: 201, body: tokenJson(issued) }
}

async function spacesOf({ service }: WireAsk, caller: TokenCaller, q: string | undefined): Promise<Space[]> {
  const projects = await liveProjects(service, caller, q === undefined ? {} : { text: q })
  const isDefaultSought = caller.token.kind === 'account' && defaultSpace.name.includes(foldName(q ?? ''))
  return [...(isDefaultSought ? [defaultSpace] : []), ...projects.map(spaceJson)]
}

/** @throws `not-found` also for what is no integer. */
async function named({ service, params }: WireAsk, caller: TokenCaller): Promise<Project | 'default'> {
  const { id = '' } = params
  if (id === String(defaultSpace.id) && caller.token.kind === 'account') return 'default'
  if (!/^[1-9][0-9]{0,14}$/.test(id)) throw notFound('project')
  return findLiveProject(service, caller, { serial: Number(id) })
}

/** @throws `not-permitted` */
function notDefault(space: Project | 'default'): Project {
  if (space !== 'default') return space
  throw new Failure('not-permitted', 'The default space is the account itself; it keeps its name and stays.')
}

function spaceJson({ serial, name }: Project): Space {
  return { id: serial, name }
}
