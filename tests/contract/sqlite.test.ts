import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '@chatelaine/storage/sqlite'
import { describeAccountStore } from './account-store.ts'
import { describeChangeLog } from './change-log.ts'
import { describeHandoffStore } from './handoff-store.ts'
import { describeHousekeeping } from './housekeeping.ts'
import { describeLogExport } from './log-export.ts'
import { describeAgainstModel } from './model-based.ts'
import { describeOnceStore } from './once-store.ts'
import { describeProjectStore } from './project-store.ts'
import { describeSessionStore } from './session-store.ts'
import { describeSettingsStore } from './settings-store.ts'
import type { OpenStorage } from './suite.ts'
import { describeTokenStore } from './token-store.ts'
import { describeUsageStore } from './usage-store.ts'

const open: OpenStorage = async (context, ringText) => {
  const directory = await mkdtemp(join(tmpdir(), 'chatelaine-contract-'))
  const faults: string[] = []
  const storage = await openSqlite({
    directory,
    journalDirectory: join(directory, 'journal'),
    ringText,
    random: (count) => randomBytes(count),
    onDamaged: ({ table, id }) => faults.push(`the row ${id} of ${table} is damaged`),
    onFault: (fault) => faults.push(fault),
  })
  context.after(async () => {
    await storage.close()
    await rm(directory, { recursive: true })
    if (faults.length > 0) throw new Error(faults.join('; '))
  })
  return storage
}

describeChangeLog(open)
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
describeAgainstModel(open)
