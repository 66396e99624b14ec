import type { Settings, SettingsStore } from '@chatelaine/core'
import { readSettings } from '../tables/find.ts'
import type { Records } from './reads.ts'

export class SqlSettingsStore implements SettingsStore {
  readonly #records: Records

  constructor(records: Records) {
    this.#records = records
  }

  read(): Promise<Settings> {
    return this.#records.reads.read(readSettings(this.#records.sealer))
  }
}
