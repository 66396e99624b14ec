import type { Output } from '@chatelaine/api'
import { cocalcSchemas as schemas } from '@chatelaine/api/wires'
import {
  changeToken,
  Failure,
  formatInstant,
  issueToken,
  readAccountsBehind,
  readOwnAccount,
  readProject,
  revokeToken,
  type Account,
  type Life,
  type Project,
  type Token,
  type TokenCaller,
  type TokenEdit,
  type TokenId,
} from '@chatelaine/core'
import { tokenCallerOf } from './caller.ts'
import { findLiveProject } from './own-projects.ts'
import { findToken, liveTokens, type Owned } from './own-tokens.ts'
import { wireJson, type Refusal, type Wire, type WireAnswer, type WireAsk } from './wire.ts'

/** CoCalc: keys of accounts and of projects, and two bridges by which clients see that a key works. */
export const cocalc: Wire = {
  prefixes: ['/api/v2/', '/api/conat/'],
  routes: [
    { method: 'POST', path: '/api/v2/api-keys', answer: manageKeys },
    { method: 'POST', path: '/api/conat/hub', answer: callHub },
    { method: 'POST', path: '/api/conat/project', answer: callProject },
  ],
  refuse,
}

/** Whose keys are asked for: the account's own, or those of a project. */
interface Asked {
  readonly caller: TokenCaller
  readonly project: Project | undefined
}

type ManageKeys = Output<typeof schemas.ManageKeys>
type Asking<Action extends ManageKeys['action']> = Extract<ManageKeys, { action: Action }>

async function manageKeys(ask: WireAsk): Promise<WireAnswer> {
  const caller = await accountCallerOf(ask)
  const asking = wireJson(ask, schemas.ManageKeys)
  const asked = { caller, project: await projectNamed(ask, caller, asking.project_id) }
  switch (asking.action) {
    case 'get':
      return listKeys(ask, asked)
    case 'create':
      return createKey(ask, asked, asking)
    case 'edit':
      return editKey(ask, asked, asking)
    case 'delete':
      return deleteKey(ask, asked, asking)
  }
}

async function listKeys({ service }: WireAsk, { caller, project }: Asked): Promise<WireAnswer> {
  const tokens = await liveTokens(service, caller, ownedBy(caller, project))
  const accounts = await readAccountsBehind(service.ports, tokens)
  return { status: 200, body: { response: tokens.map((token) => keyJson(token, accounts, project)) } }
}

async function createKey({ service }: WireAsk, asked: Asked, asking: Asking<'create'>): Promise<WireAnswer> {
  const { caller, project } = asked
  const life: Life = typeof asking.expire === 'number' ? { expiresAt: asking.expire } : { permanent: true }
  const issued = await issueToken(service.ports, caller, {
    ...(project === undefined ? {} : { projectId: project.id }),
    label: asking.name ?? '',
    life,
    origin: 'cocalc',
  })
  const key = keyJson(issued.token, await readAccountsBehind(service.ports, [issued.token]), project)
  return { status: 200, body: { response: [{ ...key, secret: issued.repeated ? '' : issued.secret.reveal() }] } }
}

async function editKey(ask: WireAsk, asked: Asked, { id: serial, name, expire }: Asking<'edit'>): Promise<WireAnswer> {
  const { id } = await keyNamed(ask, asked, serial)
  const edit: TokenEdit = {
    ...(typeof name === 'string' ? { label: name } : {}),
    ...(expire === undefined ? {} : { expiresAt: expire }),
  }
  await asCollaborator(asked, () => changeToken(ask.service.ports, asked.caller, id, edit))
  return { status: 200, body: {} }
}

async function deleteKey(ask: WireAsk, asked: Asked, { id: serial }: Asking<'delete'>): Promise<WireAnswer> {
  const { id } = await keyNamed(ask, asked, serial)
  await asCollaborator(asked, () => revokeToken(ask.service.ports, asked.caller, id))
  return { status: 200, body: {} }
}

async function callHub(ask: WireAsk): Promise<WireAnswer> {
  const { ports } = ask.service
  const caller = await accountCallerOf(ask)
  const { name } = wireJson(ask, schemas.Call)
  return answerCall(ask, name, async () => ({ account_id: (await readOwnAccount(ports, caller)).uuid }))
}

async function callProject(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  if (caller.token.kind === 'manager') throw notSignedIn()
  const { name, project_id: asked } = wireJson(ask, schemas.Call)
  const project = await projectCalled(ask, caller, asked)
  return answerCall(ask, name, async () => ({ project_id: project.uuid }))
}

/** The calls that are ours. Everything else that that system can be called for is not. */
async function answerCall({ service }: WireAsk, name: string, subject: () => Promise<object>): Promise<WireAnswer> {
  const now = service.ports.clock.now()
  if (name === 'system.ping') return { status: 200, body: { now } }
  if (name === 'system.test') return { status: 200, body: { ...(await subject()), server_time: now } }
  throw new Failure('not-found', `unknown call '${name}'`)
}

/** A project's key calls its own project, and need not name it; an account's key names one. */
async function projectCalled(ask: WireAsk, caller: TokenCaller, asked: string | null | undefined): Promise<Project> {
  const { projectId } = caller.token
  if (projectId !== null) {
    const own = await readProject(ask.service.ports, caller, projectId)
    if (typeof asked !== 'string' || asked.toLowerCase() === own.uuid) return own
    throw new Failure('not-permitted', 'project specific api key must match requested project')
  }
  const project = await projectNamed(ask, caller, asked)
  if (project !== undefined) return project
  throw new Failure('not-permitted', 'must specify project_id or use project-specific api key')
}

/** Keys of the account and of its projects are managed with keys of the account alone. */
async function accountCallerOf(ask: WireAsk): Promise<TokenCaller> {
  const caller = await tokenCallerOf(ask)
  if (caller.token.kind !== 'account') throw notSignedIn()
  return caller
}

async function projectNamed(
  { service }: WireAsk,
  caller: TokenCaller,
  uuid: string | null | undefined,
): Promise<Project | undefined> {
  if (typeof uuid !== 'string') return undefined
  try {
    return await findLiveProject(service, caller, { uuid: uuid.toLowerCase() })
  } catch (error) {
    throw isRefused(error, 'not-found') ? notCollaborator() : error
  }
}

async function keyNamed({ service }: WireAsk, { caller, project }: Asked, serial: number): Promise<Token> {
  try {
    return await findToken(service, caller, { ...ownedBy(caller, project), serial })
  } catch (error) {
    throw isRefused(error, 'not-found') ? new Failure('not-found', `no api key with id ${serial}`) : error
  }
}

function ownedBy({ token: { accountId } }: TokenCaller, project: Project | undefined): Owned {
  if (project !== undefined) return { kind: 'project', projectId: project.id }
  return { kind: 'account', ...(accountId === null ? {} : { accountId }) }
}

/** What members may not do with the keys that others made is told in the words that clients know. */
async function asCollaborator({ project }: Asked, act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    throw project !== undefined && isRefused(error, 'not-permitted') ? notCollaborator() : error
  }
}

function isRefused(error: unknown, key: Failure['key']): boolean {
  return error instanceof Failure && error.key === key
}

function notCollaborator(): Failure {
  return new Failure('not-permitted', 'user must be collaborator on project to manage project_id api keys')
}

function notSignedIn(): Failure {
  return new Failure('not-permitted', mustBeSignedIn)
}

const mustBeSignedIn = 'must be signed in'

/** A field stands only where there is something to say. */
function keyJson(token: Token, accounts: ReadonlyMap<TokenId, Account>, project: Project | undefined) {
  const { serial, label, start, createdAt, expiresAt, use } = token
  return {
    id: serial,
    account_id: accounts.get(token.id)?.uuid ?? null,
    created: formatInstant(createdAt),
    name: label,
    trunc: start,
    ...(project === undefined ? {} : { project_id: project.uuid }),
    ...(expiresAt === null ? {} : { expire: formatInstant(expiresAt) }),
    ...(use.lastAt === null ? {} : { last_active: formatInstant(use.lastAt) }),
  }
}

/** Its clients look at the body alone: what is refused comes with 200, and only what is no answer of ours has a status. */
function refuse({ key, status, detail, headers }: Refusal): WireAnswer {
  const isNoAnswer = status >= 500 || key === 'route-not-found' || key === 'method-not-allowed'
  const { 'www-authenticate': _challenge, ...rest } = headers
  const error = status === 401 ? mustBeSignedIn : detail
  return { status: isNoAnswer ? status : 200, headers: rest, body: { error } }
}
