import { describeAccountStore } from './account-store.ts'
import { describeChangeLog } from './change-log.ts'
import { describeHandoffStore } from './handoff-store.ts'
import { describeHousekeeping } from './housekeeping.ts'
import { describeLogExport } from './log-export.ts'
import { describeOnceStore } from './once-store.ts'
import { describeProjectStore } from './project-store.ts'
import { describeSessionStore } from './session-store.ts'
import { describeSettingsStore } from './settings-store.ts'
import type { OpenStorage, SuiteOptions } from './suite.ts'
import { describeTokenStore } from './token-store.ts'
import { describeUsageStore } from './usage-store.ts'

const suites = [
  describeChangeLog,
  describeLogExport,
  describeTokenStore,
  describeAccountStore,
  describeProjectStore,
  describeSessionStore,
  describeSettingsStore,
  describeOnceStore,
  describeUsageStore,
  describeHandoffStore,
  describeHousekeeping,
]

/** What every port of the storage promises, on whatever implements them all. */
export function describeEveryPort(open: OpenStorage, options: SuiteOptions = {}): void {
  for (const describeOne of suites) describeOne(open, options)
}
