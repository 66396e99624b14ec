import type {
  AccountStore,
  ChangeLog,
  HandoffStore,
  Housekeeping,
  OnceStore,
  ProjectStore,
  SessionStore,
  SettingsStore,
  TokenStore,
  UsageStore,
} from '@chatelaine/core'
import type { Keys } from '@chatelaine/token/keys'
import { SqliteHousekeeping } from '../sql/write/housekeeping.ts'
import type { Writing } from '../sql/write/writing.ts'
import { readPosition } from './backup.ts'
import type { Connection } from './connection.ts'
import { SqliteAccountStore } from './read/account-store.ts'
import { SqliteChangeLog } from './read/change-log.ts'
import { SqliteHandoffStore } from './read/handoff-store.ts'
import { SqliteOnceStore } from './read/once-store.ts'
import { SqliteProjectStore } from './read/project-store.ts'
import type { Records } from './read/reader.ts'
import { SqliteSessionStore } from './read/session-store.ts'
import { SqliteSettingsStore } from './read/settings-store.ts'
import { SqliteTokenStore } from './read/token-store.ts'
import { SqliteUsageStore } from './read/usage-store.ts'
import { isSqliteError } from './sqlite-fault.ts'

/** The ports on one database. */
export interface SqliteStores {
  readonly log: ChangeLog
  readonly once: OnceStore
  readonly tokens: TokenStore
  readonly accounts: AccountStore
  readonly projects: ProjectStore
  readonly settings: SettingsStore
  readonly sessions: SessionStore
  readonly handoffs: HandoffStore
  readonly usage: UsageStore
  readonly housekeeping: Housekeeping
}

/** Reads on a connection of this process; what is to be written goes to whoever writes. */
export function storesOn(records: Records, writing: Writing, keys: Keys): SqliteStores {
  return {
    log: new SqliteChangeLog(records, writing, keys),
    once: new SqliteOnceStore(records),
    tokens: new SqliteTokenStore(records, writing),
    accounts: new SqliteAccountStore(records),
    projects: new SqliteProjectStore(records),
    settings: new SqliteSettingsStore(records),
    sessions: new SqliteSessionStore(records, writing),
    handoffs: new SqliteHandoffStore(records, writing),
    usage: new SqliteUsageStore(records.connection, writing),
    housekeeping: new SqliteHousekeeping(writing),
  }
}

/** Why the database cannot be read at the moment; `undefined` when it can. */
export function readingTrouble(connection: Connection): string | undefined {
  try {
    readPosition(connection)
    return undefined
  } catch (error) {
    if (!isSqliteError(error)) throw error
    return 'the database cannot be read'
  }
}
