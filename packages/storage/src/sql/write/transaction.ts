import type { Journal } from '../../journal/journal.ts'
import type { Sealer } from '../seal.ts'
import type { Draft } from './draft.ts'

/** One transaction under way, and what it has added to the log. */
export interface Transaction {
  readonly sealer: Sealer
  readonly draft: Draft
  readonly journal: Journal | undefined
  /** What the errors of its database mean. */
  readonly faults: Faults
}

export interface Faults {
  /** Whether the whole transaction is over: the disk, the memory or the way to the database failed. */
  endsTransaction(error: unknown): boolean
  /** Whether a part of the database is not sound. */
  isDamage(error: unknown): boolean
}
