import { headText } from '@chatelaine/core'
import { verifySignature } from '@chatelaine/token/keys'
import { readAuditKeys } from './master-keys.ts'
import { howToPutBack, StorageError } from '../storage-error.ts'
import { decodeHead } from './tables/log-table.ts'
import type { Sealer } from './seal.ts'
import { get, type Row, type Steps } from './steps.ts'

/**
 * Makes sure that the log ends where its counters say, under a head that was signed here: the next entry would otherwise
 * be chained to what somebody else wrote. What lies before the end is checked by whoever verifies an export, and that
 * nothing was cut off behind it by `catchUpJournal`.
 * @throws StorageError `log-altered`
 */
export function* checkLogEnd(sealer: Sealer): Steps<void> {
  const end = yield* get('SELECT seq, chain FROM counters')
  const last = yield* get('SELECT seq, chain FROM changes ORDER BY seq DESC LIMIT 1')
  const head = yield* get(
    `SELECT heads.seq, epochs.epoch, chain, key_id, signature FROM heads JOIN epochs ON epochs.serial = heads.epoch_serial
     ORDER BY heads.seq DESC LIMIT 1`,
  )
  if (end?.seq === 0 && last === undefined && head === undefined) return
  const isOneEnd = [last, head].every((row) => row?.seq === end?.seq && row?.chain === end?.chain)
  if (head !== undefined && isOneEnd && (yield* isSigned(sealer, head))) return
  throw new StorageError(
    'log-altered',
    `The end of the audit log is not what was written there. Keep this database for whoever looks into it, and ${howToPutBack}.`,
  )
}

function* isSigned(sealer: Sealer, row: Row): Steps<boolean> {
  const head = decodeHead(row)
  const key = (yield* readAuditKeys(sealer)).find(({ keyId }) => keyId === head.keyId)
  return key !== undefined && verifySignature(key.publicKey, Buffer.from(headText(head)), head.signature)
}
