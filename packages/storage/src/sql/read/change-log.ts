import type {
  AuditKey,
  Change,
  ChangeLog,
  CommitOutcome,
  EpochMs,
  LogEntry,
  LogExport,
  LogFilters,
  LogQuery,
  Once,
  Page,
  PagePosition,
} from '@chatelaine/core'
import type { Keys } from '@chatelaine/token/keys'
import { readAuditKeys } from '../master-keys.ts'
import { get, type Steps } from '../steps.ts'
import { decodeEntry, entryColumns, entryTables } from '../tables/log-table.ts'
import type { Writing } from '../write/writing.ts'
import { beginExport } from './export.ts'
import { mergeNewestFirst } from './merge.ts'
import { pageOf } from './page.ts'
import type { Records } from './reads.ts'
import { walk, type Condition, type Walk } from './walk.ts'

export class SqlChangeLog implements ChangeLog {
  readonly #records: Records
  readonly #queue: Writing
  readonly #keys: Pick<Keys, 'sign'>

  constructor(records: Records, queue: Writing, keys: Pick<Keys, 'sign'>) {
    this.#records = records
    this.#queue = queue
    this.#keys = keys
  }

  commit(changes: readonly Change[], once?: Once): Promise<CommitOutcome> {
    return this.#queue.write({ do: 'commit', changes, once })
  }

  read(query: LogQuery): Promise<Page<LogEntry>> {
    return pageOf(this.#records.reads, this.#places(query), query.limit, findEntry)
  }

  export(filters: LogFilters, at: EpochMs): Promise<LogExport> {
    return beginExport(this.#records.reads, this.#keys, filters, at)
  }

  auditKeys(): Promise<readonly AuditKey[]> {
    return this.#records.reads.read(readAuditKeys(this.#records.sealer))
  }

  #places(query: LogQuery): AsyncGenerator<PagePosition> {
    const list: Walk = {
      table: 'changes',
      sortedBy: undefined,
      serial: 'seq',
      descending: true,
      after: query.after,
      within: withinOf(query),
      filters: filtersOf(query),
    }
    const { reads } = this.#records
    const firstStepRows = query.limit + 1
    if (query.concerning === undefined) return walk(reads, list, firstStepRows)
    const [did, underwent] = ['actor_account_id', 'owner_id'].map((column) => {
      const concerning = { sql: `${column} = ?`, parameters: [query.concerning!] }
      return walk(reads, { ...list, within: [...list.within, concerning] }, firstStepRows)
    })
    return mergeNewestFirst(did!, underwent!)
  }
}

function* findEntry(seq: number): Steps<LogEntry | undefined> {
  const row = yield* get(`SELECT ${entryColumns} FROM ${entryTables} WHERE seq = ?`, seq)
  return row && decodeEntry(row)
}

/** What an index leads to. */
function withinOf({ subjectId, actorId, action }: LogQuery): Condition[] {
  const conditions: Condition[] = []
  if (subjectId !== undefined) conditions.push({ sql: 'subject_id = ?', parameters: [subjectId] })
  if (actorId !== undefined) {
    const column = actorId.startsWith('tok_') ? 'actor_token_id' : 'actor_account_id'
    conditions.push({ sql: `${column} = ?`, parameters: [actorId] })
  }
  if (action !== undefined) conditions.push({ sql: 'action = ?', parameters: [action] })
  return conditions
}

function filtersOf({ from, until }: LogQuery): Condition[] {
  const conditions: Condition[] = []
  if (from !== undefined) conditions.push({ sql: 'at >= ?', parameters: [from] })
  if (until !== undefined) conditions.push({ sql: 'at < ?', parameters: [until] })
  return conditions
}
