import { Redis } from 'ioredis'
import type { Secret } from '@chatelaine/token'
import { rateScript, type ScriptCall } from './rate-script.ts'

/** How long Redis may take to answer, unless a test has more time. */
export const redisAnswerMsMax = 50

/** How long it may take to connect, name and password included. */
const connectMsMax = 500

/**
 * One connection to Redis, used until its first failure. Nothing waits for a connection that is not there, nothing is
 * sent twice, and it does not connect again by itself.
 */
export class RedisConnection {
  readonly #client: Redis
  readonly #answerMsMax: number
  #fault: Error | undefined

  /**
   * Connects, and sees that the script runs.
   * @param onEnd called when the connection is no more, whoever ended it
   * @throws Error (rejects) with why not, in half a second and the time of one answer.
   */
  static async open(url: Secret, answerMsMax: number, onEnd: () => void): Promise<RedisConnection> {
    const connection = new RedisConnection(url, answerMsMax, onEnd)
    try {
      await within(connectMsMax, connection.#client.connect())
      await connection.run({ keys: [], values: ['tell', '', ''] })
      return connection
    } catch (error) {
      connection.close()
      throw connection.#fault ?? error
    }
  }

  private constructor(url: Secret, answerMsMax: number, onEnd: () => void) {
    this.#answerMsMax = answerMsMax
    this.#client = new Redis(url.reveal(), {
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      connectTimeout: connectMsMax,
      // A server that still loads its data says so to the script, and who may run that need not be allowed INFO.
      enableReadyCheck: false,
      disableClientInfo: true,
      connectionName: 'chatelaine',
      protocol: 2,
    })
    // Each is told to whoever waits; without a listener it would end the process.
    this.#client.on('error', (error: Error) => (this.#fault ??= error))
    this.#client.on('end', onEnd)
  }

  /** Runs the script. @throws Error (rejects) when it fails or is not answered in time. */
  run(call: ScriptCall): Promise<unknown> {
    return within(this.#answerMsMax, this.#run(call))
  }

  /** What is still waited for fails. */
  close(): void {
    this.#client.disconnect()
  }

  async #run({ keys, values }: ScriptCall): Promise<unknown> {
    try {
      return await this.#client.evalsha(rateScript.sha1, keys.length, ...keys, ...values)
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return this.#client.eval(rateScript.text, keys.length, ...keys, ...values)
    }
  }
}

/** An answer that arrived while this thread was busy elsewhere counts: it is looked for once more before giving up. */
function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`not answered within ${ms} ms`))
    const timer = setTimeout(() => setImmediate(late), ms)
    void answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
