import type { AuditKey } from '@chatelaine/core'
import type { Keys } from '@chatelaine/token/keys'
import type { Connection } from './connection.ts'
import { StorageError } from './storage-error.ts'

/**
 * Makes sure that the key ring is the database's own, and notes keys that are new to it. A database that knows no key
 * yet takes the ring that it is opened with.
 * @throws StorageError `other-master-key`, and then nothing was noted.
 */
export function admitMasterKeys(connection: Connection, keys: Keys): void {
  checkMasterKeys(connection, keys)
  const publicKeys = new Map(keys.publicKeys().map(({ keyId, publicKey }) => [keyId, publicKey]))
  for (const keyId of keys.keyIds) {
    connection.run(
      'INSERT INTO master_keys (key_id, check_value, audit_public_key) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      keyId,
      keys.checkValue(keyId),
      publicKeys.get(keyId)!,
    )
  }
}

/** @throws StorageError `other-master-key`. */
export function checkMasterKeys(connection: Connection, keys: Keys): void {
  const stored = connection.all('SELECT key_id, check_value FROM master_keys')
  const checkValueById = new Map(stored.map((row) => [row.key_id, row.check_value]))
  const known = keys.keyIds.filter((keyId) => checkValueById.has(keyId))
  const isOwn = known.every((keyId) => checkValueById.get(keyId) === keys.checkValue(keyId))
  if (isOwn && (known.length > 0 || stored.length === 0)) return
  const expected = [...checkValueById.keys()].join(', ')
  throw new StorageError(
    'other-master-key',
    `The master key is not the one that this database was made with (${expected}). Put that key back: without it no token can be verified.`,
  )
}

/** Every key that ever signed, also those that have retired. */
export function readAuditKeys(connection: Connection): AuditKey[] {
  return connection
    .all('SELECT key_id, audit_public_key FROM master_keys ORDER BY key_id')
    .map((row) => ({ keyId: String(row.key_id), publicKey: String(row.audit_public_key) }))
}
