import type { Instances, InstanceState } from '@chatelaine/core'
import { all, get, run, runOne, type Row, type SqlValue } from '../sql/steps.ts'
import type { Connection } from './connection.ts'
import { asking } from './fault.ts'
import { hintChannel } from './feed.ts'
import type { Lane } from './lane.ts'

const columns = ['id', 'epoch', 'seq', 'beat', 'verifier_count', 'lowest_seq', 'longest_lease_ms']

const values = columns.map(() => '?').join(', ')
const observed = columns.slice(1)

// The answer to an earlier attempt may have been lost on its way.
const joinSql = `
  INSERT INTO verifiers (${columns.join(', ')}) VALUES (${values})
  ON CONFLICT (id) DO UPDATE SET ${observed.map((column) => `${column} = excluded.${column}`).join(', ')}`

// Nothing waits for the disk: an update that is lost leaves an older one, and then barriers wait longer than they must.
const updateSql = `
  WITH updated AS (
    UPDATE verifiers SET ${observed.map((column) => `${column} = ?`).join(', ')}
    WHERE id = ? AND beat >= ? RETURNING id
  )
  SELECT count(*) AS updated, set_config('synchronous_commit', 'off', true),
    CASE WHEN ?::boolean THEN pg_notify(?, '') END
  FROM updated`

const listSql = `SELECT ${columns.join(', ')} FROM verifiers ORDER BY id`

const removeSql = `
  WITH removed AS (DELETE FROM verifiers WHERE id = ? AND beat = ? RETURNING id)
  SELECT pg_notify(?, '') FROM removed`

export class PostgresInstances implements Instances {
  readonly #registration: Lane
  readonly #barrier: Lane
  /** What the row of this instance was last known to have applied. */
  #told: string | undefined
  #listedOn: Connection | undefined
  readonly #reconnectListeners: (() => void)[] = []

  /**
   * @param registration for writing what this instance says of itself
   * @param barrier for reading what the others say of themselves
   */
  constructor(registration: Lane, barrier: Lane) {
    this.#registration = registration
    this.#barrier = barrier
  }

  join(state: InstanceState): Promise<void> {
    return asking(() =>
      this.#registration.use((connection) => connection.perform(runOne(joinSql, state.id, ...observationsOf(state)))),
    )
  }

  async update(state: InstanceState, lastBeat: number): Promise<boolean> {
    const applied = `${state.applied.epoch}.${state.applied.seq}`
    // Whoever waits for this instance waits for that, and for nothing else in its row.
    const isNews = applied !== this.#told
    const ask = get(updateSql, ...observationsOf(state), state.id, lastBeat, isNews ? 1 : 0, hintChannel)
    const row = await asking(() => this.#registration.use((connection) => connection.perform(ask)))
    this.#told = applied
    return row?.updated === 1
  }

  async list(): Promise<readonly InstanceState[]> {
    const rows = await asking(() =>
      this.#barrier.use((connection) => {
        this.#noteConnection(connection)
        return connection.perform(all(listSql))
      }),
    )
    return rows.map(stateIn)
  }

  async remove(id: string, beat: number): Promise<void> {
    const ask = run(removeSql, id, beat, hintChannel)
    await asking(() => this.#registration.use((connection) => connection.perform(ask)))
  }

  onReconnect(listener: () => void): void {
    this.#reconnectListeners.push(listener)
  }

  #noteConnection(connection: Connection): void {
    const before = this.#listedOn
    this.#listedOn = connection
    if (before === undefined || before === connection) return
    for (const listener of this.#reconnectListeners) listener()
  }
}

function observationsOf({ applied, beat, verifiers }: InstanceState): SqlValue[] {
  return [applied.epoch, applied.seq, beat, verifiers.count, verifiers.lowestSeq, verifiers.longestLeaseMs]
}

function stateIn(row: Row): InstanceState {
  return {
    id: String(row.id),
    applied: { epoch: String(row.epoch), seq: Number(row.seq) },
    beat: Number(row.beat),
    verifiers: {
      count: Number(row.verifier_count),
      lowestSeq: row.lowest_seq === null ? null : Number(row.lowest_seq),
      longestLeaseMs: Number(row.longest_lease_ms),
    },
  }
}
