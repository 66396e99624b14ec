import { ModelStore } from '../../packages/core/test/model-store.ts'
import { describeAccountStore } from './account-store.ts'
import { describeChangeLog } from './change-log.ts'
import { describeHandoffStore } from './handoff-store.ts'
import { describeHousekeeping } from './housekeeping.ts'
import { describeLogExport } from './log-export.ts'
import { describeOnceStore } from './once-store.ts'
import { describeProjectStore } from './project-store.ts'
import { describeSessionStore } from './session-store.ts'
import { describeSettingsStore } from './settings-store.ts'
import type { OpenStorage } from './suite.ts'
import { describeTokenStore } from './token-store.ts'
import { describeUsageStore } from './usage-store.ts'

// The model that core's own tests run on keeps the same promises as the backends that stand in for it later.
const open: OpenStorage = async () => new ModelStore('model00000000000')

describeChangeLog(open, {
  skip: [
    {
      promise: 'a request that cannot be carried out takes nothing of the others with it',
      reason: 'the model takes any text',
    },
  ],
})
describeLogExport(open)
describeTokenStore(open)
describeAccountStore(open)
describeProjectStore(open)
describeSessionStore(open)
describeSettingsStore(open)
describeOnceStore(open)
describeUsageStore(open)
describeHandoffStore(open)
describeHousekeeping(open)
