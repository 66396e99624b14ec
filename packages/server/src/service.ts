import type { ExposureLog, Feed, Ports, Spending, UseRecorder, Verifier } from '@chatelaine/core'
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
  /** Whether requests may be sent here: `undefined` when they may, else why not, in words for the operator. */
  unreadyBecause(): string | undefined
}
