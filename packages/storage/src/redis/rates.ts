import {
  ShareRates,
  type Clock,
  type EpochMs,
  type RateBucket,
  type RateCounter,
  type RateOutcome,
  type UntoldDebt,
} from '@chatelaine/core'
import type { Secret } from '@chatelaine/token'
import { RedisConnection } from './connection.ts'
import { giveBackCall, readTaken, takeCall, tellCall } from './rate-script.ts'

/** While Redis is out of reach it is tried again so often. */
const tryAgainMs = 500

/**
 * After Redis is back, shares are enforced beside it for so long: by then every instance has reached it and told what it
 * admitted meanwhile, so that a Redis which comes back empty does not admit that again.
 */
const settleMs = 2_000

/** Counters that are told at once. */
const toldAtOnceMax = 500

/** Counters of shares that are kept while Redis is out of reach. */
const sharesMax = 100_000

export interface RedisRatesOptions {
  /** redis: or rediss:, perhaps with a name, a password and the number of a database. */
  readonly url: Secret
  readonly clock: Clock
  /** How many instances answer at the moment, this one among them. */
  readonly liveInstances: () => number
  /** Told once when Redis is lost, and why, without what was sent to it: a password may be among it. Must not throw. */
  readonly onLost: (fault: string) => void
  /** Told once when rates are counted in Redis again. Must not throw. */
  readonly onBack: () => void
  /** Whose time it is: the server's, unless a test moves the caller's. */
  readonly time?: 'server' | 'caller'
}

/** `by-shares` after Redis was lost, `settling` when it has just come back. */
type State =
  | { readonly is: 'shared'; readonly connection: RedisConnection }
  | { readonly is: 'settling'; readonly connection: RedisConnection }
  | { readonly is: 'by-shares' }

/**
 * Rates counted in Redis or Valkey, exactly, whichever instance is asked. At the first failure every instance enforces
 * its share of each limit instead, at once, while Redis is tried again in the background.
 */
export class RedisRates implements RateCounter {
  readonly #options: RedisRatesOptions
  readonly #shares: ShareRates
  #state: State = { is: 'by-shares' }
  #isTold = false
  #losses = 0
  #lostAt: EpochMs = -Infinity
  #isClosed = false
  #timer: NodeJS.Timeout | undefined

  /** Resolves when Redis was reached, or was not. Never rejects: without Redis it begins with shares. */
  static async open(options: RedisRatesOptions): Promise<RedisRates> {
    const rates = new RedisRates(options)
    await rates.#connect()
    return rates
  }

  private constructor(options: RedisRatesOptions) {
    this.#options = options
    this.#shares = new ShareRates(sharesMax, options.liveInstances)
  }

  /** How many counters are kept here, for shares; those in Redis are not counted. */
  countAt(now: EpochMs): number {
    return this.#shares.countAt(now)
  }

  /** Whether limits are enforced by shares at the moment, and how often Redis was lost. */
  get statistics(): { readonly isByShares: boolean; readonly losses: number } {
    return { isByShares: this.#state.is !== 'shared', losses: this.#losses }
  }

  take(buckets: readonly RateBucket[], cost: number, now: EpochMs): RateOutcome | Promise<RateOutcome> {
    const state = this.#state
    if (state.is === 'by-shares') return this.#shares.take(buckets, cost, now)
    if (state.is === 'shared') return this.#takeFrom(state.connection, buckets, cost, now)
    const outcome = this.#shares.take(buckets, cost, now)
    return outcome.admitted ? this.#takeFrom(state.connection, buckets, cost, now, outcome) : outcome
  }

  giveBack(buckets: readonly RateBucket[], cost: number, takenAt: EpochMs, now: EpochMs): void | Promise<void> {
    // What was taken before Redis was lost is counted somewhere, and nobody knows where.
    if (takenAt <= this.#lostAt) return
    const state = this.#state
    if (state.is !== 'shared') this.#shares.giveBack(buckets, cost, takenAt, now)
    if (state.is !== 'by-shares') return this.#giveBackTo(state.connection, buckets, cost, takenAt, now)
  }

  /** Lets go of the connection. What is asked afterwards is answered by shares. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    if (this.#state.is !== 'by-shares') this.#state.connection.close()
    this.#state = { is: 'by-shares' }
  }

  /** @param byShare what the share said, where it was asked already */
  async #takeFrom(
    connection: RedisConnection,
    buckets: readonly RateBucket[],
    cost: number,
    now: EpochMs,
    byShare?: RateOutcome,
  ): Promise<RateOutcome> {
    try {
      const outcome = readTaken(buckets, await connection.run(takeCall(buckets, cost, this.#timeOf(now))))
      if (byShare?.admitted === true && !outcome.admitted) this.#shares.giveBack(buckets, cost, now, now)
      return outcome
    } catch (error) {
      this.#lose(connection, error)
      return byShare ?? this.#shares.take(buckets, cost, now)
    }
  }

  async #giveBackTo(
    connection: RedisConnection,
    buckets: readonly RateBucket[],
    cost: number,
    takenAt: EpochMs,
    now: EpochMs,
  ): Promise<void> {
    try {
      await connection.run(giveBackCall(buckets, cost, Math.max(0, now - takenAt), this.#timeOf(now)))
    } catch (error) {
      this.#lose(connection, error)
    }
  }

  #lose(connection: RedisConnection, error: unknown): void {
    // All that waited for it fail together, and the first of them has seen to it.
    if (this.#state.is === 'by-shares' || this.#state.connection !== connection) return
    this.#state = { is: 'by-shares' }
    this.#lostAt = this.#options.clock.now()
    connection.close()
    this.#tellLost(error)
    this.#tryLater()
  }

  async #connect(): Promise<void> {
    try {
      const onEnd = (ended: RedisConnection): void => this.#lose(ended, new Error('the connection ended'))
      this.#use(await RedisConnection.open(this.#options.url, onEnd))
    } catch (error) {
      this.#tellLost(error)
      this.#tryLater()
    }
  }

  #use(connection: RedisConnection): void {
    if (this.#isClosed) return connection.close()
    // Where no share was given out there is nothing that the others would have to hear.
    if (this.#shares.countAt(this.#options.clock.now()) === 0) return this.#share(connection)
    this.#state = { is: 'settling', connection }
    // What is admitted from here on is counted in Redis as well.
    const debts = this.#shares.untold(this.#options.clock.now())
    this.#tell(connection, debts).then(
      () => this.#settle(connection),
      (error: unknown) => this.#lose(connection, error),
    )
  }

  async #tell(connection: RedisConnection, debts: readonly UntoldDebt[]): Promise<void> {
    for (let from = 0; from < debts.length; from += toldAtOnceMax) {
      const some = debts.slice(from, from + toldAtOnceMax)
      await connection.run(tellCall(some, this.#timeOf(this.#options.clock.now())))
      this.#shares.told(some)
    }
  }

  #settle(connection: RedisConnection): void {
    this.#timer = setTimeout(() => {
      if (this.#state.is !== 'settling' || this.#state.connection !== connection) return
      this.#shares.told(this.#shares.untold(this.#options.clock.now()))
      this.#share(connection)
    }, settleMs).unref()
  }

  #share(connection: RedisConnection): void {
    this.#state = { is: 'shared', connection }
    if (this.#isTold) this.#options.onBack()
    this.#isTold = false
  }

  #tellLost(error: unknown): void {
    if (this.#isTold) return
    this.#isTold = true
    this.#losses += 1
    this.#options.onLost(error instanceof Error ? error.message : String(error))
  }

  #tryLater(): void {
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.#connect(), tryAgainMs).unref()
  }

  #timeOf(now: EpochMs): EpochMs | undefined {
    return this.#options.time === 'caller' ? now : undefined
  }
}
