import {
  JointRates,
  type EpochMs,
  type JointRatesOptions,
  type RateBucket,
  type RateConnection,
  type RateOutcome,
  type RateDebt,
} from '@chatelaine/core'
import type { Secret } from '@chatelaine/token'
import { RedisConnection, redisAnswerMsMax } from './connection.ts'
import { giveBackCall, readTaken, takeCall, tellCall } from './rate-script.ts'

export interface RedisRatesOptions extends Omit<JointRatesOptions, 'connect'> {
  /** redis: or rediss:, perhaps with a name, a password and the number of a database. */
  readonly url: Secret
  /** Whose time it is: the server's, unless a test moves the caller's. */
  readonly time?: 'server' | 'caller'
  /** How long an answer is waited for: 50 ms unless given. */
  readonly answerMsMax?: number
}

/** Rates counted in Redis or Valkey. What `onLost` is told holds nothing that was sent: a password may be among it. */
export function openRedisRates(options: RedisRatesOptions): Promise<JointRates> {
  return JointRates.open({ ...options, connect: (onEnd) => RedisCounter.connect(options, onEnd) })
}

type Time = NonNullable<RedisRatesOptions['time']>

class RedisCounter implements RateConnection {
  readonly #connection: RedisConnection
  readonly #time: Time

  static async connect(
    { url, time = 'server', answerMsMax = redisAnswerMsMax }: RedisRatesOptions,
    onEnd: (counter: RateConnection) => void,
  ): Promise<RateConnection> {
    let counter: RedisCounter | undefined
    const connection = await RedisConnection.open(url, answerMsMax, () => counter && onEnd(counter))
    counter = new RedisCounter(connection, time)
    return counter
  }

  private constructor(connection: RedisConnection, time: Time) {
    this.#connection = connection
    this.#time = time
  }

  async take(buckets: readonly RateBucket[], cost: number, now: EpochMs): Promise<RateOutcome> {
    return readTaken(buckets, await this.#connection.run(takeCall(buckets, cost, this.#timeOf(now))))
  }

  async giveBack(buckets: readonly RateBucket[], cost: number, takenAt: EpochMs, now: EpochMs): Promise<void> {
    await this.#connection.run(giveBackCall(buckets, cost, Math.max(0, now - takenAt), this.#timeOf(now)))
  }

  async tell(debts: readonly RateDebt[], now: EpochMs): Promise<void> {
    await this.#connection.run(tellCall(debts, this.#timeOf(now)))
  }

  close(): void {
    this.#connection.close()
  }

  #timeOf(now: EpochMs): EpochMs | undefined {
    return this.#time === 'caller' ? now : undefined
  }
}
