import type { EpochMs, RateBucket, RateConnection, RateDebt, RateOutcome } from '@chatelaine/core'
import type { WriterClient } from './writer-client.ts'

/** The rates of all processes, which the one that writes counts, by its own clock. */
export class JointCounter implements RateConnection {
  readonly #writer: WriterClient
  #stopListening = (): void => undefined

  /** @throws `unavailable` (rejects) when there is no writer. */
  static async connect(writer: WriterClient, onEnd: (counter: RateConnection) => void): Promise<RateConnection> {
    const counter = new JointCounter(writer)
    await counter.tell([])
    counter.#stopListening = writer.onLost(() => onEnd(counter))
    return counter
  }

  private constructor(writer: WriterClient) {
    this.#writer = writer
  }

  take(buckets: readonly RateBucket[], cost: number): Promise<RateOutcome> {
    return this.#writer.ask({ ask: 'take', buckets, cost })
  }

  giveBack(buckets: readonly RateBucket[], cost: number, takenAt: EpochMs): Promise<void> {
    return this.#writer.ask({ ask: 'give-back', buckets, cost, takenAt })
  }

  tell(debts: readonly RateDebt[]): Promise<void> {
    return this.#writer.ask({ ask: 'tell-debts', debts })
  }

  close(): void {
    this.#stopListening()
  }
}
