import type { Sealer } from '../seal.ts'
import type { Steps } from '../steps.ts'

/** How stores read from their database, whichever it is. */
export interface Reads {
  /** @throws `unavailable` (rejects) when the database cannot say, which is never the same as "not there". */
  read<T>(steps: Steps<T>): Promise<T>
  /**
   * The same, where all of the statements see the database as the first one does.
   * @throws `unavailable` (rejects)
   */
  readAtOneMoment<T>(steps: Steps<T>): Promise<T>
  /** Between the steps of a long read: lets others have their turn. */
  pause(): Promise<void>
}

/** A database, and what checks the seals of the rows that are read from it. */
export interface Records {
  readonly reads: Reads
  readonly sealer: Sealer
}
