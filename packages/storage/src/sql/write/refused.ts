import type { CommitOutcome } from '@chatelaine/core'

/** Why a commit was not written. */
export type Refused = Exclude<CommitOutcome, { outcome: 'committed' }>

export const conflict: Refused = { outcome: 'conflict' }
