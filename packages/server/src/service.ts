import type { EpochMs, ExposureLog, Feed, Ports, Spending, UseRecorder, Verifier } from '@chatelaine/core'
import type { DatabaseFacts } from '@chatelaine/storage/sqlite'
import type { Logger } from 'pino'
import type { Settings } from './config.ts'
import type { PreparedAnswer } from './http/verify-answer.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { SingleSignOn } from './single-sign-on.ts'

/** Everything that answers requests, put together once in `assemble.ts` and passed to whoever needs it. */
export interface Service {
  readonly settings: Settings
  readonly ports: Ports
  readonly verifier: Verifier<PreparedAnswer>
  readonly spending: Spending
  readonly uses: UseRecorder
  readonly exposures: ExposureLog
  /** The log, for verifiers outside the server. */
  readonly feed: Feed
  readonly metrics: Metrics
  /** Who vouches for people besides their passwords; nobody when absent. */
  readonly singleSignOn: SingleSignOn | undefined
  readonly log: Logger
  readonly running: Running
  /** Whether requests may be sent here: `undefined` when they may, else why not, in words for the operator. */
  unreadyBecause(): string | undefined
}

/** What runs, for whoever runs it. */
export interface Running {
  /** Random for each start of a process. */
  readonly instanceId: string
  readonly startedAt: EpochMs
  /** The ids of the master keys that it read when it started, the current one first. */
  readonly keyIds: readonly string[]
  /** Instances or processes that answer for the same database, as this one sees them. */
  instanceCount(): number
  /** @throws `unavailable` (rejects). */
  describeDatabase(): Promise<DatabaseFacts>
}
