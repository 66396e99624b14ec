import type { AuditKey } from '@chatelaine/core'
import type { Keys } from '@chatelaine/token/keys'
import type { Sealer } from './seal.ts'
import { StorageError } from '../storage-error.ts'
import { columnsOf, insertSql, sealedRow, valuesOf } from './tables/columns.ts'
import { masterKeyTable } from './tables/master-key-table.ts'
import { all, allValues, runOne, type Steps } from './steps.ts'

const columns = [...masterKeyTable.sealed, 'seal']

// The ring itself knows what a row of its own keys has to say, whatever became of it.
const putKey = `
  ${insertSql(masterKeyTable.name, columns)}
  ON CONFLICT (key_id) DO UPDATE SET audit_public_key = excluded.audit_public_key, seal = excluded.seal`

/**
 * Makes sure that the key ring is the database's own, and notes its keys. A database that knows no key yet takes the
 * ring that it is opened with.
 * @throws StorageError `other-master-key`, and then nothing was noted.
 */
export function* admitMasterKeys(keys: Keys, sealer: Sealer): Steps<void> {
  yield* checkMasterKeys(keys)
  for (const { keyId, publicKey } of keys.publicKeys()) {
    const record = { keyId, checkValue: keys.checkValue(keyId), publicKey }
    yield* runOne(putKey, ...valuesOf(sealedRow(sealer, masterKeyTable, record), columns))
  }
}

/** @throws StorageError `other-master-key`. */
export function* checkMasterKeys(keys: Keys): Steps<void> {
  const stored = yield* all('SELECT key_id, check_value FROM master_keys')
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

/** Every key that ever signed, also those that have retired; none that somebody planted. */
export function* readAuditKeys(sealer: Sealer): Steps<AuditKey[]> {
  const rows = yield* allValues(`SELECT ${columnsOf(masterKeyTable)} FROM master_keys ORDER BY key_id`)
  return rows
    .map((row) => sealer.open(masterKeyTable, row))
    .filter((record) => record !== undefined)
    .map(({ keyId, publicKey }) => ({ keyId, publicKey }))
}
