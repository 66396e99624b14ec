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
import { SqlHousekeeping } from './write/housekeeping.ts'
import type { Writing } from './write/writing.ts'
import { SqlAccountStore } from './read/account-store.ts'
import { SqlChangeLog } from './read/change-log.ts'
import { SqlHandoffStore } from './read/handoff-store.ts'
import { SqlOnceStore } from './read/once-store.ts'
import { SqlProjectStore } from './read/project-store.ts'
import type { Records } from './read/reads.ts'
import { SqlSessionStore } from './read/session-store.ts'
import { SqlSettingsStore } from './read/settings-store.ts'
import { SqlTokenStore } from './read/token-store.ts'
import { SqlUsageStore } from './read/usage-store.ts'

/** The ports on one database, whichever it is. */
export interface Stores {
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

/** Reads from this process; what is to be written goes to whoever writes. */
export function storesOn(records: Records, writing: Writing, keys: Keys): Stores {
  return {
    log: new SqlChangeLog(records, writing, keys),
    once: new SqlOnceStore(records),
    tokens: new SqlTokenStore(records, writing),
    accounts: new SqlAccountStore(records),
    projects: new SqlProjectStore(records),
    settings: new SqlSettingsStore(records),
    sessions: new SqlSessionStore(records, writing),
    handoffs: new SqlHandoffStore(records, writing),
    usage: new SqlUsageStore(records.reads, writing),
    housekeeping: new SqlHousekeeping(writing),
  }
}
