import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '@chatelaine/storage/sqlite'
import { describeEveryPort } from './every-port.ts'
import { describeAgainstModel } from './model-based.ts'
import type { OpenStorage } from './suite.ts'

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

describeEveryPort(open)
describeAgainstModel(open)
