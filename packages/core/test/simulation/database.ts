import {
  Failure,
  type Change,
  type CommitOutcome,
  type EpochMs,
  type FeedPage,
  type Instances,
  type InstanceState,
  type LogFeed,
  type Once,
  type SharedLog,
} from '@chatelaine/core'
import { ModelStore } from '../model-store.ts'
import { KnownLog } from './known-log.ts'
import { beginningAt, type Machine } from './machine.ts'
import type { Chance, Schedule } from './schedule.ts'

/** Every call ends within this time, by the caller's own clock. */
const deadlineMs = 500

/** So long a transaction may wait for the counter, and hold it without a word from its client. */
const lockMs = 300

/** How things are on the way between the machines and the database. */
export interface Network {
  /** Of a hundred messages so many are slow, and so many get lost. */
  readonly slowPercent: number
  readonly lostPercent: number
}

/** A transaction that holds the counter of the log, or waits for it. */
interface Transaction {
  onLocked: ((isLocked: boolean) => void) | undefined
}

/**
 * A database that several machines use: it answers like the model, in one order, while questions and answers travel,
 * are slow, get lost, or arrive after whoever asked has given up. Whoever commits first takes the counter of the log and
 * holds it for a further message to and fro.
 */
export class SimulatedDatabase {
  readonly store = new ModelStore('first')
  readonly known = new KnownLog(this.store)
  /** Called when a machine has taken away again what it knows to have been, after the log was put back. */
  onMended: (machine: Machine) => void = () => undefined
  /** So far its clock is ahead of the time that passes. */
  aheadMs = 0
  isDown = false
  network: Network = { slowPercent: 0, lostPercent: 0 }
  readonly #schedule: Schedule
  readonly #chance: Chance
  readonly #rows = new Map<string, InstanceState>()
  readonly #listeners: { machine: Machine; listener: () => void }[] = []
  #transactions: Transaction[] = []
  /** Counts its replacements: no connection outlives one. */
  #generation = 1

  constructor(schedule: Schedule, chance: Chance) {
    this.#schedule = schedule
    this.#chance = chance
  }

  get nowMs(): number {
    return this.#schedule.nowMs
  }

  get at(): EpochMs {
    return beginningAt + Math.floor(this.#schedule.nowMs + this.aheadMs)
  }

  get rows(): readonly InstanceState[] {
    return [...this.#rows.values()]
  }

  /** Another one takes its place, with everything that was committed, in a new epoch, and perhaps without the instances. */
  replace({ withRows }: { withRows: boolean }): void {
    this.#generation += 1
    this.store.beginEpoch(`epoch ${this.#generation}`)
    for (const { onLocked } of this.#transactions.splice(0)) onLocked?.(false)
    if (!withRows) this.#rows.clear()
  }

  /** Keeps everything as it is now, the instances too. What it answers puts that back, or the instances alone, under all. */
  backUp(): (what: 'everything' | 'instances') => void {
    const putBack = this.store.backUp()
    const rows = [...this.#rows]
    return (what) => {
      if (what === 'everything') putBack()
      this.known.cutOff()
      this.#rows.clear()
      for (const [id, state] of rows) this.#rows.set(id, state)
      for (const { onLocked } of this.#transactions.splice(0)) onLocked?.(false)
    }
  }

  /** Reads for a request. Nobody is told what a log holds that was put back. */
  read<T>(machine: Machine, carryOut: () => T | Promise<T>): Promise<T> {
    return this.call(machine, async () => {
      const result = await carryOut()
      if (this.known.leavesOut !== 'reads prove the log' && !this.known.isKnown(machine)) throw unavailable()
      return result
    })
  }

  /** Asks and answers. What is asked may be carried out though the answer never comes. */
  call<T>(machine: Machine, carryOut: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(unavailable())
      const cancel = machine.timer.after(deadlineMs, fail)
      this.#travel(machine, () => {
        if (this.isDown) return this.#travel(machine, () => machine.deliver(fail))
        const result = Promise.resolve(carryOut())
        result.then(
          (value) => this.#answer(machine, cancel, () => resolve(value)),
          (error: unknown) => this.#answer(machine, cancel, () => reject(error)),
        )
      })
    })
  }

  async commit(machine: Machine, changes: readonly Change[], once?: Once): Promise<CommitOutcome> {
    const transaction: Transaction = { onLocked: undefined }
    const isLocked = await this.call(machine, () => this.#lock(transaction))
    if (!isLocked) throw unavailable()
    return this.call(machine, async () => {
      await this.#pass(this.#chance.between(0.5, 5))
      if (this.#transactions[0] !== transaction) throw unavailable()
      const isProven = this.known.leavesOut === 'writers prove the log' || this.known.isMended(machine)
      if (!isProven) await this.#mend(machine)
      const before = this.store.entries.length
      const outcome = isProven && changes.length > 0 ? await this.store.log.commit(changes, once) : undefined
      const isCommitted = outcome?.outcome === 'committed'
      if (isCommitted) await this.known.wrote(machine, this.store.entries.slice(before))
      this.#release(transaction)
      this.#hint()
      if (!isProven && changes.length > 0) throw unavailable()
      return outcome!
    })
  }

  async #mend(machine: Machine): Promise<void> {
    await this.known.mend(machine, this.nowMs)
    this.onMended(machine)
  }

  /** What a storage on this machine offers of the log and of the instances. */
  sharedLog(machine: Machine): SharedLog {
    const { known } = this
    const call = <T>(carryOut: () => Promise<T>): Promise<T> => this.call(machine, carryOut)
    const feed: LogFeed = {
      readAfter: (place, limit) =>
        call(async (): Promise<FeedPage> => {
          const isPutBack = ('chain' in place && place.epoch !== '' && !known.holds(place)) || !known.isKnown(machine)
          if (isPutBack || place.epoch !== this.store.epoch) return { outcome: 'resync', isPutBack }
          const { seq } = place
          const entries = this.store.entries.slice(seq, seq + limit)
          const reached = { epoch: place.epoch, seq: seq + entries.length, chain: known.chainAt(seq + entries.length) }
          await known.tell(machine, reached, entries)
          const isMore = seq + limit < this.store.entries.length
          return { outcome: 'entries', entries, isMore, chain: reached.chain, authorityAt: this.at }
        }),
      readEnd: async () => {
        // Whatever this machine knows to have been taken away is so again before it goes on.
        if (!known.isMended(machine)) await this.commit(machine, [])
        return call(async () => {
          if (known.isSettling(this.nowMs) || !known.isMended(machine)) throw unavailable()
          const { chain, ...position } = known.end
          await known.begin(machine)
          return { position, chain, authorityAt: this.at }
        })
      },
      onHint: (listener) => void this.#listeners.push({ machine, listener }),
    }
    return { feed, instances: this.#instances(machine), onWithheld: () => undefined }
  }

  #instances(machine: Machine): Instances {
    const listeners: (() => void)[] = []
    let connection = `${machine.connections}.${this.#generation}`
    /** Over a connection that was made anew nothing is answered before whoever listens knows of it. */
    const call = async <T>(carryOut: () => T): Promise<T> => {
      const [result, over] = await this.call(machine, () => {
        return [carryOut(), `${machine.connections}.${this.#generation}`] as const
      })
      if (over !== connection) for (const listener of listeners) listener()
      connection = over
      return result
    }
    return {
      join: (state) => call(() => void this.#rows.set(state.id, state)),
      update: (state, last) => call(() => this.#isAsTold(state, last) && this.#rows.set(state.id, state) !== undefined),
      list: () => call(() => this.rows),
      remove: (id, beat) => call(() => void (this.#rows.get(id)?.beat === beat && this.#rows.delete(id))),
      onReconnect: (listener) => void listeners.push(listener),
    }
  }

  #isAsTold({ id }: InstanceState, lastBeat: number): boolean {
    const row = this.#rows.get(id)
    return row !== undefined && (this.known.leavesOut === 'rows prove themselves' || row.beat >= lastBeat)
  }

  #lock(transaction: Transaction): Promise<boolean> {
    return new Promise((resolve) => {
      transaction.onLocked = resolve
      this.#transactions.push(transaction)
      if (this.#transactions[0] === transaction) this.#grant(transaction)
      else this.#schedule.after(lockMs, () => this.#giveUp(transaction))
    })
  }

  #grant(transaction: Transaction): void {
    transaction.onLocked?.(true)
    transaction.onLocked = undefined
    this.#schedule.after(lockMs, () => this.#release(transaction))
  }

  #giveUp(transaction: Transaction): void {
    if (transaction.onLocked === undefined) return
    transaction.onLocked(false)
    this.#transactions = this.#transactions.filter((one) => one !== transaction)
  }

  #release(transaction: Transaction): void {
    if (this.#transactions[0] !== transaction) return
    this.#transactions.shift()
    const [next] = this.#transactions
    if (next !== undefined) this.#grant(next)
  }

  /** A wake-up for everybody, that some never get and some get twice. */
  #hint(): void {
    for (const { machine, listener } of this.#listeners) {
      const times = this.#chance.happens(this.network.lostPercent * 10) ? 0 : this.#chance.happens(10) ? 2 : 1
      for (let time = 0; time < times; time += 1) this.#travel(machine, () => machine.deliver(listener))
    }
  }

  #answer(machine: Machine, cancelDeadline: () => void, give: () => void): void {
    this.#travel(machine, () =>
      machine.deliver(() => {
        cancelDeadline()
        give()
      }),
    )
  }

  #travel(machine: Machine, arrive: () => void): void {
    if (machine.isCutOff || this.#chance.happens(this.network.lostPercent)) return
    if (machine.isSlow) return void this.#schedule.after(this.#chance.between(100, deadlineMs / 2), arrive)
    const isSlow = this.#chance.happens(this.network.slowPercent)
    const longest = isSlow ? this.#chance.pick([50, 300, deadlineMs, 3 * deadlineMs]) : 2
    this.#schedule.after(this.#chance.between(0.1, longest), arrive)
  }

  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#schedule.after(ms, resolve))
  }
}

function unavailable(): Failure {
  return new Failure('unavailable', 'The database does not answer.', { retryAfterSeconds: 1 })
}
