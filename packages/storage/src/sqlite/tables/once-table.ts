import type { OnceRecord } from '@chatelaine/core'
import type { Row } from '../connection.ts'
import type { SealedTable } from '../seal.ts'

/** Sealed too: a planted row would make a request look as if it had been answered before. */
export const onceTable: SealedTable<OnceRecord> = {
  name: 'once',
  sealed: ['caller', 'key', 'fingerprint', 'at', 'subject_type', 'subject_id'],
  observed: [],
  idColumn: 'caller',

  encode: (once): Row => ({
    caller: once.caller,
    key: once.key,
    fingerprint: once.fingerprint,
    at: once.at,
    subject_type: once.subjectType,
    subject_id: once.subjectId,
  }),

  decode: (row) =>
    ({
      caller: row.caller,
      key: row.key,
      fingerprint: row.fingerprint,
      at: row.at,
      subjectType: row.subject_type,
      subjectId: row.subject_id,
    }) as OnceRecord,
}
