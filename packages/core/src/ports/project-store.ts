import type { AccountId, ProjectId } from '../domain/id.ts'
import type { Project, ProjectStatus } from '../domain/project.ts'
import type { Page, PagePosition } from './page.ts'

export interface ProjectStore {
  find(id: ProjectId): Promise<Project | undefined>
  /** By name, then by serial. */
  list(query: ProjectQuery): Promise<Page<Project>>
}

export interface ProjectQuery {
  /** These two name one project. */
  readonly serial?: number
  readonly uuid?: string
  readonly id?: ProjectId
  /** Only projects that this account is a member of. */
  readonly memberId?: AccountId
  readonly status?: ProjectStatus
  /** Matches where the name contains it, without regard to case. */
  readonly text?: string
  readonly limit: number
  readonly after?: PagePosition
}
