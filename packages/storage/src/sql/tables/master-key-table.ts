import type { Row } from '../steps.ts'
import type { SealedTable } from '../seal.ts'

/** What is kept of a master key, also when it has retired. */
export interface MasterKeyRecord {
  readonly keyId: string
  /** Tells another key under the same id. */
  readonly checkValue: string
  /** The public half of what signed the log under it. */
  readonly publicKey: string
}

/** Sealed: a planted key would vouch for a log that somebody else wrote. */
export const masterKeyTable: SealedTable<MasterKeyRecord> = {
  name: 'master_keys',
  sealed: ['key_id', 'check_value', 'audit_public_key'],
  observed: [],
  key: ['key_id'],

  encode: ({ keyId, checkValue, publicKey }): Row => ({
    key_id: keyId,
    check_value: checkValue,
    audit_public_key: publicKey,
  }),

  decode: ([keyId, checkValue, publicKey]) => ({ keyId, checkValue, publicKey }),
}
