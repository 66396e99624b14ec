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
import { readAuditKeys } from '../../sql/master-keys.ts'
import { decodeEntry, entryColumns, entryTables } from '../../sql/tables/log-table.ts'
import type { Writing } from '../../sql/write/writing.ts'
import { beginExport } from './export.ts'
import { mergeNewestFirst } from './merge.ts'
import { pageOf } from './page.ts'
import type { Steps } from '../../sql/steps.ts'
import { reading, type Records } from './reader.ts'
import { walk, type Condition, type Walk } from './walk.ts'

export class SqliteChangeLog implements ChangeLog {
  readonly #records: Records
  readonly #queue: Writing
  readonly #keys: Pick<Keys, 'sign'>

  constructor(records: Records, queue: Writing, keys: Pick<Keys, 'sign'>) {
    this.#records = records
    this.#queue = queue
    this.#keys = keys
  }

  #perform<T>(steps: Steps<T>): T {
    return this.#records.connection.perform(steps)
  }

  commit(changes: readonly Change[], once?: Once): Promise<CommitOutcome> {
    return this.#queue.write({ do: 'commit', changes, once })
  }

  read(query: LogQuery): Promise<Page<LogEntry>> {
    return reading(() => pageOf(this.#places(query), query.limit, (seq) => this.#entry(seq)))
  }

  export(filters: LogFilters, at: EpochMs): Promise<LogExport> {
    const { seq } = this.#queue.position()
    return reading(() => beginExport(this.#records.connection, this.#keys, filters, at, seq))
  }

  auditKeys(): Promise<readonly AuditKey[]> {
    return reading(() => this.#perform(readAuditKeys(this.#records.sealer)))
  }

  #places(query: LogQuery): AsyncIterable<PagePosition> {
    const list: Walk = {
      table: 'changes',
      sortedBy: undefined,
      serial: 'seq',
      descending: true,
      after: query.after,
      within: withinOf(query),
      filters: filtersOf(query),
    }
    const firstStepRows = query.limit + 1
    if (query.concerning === undefined) return walk(this.#records.connection, list, firstStepRows)
    const [did, underwent] = ['actor_account_id', 'owner_id'].map((column) => {
      const concerning = { sql: `${column} = ?`, parameters: [query.concerning!] }
      return walk(this.#records.connection, { ...list, within: [...list.within, concerning] }, firstStepRows)
    })
    return mergeNewestFirst(did!, underwent!)
  }

  #entry(seq: number): LogEntry | undefined {
    const row = this.#records.connection.get(`SELECT ${entryColumns} FROM ${entryTables} WHERE seq = ?`, seq)
    return row && decodeEntry(row)
  }
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
