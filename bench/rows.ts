import { barrier } from './rows/barrier.ts'
import { besideBetterAuth } from './rows/better-auth.ts'
import { create } from './rows/create.ts'
import { forwardAuth } from './rows/forward-auth.ts'
import { inProcess } from './rows/in-process.ts'
import { postgres } from './rows/postgres.ts'
import { sdk } from './rows/sdk.ts'
import { irodsAuth } from './rows/irods-auth.ts'
import { scan } from './rows/scan.ts'
import { startUp } from './rows/start-up.ts'
import { verifyBesideWrites } from './rows/verify-beside-writes.ts'
import { verifyCold } from './rows/verify-cold.ts'
import { verifyLimited } from './rows/verify-limited.ts'
import { verifyProcesses } from './rows/verify-processes.ts'
import { verifyWarm } from './rows/verify-warm.ts'
import type { Scene } from './scene.ts'
import type { Line } from './table.ts'

/** What can be measured, in the order of the table. */
export const rows = {
  'verify-warm': verifyWarm,
  'verify-processes': verifyProcesses,
  'verify-beside-writes': verifyBesideWrites,
  'verify-cold': verifyCold,
  'verify-limited': verifyLimited,
  'forward-auth': forwardAuth,
  'irods-auth': irodsAuth,
  create,
  postgres,
  barrier,
  'in-process': inProcess,
  sdk,
  'start-up': startUp,
  scan,
  'better-auth': besideBetterAuth,
} as const satisfies Record<string, (scene: Scene) => Promise<Line[]>>

export type RowName = keyof typeof rows
