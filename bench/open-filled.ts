import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openSqlite, type SqliteStorage } from '@chatelaine/storage/sqlite'
import { deriveKeys, KeyRing, type Keys } from '@chatelaine/token/keys'

/** Opens the storage of a data directory without a server, with the keys that the server's first start made there. */
export async function openFilled(directory: string): Promise<{ storage: SqliteStorage; keys: Keys }> {
  const ringText = readFileSync(join(directory, 'master.key'), 'utf8')
  const storage = await openSqlite({
    directory,
    journalDirectory: join(directory, 'journal'),
    ringText,
    random: randomBytes,
    onDamaged: (row) => fail(`the ${row.table} row ${row.id} is damaged`),
    onFault: fail,
  })
  return { storage, keys: deriveKeys(KeyRing.parse(ringText)) }
}

/** Whatever goes wrong here makes every figure worthless. */
function fail(what: string): void {
  console.error(`chatelaine: error: ${what}`)
  process.exit(1)
}
