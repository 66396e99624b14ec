import type { Settings, SettingsStore } from '@chatelaine/core'
import { readSettings, type Records } from '../tables/find.ts'
import { reading } from './reader.ts'

export class SqliteSettingsStore implements SettingsStore {
  readonly #records: Records

  constructor(records: Records) {
    this.#records = records
  }

  read(): Promise<Settings> {
    return reading(() => readSettings(this.#records))
  }
}
