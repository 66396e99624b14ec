import type { Settings, SettingsStore } from '@chatelaine/core'
import { readSettings } from '../../sql/tables/find.ts'
import type { Steps } from '../../sql/steps.ts'
import { reading, type Records } from './reader.ts'

export class SqliteSettingsStore implements SettingsStore {
  readonly #records: Records

  constructor(records: Records) {
    this.#records = records
  }

  #perform<T>(steps: Steps<T>): T {
    return this.#records.connection.perform(steps)
  }

  read(): Promise<Settings> {
    return reading(() => this.#perform(readSettings(this.#records.sealer)))
  }
}
