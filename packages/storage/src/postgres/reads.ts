import type { Reads } from '../sql/read/reads.ts'
import { together, type Steps } from '../sql/steps.ts'
import type { Connection } from './connection.ts'
import { asking, ConnectionLost } from './fault.ts'
import { holds, type KnownLog } from './known-log.ts'
import type { Lane } from './lane.ts'

/**
 * Reads over the connections of a lane. Whoever waits for the server already lets others have their turn. What is read
 * counts only where the log holds what is known of it here: a database that was put back to an earlier state takes for
 * alive what was revoked since.
 */
export class PostgresReads implements Reads {
  readonly #lane: Lane
  readonly #known: Pick<KnownLog, 'places'>

  constructor(lane: Lane, known: Pick<KnownLog, 'places'>) {
    this.#lane = lane
    this.#known = known
  }

  read<T>(steps: Steps<T>): Promise<T> {
    return this.#prove(steps, (connection, proven) => connection.perform(proven))
  }

  readAtOneMoment<T>(steps: Steps<T>): Promise<T> {
    return this.#prove(steps, (connection, proven) => connection.atOneMoment(proven))
  }

  pause(): Promise<void> {
    return Promise.resolve()
  }

  #prove<T>(
    steps: Steps<T>,
    perform: <Both>(connection: Connection, proven: Steps<Both>) => Promise<Both>,
  ): Promise<T> {
    return asking(async () => {
      const [result, isHeld] = await this.#lane.use((connection) =>
        // The log is looked at behind the read, in the same round trip.
        perform(connection, together<unknown>([steps, holds(this.#known.places)])),
      )
      if (isHeld !== true) throw new ConnectionLost('the database was put back to an earlier state')
      return result as T
    })
  }
}
