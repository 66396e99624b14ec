import type { OnceRecord, OnceStore } from '@chatelaine/core'
import { columnsOf } from '../tables/columns.ts'
import type { Records } from '../tables/find.ts'
import { onceTable } from '../tables/once-table.ts'
import { reading } from './reader.ts'

const findSql = `SELECT ${columnsOf(onceTable)} FROM once WHERE caller = ? AND key = ?`

export class SqliteOnceStore implements OnceStore {
  readonly #records: Records

  constructor(records: Records) {
    this.#records = records
  }

  find(caller: string, key: string): Promise<OnceRecord | undefined> {
    return reading(() => {
      const row = this.#records.connection.getValues(findSql, caller, key)
      return row && this.#records.sealer.open(onceTable, row)
    })
  }
}
