import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { AuthorityClock, Lease, LogReader, type ChangeLog } from '@chatelaine/core'
import { openPostgres, type PostgresStorage } from '@chatelaine/storage/postgres'
import type { PostgresRelease } from '../services/postgres-programs.ts'
import { absenceOf, startPostgres, type PostgresServer } from '../services/postgres.ts'
import { describeEveryPort } from './every-port.ts'
import { describeAgainstModel } from './model-based.ts'
import type { OpenStorage, Storage } from './suite.ts'

/** Every port, on a PostgreSQL of this release. */
export function describeOnPostgres(release: PostgresRelease): void {
  describe(`one instance on ${release.name}`, { skip: absenceOf(release) }, () => {
    let server: PostgresServer

    before(async () => {
      server = await startPostgres(release)
    })
    after(() => server.close())

    const open: OpenStorage = async (context, ringText) => {
      const journalDirectory = await mkdtemp(join(tmpdir(), 'chatelaine-contract-'))
      const faults: string[] = []
      const storage = await openPostgres({
        url: await server.createDatabase(),
        journalDirectory,
        ringText,
        onDamaged: ({ table, id }) => faults.push(`the row ${id} of ${table} is damaged`),
        onFault: (fault) => faults.push(fault),
      })
      context.after(async () => {
        await storage.close()
        await rm(journalDirectory, { recursive: true })
        if (faults.length > 0) throw new Error(faults.join('; '))
      })
      return hearing(storage)
    }

    describeEveryPort(open)
    describeAgainstModel(open)
  })
}

/** The storage of an instance that reads what it committed before it answers, as the barrier has it in a server. */
async function hearing(storage: PostgresStorage): Promise<Storage> {
  const clock = { now: () => Date.now(), monotonicMs: () => performance.now() }
  const source = new LogReader({
    ...storage.shared,
    id: randomBytes(8).toString('hex'),
    clock,
    lease: new Lease(),
    authority: new AuthorityClock(clock),
    verifiers: () => ({ count: 0, lowestSeq: null, longestLeaseMs: 0 }),
    onRowLost: () => undefined,
    onPutBack: () => undefined,
  })
  await source.step()
  let steps = Promise.resolve()
  const log: ChangeLog = {
    async commit(changes, once) {
      const outcome = await storage.log.commit(changes, once)
      await (steps = steps.then(() => source.step()))
      return outcome
    },
    read: (query) => storage.log.read(query),
    export: (filters, at) => storage.log.export(filters, at),
    auditKeys: () => storage.log.auditKeys(),
  }
  return { ...storage, log, source }
}
