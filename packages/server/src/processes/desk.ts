import { Failure, MemoryRates } from '@chatelaine/core'
import type { SqliteWriter } from '@chatelaine/storage/sqlite'
import { systemClock } from '../clock.ts'
import { ratesMax } from '../rates.ts'
import { InstanceTable } from './instance-table.ts'
import type { Answer, Ask, Results } from './messages.ts'

/** Where all other processes ask what has to be known in one place. */
export class Desk {
  readonly #writer: SqliteWriter
  readonly #instances = new InstanceTable()
  readonly #rates = new MemoryRates(ratesMax)

  constructor(writer: SqliteWriter) {
    this.#writer = writer
  }

  /** Never rejects. */
  async answer(from: number, ask: Ask): Promise<Answer> {
    try {
      return { is: 'done', result: await this.#do(from, ask) }
    } catch (error) {
      if (error instanceof Failure) return { is: 'unavailable', message: error.message }
      const { message, stack } = error instanceof Error ? error : new Error(String(error))
      return { is: 'defect', message, stack }
    }
  }

  forget(ended: number): void {
    this.#instances.removeOf(ended)
  }

  #do(from: number, ask: Ask): Results[keyof Results] | Promise<Results[keyof Results]> {
    switch (ask.ask) {
      case 'write':
        return this.#writer.write(ask.request)
      case 'read-end':
        return this.#writer.end
      case 'join':
        return this.#instances.join(ask.state, from) as undefined
      case 'update':
        return this.#instances.update(ask.state)
      case 'list':
        return this.#instances.list()
      case 'remove':
        return this.#instances.remove(ask.id, ask.beat) as undefined
      case 'take':
        return this.#rates.take(ask.buckets, ask.cost, systemClock.now())
      case 'give-back':
        return this.#rates.giveBack(ask.buckets, ask.cost, ask.takenAt, systemClock.now()) as undefined
      case 'tell-debts':
        return this.#rates.tell(ask.debts, systemClock.now()) as undefined
    }
  }
}
