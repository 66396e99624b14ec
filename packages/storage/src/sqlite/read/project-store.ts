import {
  foldName,
  type Page,
  type Project,
  type ProjectId,
  type ProjectQuery,
  type ProjectStore,
} from '@chatelaine/core'
import { findProject, findProjectBySerial } from '../../sql/tables/find.ts'
import { pageOf } from './page.ts'
import type { Steps } from '../../sql/steps.ts'
import { reading, type Records } from './reader.ts'
import { walk, type Condition } from './walk.ts'

export class SqliteProjectStore implements ProjectStore {
  readonly #records: Records

  constructor(records: Records) {
    this.#records = records
  }

  #perform<T>(steps: Steps<T>): T {
    return this.#records.connection.perform(steps)
  }

  find(id: ProjectId): Promise<Project | undefined> {
    return reading(() => this.#perform(findProject(this.#records.sealer, id)))
  }

  list(query: ProjectQuery): Promise<Page<Project>> {
    return reading(() => {
      const { connection } = this.#records
      const { limit, after } = query
      const list = {
        table: 'projects',
        sortedBy: 'name_folded',
        serial: 'serial',
        descending: false,
        after,
        within: withinOf(query),
        filters: filtersOf(query),
      }
      return pageOf(walk(connection, list, limit + 1), limit, (serial) =>
        this.#perform(findProjectBySerial(this.#records.sealer, serial)),
      )
    })
  }
}

function withinOf({ id, memberId }: ProjectQuery): Condition[] {
  const conditions: Condition[] = []
  if (id !== undefined) conditions.push({ sql: 'id = ?', parameters: [id] })
  if (memberId !== undefined) {
    const sql = 'id IN (SELECT project_id FROM project_members WHERE account_id = ?)'
    conditions.push({ sql, parameters: [memberId] })
  }
  return conditions
}

function filtersOf({ status, text }: ProjectQuery): Condition[] {
  const conditions: Condition[] = []
  if (status !== undefined) conditions.push({ sql: 'status = ?', parameters: [status] })
  if (text !== undefined) conditions.push({ sql: 'instr(name_folded, ?) > 0', parameters: [foldName(text)] })
  return conditions
}
