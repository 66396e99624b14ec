import type { EpochMs, Housekeeping } from '@chatelaine/core'
import { resealStart, type ResealPlace } from './reseal.ts'
import type { Writing } from './writing.ts'

/** Upkeep in small requests, so that commits find their way in between. */
export class SqlHousekeeping implements Housekeeping {
  readonly #queue: Writing

  constructor(queue: Writing) {
    this.#queue = queue
  }

  async removeOutdated(now: EpochMs): Promise<void> {
    while ((await this.#queue.write({ do: 'remove-outdated', now })) > 0);
  }

  async reseal(): Promise<number> {
    let count = 0
    for (let place: ResealPlace | undefined = resealStart; place !== undefined;) {
      const resealed: { count: number; next: ResealPlace | undefined } = await this.#queue.write({
        do: 'reseal',
        place,
      })
      count += resealed.count
      place = resealed.next
    }
    await this.#queue.write({ do: 'reseal-journal' })
    return count
  }
}
