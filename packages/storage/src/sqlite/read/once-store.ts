import type { EpochMs, OnceRecord, OnceStore } from '@chatelaine/core'
import { columnsOf } from '../../sql/tables/columns.ts'
import { onceTable } from '../../sql/tables/once-table.ts'
import { onceKeptMs } from '../../sql/write/once.ts'
import { reading, type Records } from './reader.ts'

const findSql = `SELECT ${columnsOf(onceTable)} FROM once WHERE caller = ? AND key = ?`

export class SqliteOnceStore implements OnceStore {
  readonly #records: Records

  constructor(records: Records) {
    this.#records = records
  }

  find(caller: string, key: string, now: EpochMs): Promise<OnceRecord | undefined> {
    return reading(() => {
      const row = this.#records.connection.getValues(findSql, caller, key)
      const once = row && this.#records.sealer.open(onceTable, row)
      return once && once.at > now - onceKeptMs ? once : undefined
    })
  }
}
