import type { Settings } from '@chatelaine/core'
import type { Row } from '../steps.ts'
import type { SealedTable } from '../seal.ts'

/** The id of the one row. */
export const settingsId = 'all'

export const settingsTable: SealedTable<Settings> = {
  name: 'settings',
  sealed: ['id', 'policy', 'catalogue', 'changed_seq'],
  observed: [],
  key: ['id'],

  encode: ({ policy, catalogue, changedSeq }): Row => ({
    id: settingsId,
    policy: JSON.stringify(policy),
    catalogue: catalogue && JSON.stringify(catalogue),
    changed_seq: changedSeq,
  }),

  decode: ([, policy, catalogue, changedSeq]) => ({
    policy: JSON.parse(String(policy)),
    catalogue: catalogue === null ? null : JSON.parse(String(catalogue)),
    changedSeq,
  }),
}
