import type { FeedEnd, FeedPage, LogFeed, Position } from '@chatelaine/core'
import { all, get, type Row, type Steps } from '../sql/steps.ts'
import { decodeEntry, entryColumns, entryTables } from '../sql/tables/log-table.ts'
import type { Connection } from './connection.ts'
import { asking, ConnectionLost } from './fault.ts'
import { currentHistory } from './history.ts'
import type { Lane } from './lane.ts'

/** On which instances tell each other that there is something new. Those of other deployments in the database hear it too. */
export const hintChannel = 'chatelaine'

/** Where the log stands, in the time of the one clock that all instances share. */
const endColumns = `ending.epoch AS end_epoch, counters.seq AS end_seq, ending.after_seq,
  ending.history = ${currentHistory} AS is_own_history,
  floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS authority_at`

const endTables = 'counters JOIN epochs AS ending ON ending.serial = counters.epoch_serial'

const endSql = `SELECT ${endColumns} FROM ${endTables}`

/** One row at least, so that the end of the log is known also when there is nothing new. */
const afterSql = `
  SELECT ${endColumns}, entry.* FROM ${endTables}
  LEFT JOIN (
    SELECT ${entryColumns} FROM ${entryTables} WHERE changes.seq > ? ORDER BY changes.seq LIMIT ?
  ) AS entry ON TRUE
  ORDER BY entry.seq`

export class PostgresLogFeed implements LogFeed {
  readonly #lane: Lane
  readonly #onOtherHistory: () => void
  readonly #listeners: (() => void)[] = []
  readonly #listening = new WeakSet<Connection>()

  /**
   * @param lane one connection, where the server also tells of news
   * @param onOtherHistory called when the server goes on from an older state than the log's epoch was written in, so
   *   that somebody begins another one. Until then nobody can say what the log holds. Must not throw.
   */
  constructor(lane: Lane, onOtherHistory: () => void) {
    this.#lane = lane
    this.#onOtherHistory = onOtherHistory
  }

  readAfter(position: Position, limit: number): Promise<FeedPage> {
    return this.#ask(async (connection) => {
      const rows = await connection.perform(all(afterSql, position.seq, limit + 1))
      const end = this.#endIn(rows[0])
      const found = rows.filter((row) => row.seq !== null)
      const isGap = found.length > 0 && found[0]?.seq !== position.seq + 1
      if (end.position.epoch !== position.epoch || isGap) return { outcome: 'resync' }
      return {
        outcome: 'entries',
        entries: found.slice(0, limit).map(decodeEntry),
        isMore: found.length > limit,
        authorityAt: end.authorityAt,
      }
    })
  }

  readEnd(): Promise<FeedEnd> {
    return this.#ask(async (connection) => this.#endIn(await connection.perform(get(endSql))))
  }

  onHint(listener: () => void): void {
    this.#listeners.push(listener)
  }

  #ask<T>(read: (connection: Connection) => Promise<T>): Promise<T> {
    return asking(() =>
      this.#lane.use(async (connection) => {
        await this.#listenOn(connection)
        return read(connection)
      }),
    )
  }

  /** A connection that was lost took its listening with it. */
  async #listenOn(connection: Connection): Promise<void> {
    if (this.#listening.has(connection)) return
    await connection.listen(hintChannel, () => {
      for (const listener of this.#listeners) listener()
    })
    this.#listening.add(connection)
  }

  #endIn(row: Row | undefined): FeedEnd {
    if (row === undefined) throw new Error('the database has no counters')
    if (row.is_own_history !== 1) {
      this.#onOtherHistory()
      throw new ConnectionLost('the server goes on from an older state, and the log has no epoch for it yet')
    }
    return {
      position: { epoch: String(row.end_epoch), seq: Number(row.end_seq) },
      authorityAt: Number(row.authority_at),
    }
  }
}

/** Tells the other instances, once what this is a part of is committed. */
export function* hint(): Steps<void> {
  yield* all('SELECT pg_notify(?, ?)', hintChannel, '')
}
