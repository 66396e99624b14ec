import {
  Failure,
  instanceLeaseMs,
  leaseMarginMs,
  type FeedEnd,
  type FeedPage,
  type LogFeed,
  type LogPlace,
  type Position,
} from '@chatelaine/core'
import { putBack } from '../journal/restored.ts'
import { all, get, together, type Row, type Steps } from '../sql/steps.ts'
import { decodeEntry, entryColumns, entryTables } from '../sql/tables/log-table.ts'
import type { Connection } from './connection.ts'
import { asking, ConnectionLost } from './fault.ts'
import { currentHistory } from './history.ts'
import { holds, type KnownLog } from './known-log.ts'
import type { Lane } from './lane.ts'

/** On which instances tell each other that there is something new. Those of other deployments in the database hear it too. */
export const hintChannel = 'chatelaine'

/** Where the log stands, in the time of the one clock that all instances share. */
const endColumns = `ending.epoch AS end_epoch, counters.seq AS end_seq, counters.chain AS end_chain, ending.after_seq,
  ending.history = ${currentHistory} AS is_own_history,
  floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS authority_at`

const endTables = 'counters JOIN epochs AS ending ON ending.serial = counters.epoch_serial'

/** When the epoch began with what a running instance found put back: the time since. */
const endSql = `
  SELECT ${endColumns}, (
    SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - at FROM changes
    WHERE seq = ending.after_seq + 1 AND action = 'deployment.restored' AND details LIKE '%"because":"${putBack}"%'
  ) AS put_back_since_ms
  FROM ${endTables}`

/** One row at least, so that the end of the log is known also when there is nothing new. */
const afterSql = `
  SELECT ${endColumns}, entry.* FROM ${endTables}
  LEFT JOIN (
    SELECT ${entryColumns}, changes.chain FROM ${entryTables} WHERE changes.seq > ? ORDER BY changes.seq LIMIT ?
  ) AS entry ON TRUE
  ORDER BY entry.seq`

/** So long after the log was put back an instance that runs may still have to take away again what it knows of. */
const settlingMs = instanceLeaseMs + leaseMarginMs

export interface LogFeedParts {
  /** One connection, where the server also tells of news. */
  readonly lane: Lane
  /** What is told of the log here is noted there. */
  readonly known: KnownLog
  /**
   * Called when the server goes on from an older state than the log's epoch was written in, so that somebody begins
   * another one. Until then nobody can say what the log holds. Must not throw.
   */
  readonly onOtherHistory: () => void
  /**
   * Takes away again, in an epoch of its own, what this instance knows to have been, where the log was put back.
   * @throws `unavailable` (rejects)
   */
  readonly mend: () => Promise<void>
}

export class PostgresLogFeed implements LogFeed {
  readonly #parts: LogFeedParts
  readonly #listeners: (() => void)[] = []
  readonly #listening = new WeakSet<Connection>()

  constructor(parts: LogFeedParts) {
    this.#parts = parts
  }

  async readAfter(place: Position | LogPlace, limit: number): Promise<FeedPage> {
    const { known } = this.#parts
    // What a verifier elsewhere says that it has heard of proves nothing.
    const mustHold = 'chain' in place ? [place, ...known.places] : []
    const [rows, isHeld] = await this.#ask(together<unknown>([all(afterSql, place.seq, limit + 1), holds(mustHold)]))
    const page = this.#pageIn(rows as readonly Row[], isHeld as boolean, place, limit)
    if (page.outcome === 'entries' && 'chain' in place) {
      known.tell({ epoch: place.epoch, seq: place.seq + page.entries.length, chain: page.chain })
    }
    return page
  }

  #pageIn(rows: readonly Row[], isHeld: boolean, place: Position | LogPlace, limit: number): FeedPage {
    const { position, chain, authorityAt } = this.#endIn(rows[0])
    const found = rows.filter((row) => row.seq !== null)
    const isGap = found.length > 0 && found[0]?.seq !== place.seq + 1
    if (!isHeld || position.epoch !== place.epoch || position.seq < place.seq || isGap) {
      return { outcome: 'resync', isPutBack: !isHeld }
    }
    const told = found.slice(0, limit)
    return {
      outcome: 'entries',
      entries: told.map(decodeEntry),
      isMore: found.length > limit,
      chain: String(told.at(-1)?.chain ?? chain),
      authorityAt,
    }
  }

  async readEnd(): Promise<FeedEnd> {
    const { known, mend } = this.#parts
    let [row, isHeld] = await this.#readEnd()
    if (!isHeld) {
      await mend()
      ;[row] = await this.#readEnd()
    }
    const end = this.#endIn(row)
    const sinceMs = row?.put_back_since_ms ?? null
    if (sinceMs !== null && Number(sinceMs) < settlingMs) {
      throw unreadable('the database was put back a moment ago, and what was revoked since is being revoked again')
    }
    known.begin({ ...end.position, chain: end.chain })
    return end
  }

  async #readEnd(): Promise<[end: Row | undefined, isHeld: boolean]> {
    const [row, isHeld] = await this.#ask(together<unknown>([get(endSql), holds(this.#parts.known.places)]))
    return [row as Row | undefined, isHeld as boolean]
  }

  onHint(listener: () => void): void {
    this.#listeners.push(listener)
  }

  #ask<T>(steps: Steps<T>): Promise<T> {
    return asking(() =>
      this.#parts.lane.use(async (connection) => {
        await this.#listenOn(connection)
        return connection.perform(steps)
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
      this.#parts.onOtherHistory()
      throw unreadable('the server goes on from an older state, and the log has no epoch for it yet')
    }
    return {
      position: { epoch: String(row.end_epoch), seq: Number(row.end_seq) },
      chain: String(row.end_chain),
      authorityAt: Number(row.authority_at),
    }
  }
}

function unreadable(because: string): Failure {
  const message = 'The database cannot say at the moment what holds. Try again in a second.'
  return new Failure('unavailable', message, { retryAfterSeconds: 1, cause: new ConnectionLost(because) })
}

/** Tells the other instances, once what this is a part of is committed. */
export function* hint(): Steps<void> {
  yield* all('SELECT pg_notify(?, ?)', hintChannel, '')
}
