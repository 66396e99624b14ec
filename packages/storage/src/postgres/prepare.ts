import { chainStart } from '@chatelaine/core'
import type { Keys } from '@chatelaine/token/keys'
import { admitMasterKeys } from '../sql/master-keys.ts'
import { Sealer } from '../sql/seal.ts'
import { get, runOne, type Steps } from '../sql/steps.ts'
import { insertInitialSettings } from '../sql/write/put-settings.ts'
import { StorageError } from '../storage-error.ts'
import { currentHistory } from './history.ts'
import { migrate } from './migrate.ts'
import { inTransaction, keepOthersOut } from './transaction.ts'

/** Server versions are numbered so (https://www.postgresql.org/docs/current/libpq-status.html#LIBPQ-PQSERVERVERSION). */
const versionMin = 15_00_00

/**
 * Makes a database ready for its instances: schema, master keys, and for a new one the beginning of its log. Several
 * may do so at once.
 * @param newEpoch random, for a database that has none yet
 * @throws StorageError
 */
export function* prepareDatabase(keys: Keys, newEpoch: string): Steps<void> {
  yield* checkServer()
  yield* migrate()
  yield* inTransaction(beginLog(keys, newEpoch))
}

function* beginLog(keys: Keys, newEpoch: string): Steps<void> {
  yield* keepOthersOut()
  const sealer = new Sealer(keys, () => undefined)
  yield* admitMasterKeys(keys, sealer)
  if ((yield* get('SELECT seq FROM counters')) !== undefined) return
  yield* insertEpoch(1, newEpoch, 0)
  yield* runOne(
    `INSERT INTO counters (only_row, writer_epoch, epoch_serial, seq, chain, token_serial, account_serial, project_serial)
     VALUES (1, 0, 1, 0, ?, 0, 0, 0)`,
    chainStart,
  )
  yield* insertInitialSettings(sealer)
}

export function* insertEpoch(serial: number, epoch: string, afterSeq: number): Steps<void> {
  yield* runOne(
    `INSERT INTO epochs (serial, epoch, after_seq, history) VALUES (?, ?, ?, ${currentHistory})`,
    serial,
    epoch,
    afterSeq,
  )
}

/** @throws StorageError `postgres-too-old`, `setting-refused`. */
function* checkServer(): Steps<void> {
  const server = yield* get(
    `SELECT current_setting('server_version_num')::integer AS number, current_setting('server_version') AS version,
       current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
       current_setting('server_encoding') AS server_encoding`,
  )
  if (Number(server?.number) < versionMin) {
    throw new StorageError('postgres-too-old', `PostgreSQL ${server?.version} is too old. Use version 15 or newer.`)
  }
  for (const [name, good] of Object.entries(neededSettings)) {
    const actual = String(server?.[name])
    if (good.includes(actual)) continue
    throw new StorageError(
      'setting-refused',
      `PostgreSQL has ${name} = ${actual}, and with that it could lose what was answered for. Set it to ${good[0]}.`,
    )
  }
}

/** What durability rests on, and which values it takes; the first is the usual one. */
const neededSettings: Readonly<Record<string, readonly string[]>> = {
  fsync: ['on'],
  synchronous_commit: ['on', 'remote_apply'],
  server_encoding: ['UTF8'],
}
