import type {
  ListProjectsQuery,
  Member,
  MemberCreate,
  MemberUpdate,
  Project,
  ProjectCreate,
  ProjectList,
  ProjectUpdate,
} from '../contract.ts'
import type { Caller, CallOptions } from './call.ts'
import { itemsOf } from './pages.ts'

/** Shared places and their members. */
export class ProjectsClient {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  create(body: ProjectCreate, options?: CallOptions): Promise<Project> {
    return this.#caller.call('createProject', { body }, options)
  }

  /** Every project that the filters find, page after page. */
  list(query: ListProjectsQuery = {}, options?: CallOptions): AsyncIterable<Project> {
    return itemsOf((cursor) => this.page({ ...query, cursor: cursor ?? query.cursor }, options))
  }

  page(query: ListProjectsQuery = {}, options?: CallOptions): Promise<ProjectList> {
    return this.#caller.call('listProjects', { query }, options)
  }

  get(id: string, options?: CallOptions): Promise<Project> {
    return this.#caller.call('getProject', { params: { id } }, options)
  }

  update(id: string, body: ProjectUpdate, options?: CallOptions): Promise<Project> {
    return this.#caller.call('updateProject', { params: { id }, body }, options)
  }

  /** Its tokens are dead everywhere once this is done, and nothing undoes it. */
  archive(id: string, options?: CallOptions): Promise<Project> {
    return this.#caller.call('archiveProject', { params: { id } }, options)
  }

  async listMembers(id: string, options?: CallOptions): Promise<readonly Member[]> {
    return (await this.#caller.call('listMembers', { params: { id } }, options)).data
  }

  addMember(id: string, body: MemberCreate, options?: CallOptions): Promise<Member> {
    return this.#caller.call('addMember', { params: { id }, body }, options)
  }

  updateMember(id: string, accountId: string, body: MemberUpdate, options?: CallOptions): Promise<Member> {
    return this.#caller.call('updateMember', { params: { id, account_id: accountId }, body }, options)
  }

  /** The tokens of the project that the account made are dead everywhere once this is done. */
  removeMember(id: string, accountId: string, options?: CallOptions): Promise<void> {
    return this.#caller.call('removeMember', { params: { id, account_id: accountId } }, options)
  }
}
