import type { HistoryPage, LogHistory, Position } from '@chatelaine/core'
import { entryTables } from '../../sql/tables/log-table.ts'
import type { Connection } from '../connection.ts'
import { reading } from './reader.ts'

type Entry = Extract<HistoryPage, { outcome: 'entries' }>['entries'][number]

const behindSql = `SELECT changes.seq, epochs.epoch, effect, subject_type, subject_id FROM ${entryTables}
  WHERE changes.seq > ? ORDER BY changes.seq LIMIT ?`

const endSql = 'SELECT epochs.epoch FROM counters JOIN epochs ON epochs.serial = epoch_serial'

/** Nothing of the log is ever removed, so that only another epoch makes a reader begin anew. */
export class SqliteLogHistory implements LogHistory {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  readAfter({ epoch, seq }: Position, limit: number): Promise<HistoryPage> {
    return reading(() => {
      const rows = this.#connection.all(behindSql, seq, limit + 1)
      const entries = rows.slice(0, limit).map(
        (row) =>
          ({
            epoch: row.epoch,
            seq: row.seq,
            effect: row.effect,
            subject: { type: row.subject_type, id: row.subject_id },
          }) as Entry,
      )
      // The log ends in the current epoch, and whatever lies between a place of it and its end is of it too.
      const isOther = this.#connection.get(endSql)?.epoch !== epoch || entries.some((entry) => entry.epoch !== epoch)
      return isOther ? { outcome: 'resync' } : { outcome: 'entries', entries, isMore: rows.length > limit }
    })
  }
}
