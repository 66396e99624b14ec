import { Draft } from '../../sql/write/draft.ts'
import { chainStart } from '@chatelaine/core'
import type { Keys } from '@chatelaine/token/keys'
import type { Connection } from '../connection.ts'
import { admitMasterKeys } from '../../sql/master-keys.ts'
import { migrate } from '../migrate.ts'
import { Sealer } from '../../sql/seal.ts'
import { insertInitialSettings } from '../../sql/write/put-settings.ts'

/**
 * Makes a database ready for its writer: schema, master keys, and for a new one the beginning of its log.
 * @param newEpoch random, for a database that has none yet
 * @throws StorageError
 */
export function prepareDatabase(connection: Connection, keys: Keys, newEpoch: string): void {
  migrate(connection)
  inTransaction(connection, () => {
    const sealer = new Sealer(keys, () => undefined)
    connection.perform(admitMasterKeys(keys, sealer))
    if (connection.get('SELECT 1 FROM counters') !== undefined) return
    connection.runOne('INSERT INTO epochs (serial, epoch, after_seq) VALUES (1, ?, 0)', newEpoch)
    connection.runOne(
      `INSERT INTO counters (only_row, writer_epoch, epoch_serial, seq, chain, token_serial, account_serial, project_serial)
       VALUES (1, 0, 1, 0, ?, 0, 0, 0)`,
      chainStart,
    )
    connection.perform(insertInitialSettings(sealer))
  })
}

/**
 * Makes this the only writer: whichever came before finds its number outdated in its next transaction. Since it is a
 * commit itself, it also settles what became of a commit that failed: that is now either there for good or gone.
 * @param own the number of a writer that goes on, on a new connection
 * @throws WriterReplaced when somebody has come after that.
 */
export function raiseWriterEpoch(connection: Connection, own?: number): number {
  return inTransaction(connection, () => {
    if (own !== undefined) connection.perform(Draft.read(own))
    connection.runOne('UPDATE counters SET writer_epoch = writer_epoch + 1')
    return Number(connection.get('SELECT writer_epoch FROM counters')?.writer_epoch)
  })
}

export function inTransaction<T>(connection: Connection, run: () => T): T {
  connection.exec('BEGIN IMMEDIATE')
  try {
    const result = run()
    connection.exec('COMMIT')
    return result
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK')
    throw error
  }
}
