import type { Settings } from '../domain/settings.ts'

/** What is settled for the whole deployment. */
export interface SettingsStore {
  /**
   * The settings in force; those of a new deployment are `initialSettings`.
   * @throws `unavailable` (rejects) when their row is damaged or gone: without it nobody knows what is allowed.
   */
  read(): Promise<Settings>
}
