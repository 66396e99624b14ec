import type { Clock, RateCounter, Timer } from '../ports.ts'
import type { RateBucket, RateDebt, RateOutcome } from '../domain/rate.ts'
import { ShareRates, type UntoldDebt } from './share-rates.ts'
import type { EpochMs } from '../domain/time.ts'

/** While the common counter is out of reach it is tried again so often. */
const tryAgainMs = 500

/**
 * After it is back, shares are enforced beside it for so long: by then every instance has reached it and told what it
 * admitted meanwhile, so that one which comes back empty does not admit that again.
 */
const settleMs = 2_000

/** Counters that are told at once. */
const toldAtOnceMax = 500

/** Counters of shares that are kept meanwhile. */
const sharesMax = 100_000

/** What counts for several instances together, used until its first failure. Each call rejects when it fails or is late. */
export interface RateConnection {
  take(buckets: readonly RateBucket[], cost: number, now: EpochMs): Promise<RateOutcome>
  giveBack(buckets: readonly RateBucket[], cost: number, takenAt: EpochMs, now: EpochMs): Promise<void>
  /** Adds what instances admitted by themselves, up to the limit of each. */
  tell(debts: readonly RateDebt[], now: EpochMs): Promise<void>
  /** What is still waited for fails. */
  close(): void
}

export interface JointRatesOptions {
  /**
   * @param onEnd called when the connection is no more, whoever ended it
   * @throws Error (rejects) with why not, in bounded time.
   */
  readonly connect: (onEnd: (connection: RateConnection) => void) => Promise<RateConnection>
  readonly clock: Clock
  readonly timer: Timer
  /** How many instances answer at the moment, this one among them. */
  readonly liveInstances: () => number
  /** Told once when the common counter is lost, and why. Must not throw. */
  readonly onLost: (fault: string) => void
  /** Told once when rates are counted together again. Must not throw. */
  readonly onBack: () => void
}

/** `by-shares` after the common counter was lost, `settling` when it has just come back. */
type State =
  | { readonly is: 'shared'; readonly connection: RateConnection }
  | { readonly is: 'settling'; readonly connection: RateConnection }
  | { readonly is: 'by-shares' }

/**
 * Rates counted in one place for several instances, exactly, whichever is asked. At the first failure every instance
 * enforces its share of each limit instead, at once, while the common counter is tried again in the background.
 */
export class JointRates implements RateCounter {
  readonly #options: JointRatesOptions
  readonly #shares: ShareRates
  #state: State = { is: 'by-shares' }
  #isTold = false
  #losses = 0
  #lostAt: EpochMs = -Infinity
  #isClosed = false
  #cancelTimer: (() => void) | undefined

  /** Resolves when the common counter was reached, or was not. Never rejects: without it it begins with shares. */
  static async open(options: JointRatesOptions): Promise<JointRates> {
    const rates = new JointRates(options)
    await rates.#connect()
    return rates
  }

  private constructor(options: JointRatesOptions) {
    this.#options = options
    this.#shares = new ShareRates(sharesMax, options.liveInstances)
  }

  /** How many counters are kept here, for shares; those in the common counter do not count. */
  countAt(now: EpochMs): number {
    return this.#shares.countAt(now)
  }

  /** Whether limits are enforced by shares at the moment, and how often the common counter was lost. */
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
    // What was taken before the loss is counted somewhere, and nobody knows where.
    if (takenAt <= this.#lostAt) return
    const state = this.#state
    if (state.is !== 'shared') this.#shares.giveBack(buckets, cost, takenAt, now)
    if (state.is !== 'by-shares') return this.#giveBackTo(state.connection, buckets, cost, takenAt, now)
  }

  /** Lets go of the connection. What is asked afterwards is answered by shares. */
  close(): void {
    this.#isClosed = true
    this.#cancelTimer?.()
    if (this.#state.is !== 'by-shares') this.#state.connection.close()
    this.#state = { is: 'by-shares' }
  }

  /** @param byShare what the share said, where it was asked already */
  async #takeFrom(
    connection: RateConnection,
    buckets: readonly RateBucket[],
    cost: number,
    now: EpochMs,
    byShare?: RateOutcome,
  ): Promise<RateOutcome> {
    try {
      const outcome = await connection.take(buckets, cost, now)
      if (byShare?.admitted === true && !outcome.admitted) this.#shares.giveBack(buckets, cost, now, now)
      return outcome
    } catch (error) {
      this.#lose(connection, error)
      return byShare ?? this.#shares.take(buckets, cost, now)
    }
  }

  async #giveBackTo(
    connection: RateConnection,
    buckets: readonly RateBucket[],
    cost: number,
    takenAt: EpochMs,
    now: EpochMs,
  ): Promise<void> {
    try {
      await connection.giveBack(buckets, cost, takenAt, now)
    } catch (error) {
      this.#lose(connection, error)
    }
  }

  #lose(connection: RateConnection, error: unknown): void {
    // All that waited for it fail together, and the first of them has seen to it.
    if (this.#state.is === 'by-shares' || this.#state.connection !== connection) return
    this.#state = { is: 'by-shares' }
    this.#lostAt = this.#options.clock.now()
    connection.close()
    this.#tellLost(error)
    this.#tryLater()
  }

  async #connect(): Promise<void> {
    const onEnd = (ended: RateConnection): void => this.#lose(ended, new Error('the connection ended'))
    try {
      this.#use(await this.#options.connect(onEnd))
    } catch (error) {
      this.#tellLost(error)
      this.#tryLater()
    }
  }

  #use(connection: RateConnection): void {
    if (this.#isClosed) return connection.close()
    // Where no share was given out there is nothing that the others would have to hear.
    if (this.#shares.countAt(this.#options.clock.now()) === 0) return this.#share(connection)
    this.#state = { is: 'settling', connection }
    // What is admitted from here on is counted there as well.
    const debts = this.#shares.untold(this.#options.clock.now())
    this.#tell(connection, debts).then(
      () => this.#settle(connection),
      (error: unknown) => this.#lose(connection, error),
    )
  }

  async #tell(connection: RateConnection, debts: readonly UntoldDebt[]): Promise<void> {
    for (let from = 0; from < debts.length; from += toldAtOnceMax) {
      const some = debts.slice(from, from + toldAtOnceMax)
      await connection.tell(some, this.#options.clock.now())
      this.#shares.told(some)
    }
  }

  #settle(connection: RateConnection): void {
    this.#cancelTimer = this.#options.timer.after(settleMs, () => {
      if (this.#state.is !== 'settling' || this.#state.connection !== connection) return
      this.#shares.told(this.#shares.untold(this.#options.clock.now()))
      this.#share(connection)
    })
  }

  #share(connection: RateConnection): void {
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
    this.#cancelTimer = this.#options.timer.after(tryAgainMs, () => void this.#connect())
  }
}
