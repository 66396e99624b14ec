import {
  foldName,
  type Page,
  type Project,
  type ProjectId,
  type ProjectQuery,
  type ProjectStore,
} from '@chatelaine/core'
import { findProject, findProjectBySerial } from '../tables/find.ts'
import { pageOf } from './page.ts'
import type { Records } from './reads.ts'
import { walk, type Condition } from './walk.ts'

export class SqlProjectStore implements ProjectStore {
  readonly #records: Records

  constructor(records: Records) {
    this.#records = records
  }

  find(id: ProjectId): Promise<Project | undefined> {
    return this.#records.reads.read(findProject(this.#records.sealer, id))
  }

  list(query: ProjectQuery): Promise<Page<Project>> {
    const { reads, sealer } = this.#records
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
    return pageOf(reads, walk(reads, list, limit + 1), limit, (serial) => findProjectBySerial(sealer, serial))
  }
}

function withinOf({ id, serial, uuid, memberId }: ProjectQuery): Condition[] {
  const conditions: Condition[] = []
  if (serial !== undefined) conditions.push({ sql: 'serial = ?', parameters: [serial] })
  if (uuid !== undefined) conditions.push({ sql: 'uuid = ?', parameters: [uuid] })
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
