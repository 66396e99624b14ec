import type { HandoffNote } from '@chatelaine/core'
import type { Row } from '../steps.ts'
import type { SealedTable } from '../seal.ts'

/** Sealed: a planted note would be somebody's word that they never gave. */
export const handoffTable: SealedTable<HandoffNote> = {
  name: 'handoffs',
  sealed: ['name', 'text', 'ends_at'],
  observed: [],
  key: ['name'],

  encode: (note): Row => ({ name: note.name, text: note.text, ends_at: note.endsAt }),
  decode: ([name, text, endsAt]) => ({ name, text, endsAt }),
}
