import type { Journal } from '../journal.ts'
import type { Records } from '../tables/find.ts'
import type { Draft } from './draft.ts'

/** One transaction under way: what it reads and writes through, and what it has added to the log. */
export interface Transaction extends Records {
  readonly draft: Draft
  readonly journal: Journal | undefined
}
