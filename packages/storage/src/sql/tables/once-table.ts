import type { OnceRecord } from '@chatelaine/core'
import type { Row } from '../steps.ts'
import type { SealedTable } from '../seal.ts'

/** Sealed too: a planted row would make a request look as if it had been answered before. */
export const onceTable: SealedTable<OnceRecord> = {
  name: 'once',
  sealed: ['caller', 'key', 'fingerprint', 'at', 'subject_type', 'subject_id'],
  observed: [],
  key: ['caller', 'key'],

  encode: (once): Row => ({
    caller: once.caller,
    key: once.key,
    fingerprint: once.fingerprint,
    at: once.at,
    subject_type: once.subjectType,
    subject_id: once.subjectId,
  }),

  decode: ([caller, key, fingerprint, at, subjectType, subjectId]) => ({
    caller,
    key,
    fingerprint,
    at,
    subjectType,
    subjectId,
  }),
}
