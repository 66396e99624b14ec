import {
  adoptToken,
  archiveProject,
  changeProject,
  createProject,
  formatInstant,
  listProjects,
  findAccountToAdd,
  nameMembers,
  putMember,
  readMembers,
  readProject,
  removeMember,
  type Member,
  type NamedMember,
  type Project,
} from '@chatelaine/core'
import type { AnswerOf } from '@chatelaine/api'
import type { Service } from '../service.ts'
import { cursorOf, pageStart } from './cursor.ts'
import type { Handlers } from './handler.ts'
import { policyPartsJson, policyPartsOf } from './settings.ts'
import { tokenJson } from './token-json.ts'

type ProjectRoutes =
  | 'createProject'
  | 'listProjects'
  | 'getProject'
  | 'updateProject'
  | 'archiveProject'
  | 'listMembers'
  | 'addMember'
  | 'updateMember'
  | 'removeMember'
  | 'adoptToken'

/** `/api/v1/projects`. */
export function projects({ ports }: Service): Handlers<ProjectRoutes> {
  const named = async (member: Member) => memberJson((await nameMembers(ports, [member]))[0]!)
  return {
    async createProject({ caller, body, once }) {
      const { owner_id: ownerId, ...rest } = body
      const made = await createProject(ports, caller, { ...rest, ...(ownerId === undefined ? {} : { ownerId }) }, once)
      const json = projectJson(made.project)
      if (made.repeated) return { status: 200, body: json, headers: { 'idempotency-replayed': 'true' } }
      return { status: 201, body: json, headers: { location: `/api/v1/projects/${made.project.id}` } }
    },

    async listProjects({ caller, query }) {
      const list = { name: 'projects', caller, query }
      const { status, q, limit } = query
      const filters = { ...(status === undefined ? {} : { status }), ...(q === undefined ? {} : { text: q }), limit }
      const page = await listProjects(ports, caller, { ...filters, ...pageStart(ports.keys, list) })
      const data = page.items.map(projectJson)
      return { status: 200, body: { data, next_cursor: cursorOf(ports.keys, list, page.next) } }
    },

    async getProject({ caller, params }) {
      return { status: 200, body: projectJson(await readProject(ports, caller, params.id)) }
    },

    async updateProject({ caller, params, body }) {
      const { policy, ...rest } = body
      const edit = { ...rest, ...(policy === undefined ? {} : { policy: policyPartsOf(policy) }) }
      return { status: 200, body: projectJson(await changeProject(ports, caller, params.id, edit)) }
    },

    async archiveProject({ caller, params }) {
      return { status: 200, body: projectJson(await archiveProject(ports, caller, params.id)) }
    },

    // A project has a bounded number of members, so they come on one page.
    async listMembers({ caller, params }) {
      const members = await readMembers(ports, caller, params.id)
      return { status: 200, body: { data: members.map(memberJson), next_cursor: null } }
    },

    async addMember({ caller, params, body }) {
      const { account_id: givenId, username = '', role } = body
      const accountId = givenId ?? (await findAccountToAdd(ports, caller, params.id, username))
      return { status: 201, body: await named(await putMember(ports, caller, params.id, accountId, role)) }
    },

    async updateMember({ caller, params, body }) {
      const member = await putMember(ports, caller, params.id, params.account_id, body.role, { mustExist: true })
      return { status: 200, body: await named(member) }
    },

    async removeMember({ caller, params }) {
      await removeMember(ports, caller, params.id, params.account_id)
      return { status: 204, body: null }
    },

    async adoptToken({ caller, params }) {
      return { status: 200, body: tokenJson(await adoptToken(ports, caller, params.id), ports.clock.now()) }
    },
  }
}

/** A project in the words of the API. Its members have a list of their own. */
function projectJson(project: Project): AnswerOf<'getProject', 200> {
  return {
    id: project.id,
    serial: project.serial,
    uuid: project.uuid,
    name: project.name,
    description: project.description,
    status: project.status,
    created_at: formatInstant(project.createdAt),
    policy: policyPartsJson(project.policy),
  }
}

function memberJson({ accountId, username, name, role, since }: NamedMember): AnswerOf<'addMember', 201> {
  return { account_id: accountId, username, name, role, since: formatInstant(since) }
}
