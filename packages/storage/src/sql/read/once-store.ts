import type { EpochMs, OnceRecord, OnceStore } from '@chatelaine/core'
import { columnsOf } from '../tables/columns.ts'
import { findOne } from '../tables/find.ts'
import { onceTable } from '../tables/once-table.ts'
import { onceKeptMs } from '../write/once.ts'
import type { Records } from './reads.ts'

const findSql = `SELECT ${columnsOf(onceTable)} FROM once WHERE caller = ? AND key = ?`

export class SqlOnceStore implements OnceStore {
  readonly #records: Records

  constructor(records: Records) {
    this.#records = records
  }

  async find(caller: string, key: string, now: EpochMs): Promise<OnceRecord | undefined> {
    const { reads, sealer } = this.#records
    const once = await reads.read(findOne(sealer, onceTable, findSql, caller, key))
    return once && once.at > now - onceKeptMs ? once : undefined
  }
}
