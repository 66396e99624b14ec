import type { Reads } from '../sql/read/reads.ts'
import type { Steps } from '../sql/steps.ts'
import { asking } from './fault.ts'
import type { Lane } from './lane.ts'

/** Reads over the connections of a lane. Whoever waits for the server already lets others have their turn. */
export class PostgresReads implements Reads {
  readonly #lane: Lane

  constructor(lane: Lane) {
    this.#lane = lane
  }

  read<T>(steps: Steps<T>): Promise<T> {
    return asking(() => this.#lane.use((connection) => connection.perform(steps)))
  }

  readAtOneMoment<T>(steps: Steps<T>): Promise<T> {
    return asking(() => this.#lane.use((connection) => connection.atOneMoment(steps)))
  }

  pause(): Promise<void> {
    return Promise.resolve()
  }
}
