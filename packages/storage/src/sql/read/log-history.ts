import type { HistoryPage, LogHistory, Position } from '@chatelaine/core'
import { all, get, type Row, type Steps } from '../steps.ts'
import { entryTables } from '../tables/log-table.ts'
import type { Reads } from './reads.ts'

type Entry = Extract<HistoryPage, { outcome: 'entries' }>['entries'][number]

const behindSql = `SELECT changes.seq, epochs.epoch, effect, subject_type, subject_id FROM ${entryTables}
  WHERE changes.seq > ? ORDER BY changes.seq LIMIT ?`

const endSql = 'SELECT epochs.epoch, seq FROM counters JOIN epochs ON epochs.serial = epoch_serial'

/** Nothing of the log is ever removed, so that only another epoch, or a log that was put back, makes a reader begin anew. */
export class SqlLogHistory implements LogHistory {
  readonly #reads: Reads

  constructor(reads: Reads) {
    this.#reads = reads
  }

  readAfter(position: Position, limit: number): Promise<HistoryPage> {
    return this.#reads.read(readPage(position, limit))
  }
}

function* readPage({ epoch, seq }: Position, limit: number): Steps<HistoryPage> {
  const rows = yield* all(behindSql, seq, limit + 1)
  const end = yield* get(endSql)
  const entries = rows.slice(0, limit).map(entryIn)
  // The log ends in the current epoch, and whatever lies between a place of it and its end is of it too.
  const isOther = end?.epoch !== epoch || Number(end.seq) < seq || entries.some((entry) => entry.epoch !== epoch)
  return isOther ? { outcome: 'resync' } : { outcome: 'entries', entries, isMore: rows.length > limit }
}

function entryIn({ epoch, seq, effect, subject_type: type, subject_id: id }: Row): Entry {
  return { epoch, seq, effect, subject: { type, id } } as Entry
}
