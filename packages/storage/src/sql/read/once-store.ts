import type { EpochMs, OnceRecord, OnceStore } from '@chatelaine/core'
import { findOnce } from '../tables/find.ts'
import { onceKeptMs } from '../write/once.ts'
import type { Records } from './reads.ts'

export class SqlOnceStore implements OnceStore {
  readonly #records: Records

  constructor(records: Records) {
    this.#records = records
  }

  async find(caller: string, key: string, now: EpochMs): Promise<OnceRecord | undefined> {
    const { reads, sealer } = this.#records
    const once = await reads.read(findOnce(sealer, caller, key))
    return once && once.at > now - onceKeptMs ? once : undefined
  }
}
