// The ports: what the domain needs of the world, each by the promise that it makes. Every backend is held to the same
// contract suites. Unless said otherwise a method rejects with the failure `unavailable` when the store cannot answer,
// and reads see every change whose commit was answered before they began.
//
// Rows are sealed. A row whose seal does not fit what it holds was planted, altered or damaged: it is treated as
// absent, its id is reported, and nothing else is affected.

import type { Random } from '@chatelaine/token'
import type { Freshness } from './freshness/freshness.ts'
import type { OnceGate } from './log/once.ts'
import type { AccountStore } from './ports/account-store.ts'
import type { ChangeLog } from './ports/change-log.ts'
import type { Clock } from './ports/clock.ts'
import type { HandoffStore } from './ports/handoff-store.ts'
import type { Housekeeping } from './ports/housekeeping.ts'
import type { Keys } from './ports/keys.ts'
import type { OnceStore } from './ports/once-store.ts'
import type { Passwords } from './ports/passwords.ts'
import type { ProjectStore } from './ports/project-store.ts'
import type { RateCounter } from './ports/rate-counter.ts'
import type { SessionStore } from './ports/session-store.ts'
import type { SettingsStore } from './ports/settings-store.ts'
import type { TokenStore } from './ports/token-store.ts'
import type { UsageStore } from './ports/usage-store.ts'
import type { AttemptCounters } from './sign-in/attempts.ts'

export * from './ports/change-log.ts'
export * from './ports/once-store.ts'
export * from './ports/token-store.ts'
export * from './ports/account-store.ts'
export * from './ports/project-store.ts'
export * from './ports/session-store.ts'
export * from './ports/settings-store.ts'
export * from './ports/handoff-store.ts'
export * from './ports/usage-store.ts'
export * from './ports/housekeeping.ts'
export * from './ports/page.ts'
export * from './ports/rate-counter.ts'
export * from './ports/clock.ts'
export * from './ports/keys.ts'
export * from './ports/passwords.ts'

/** Everything that the use cases are given. */
export interface Ports {
  readonly log: ChangeLog
  readonly once: OnceStore
  readonly tokens: TokenStore
  readonly accounts: AccountStore
  readonly projects: ProjectStore
  readonly sessions: SessionStore
  readonly handoffs: HandoffStore
  readonly usage: UsageStore
  readonly housekeeping: Housekeeping
  readonly clock: Clock
  readonly random: Random
  readonly keys: Keys
  readonly passwords: Passwords
  readonly freshness: Freshness
  readonly onceGate: OnceGate
  readonly attempts: AttemptCounters
  readonly rates: RateCounter
  readonly settings: SettingsStore
  /** What this deployment's tokens begin with. */
  readonly tokenPrefix: string
}
