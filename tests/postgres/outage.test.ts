import assert from 'node:assert/strict'
import { after, before, describe, test, type TestContext } from 'node:test'
import { Failure, type CommitOutcome, type Token } from '@chatelaine/core'
import { openPostgres, type PostgresStorage } from '@chatelaine/storage/postgres'
import { allPages, putToken, sampleToken } from '../../packages/storage/test/samples.ts'
import { newestPostgres, systemPostgres } from '../services/postgres-programs.ts'
import { absenceOf, startPostgres, type PostgresServer } from '../services/postgres.ts'
import { committed, directory, ringText } from './committing.ts'

/** So long after the server is back everything is served again. */
const recoveryMsMax = 5_000

for (const release of [newestPostgres(), systemPostgres()]) {
  describe(`an instance that loses ${release.name}`, { skip: absenceOf(release) }, () => {
    let server: PostgresServer

    before(async () => {
      server = await startPostgres(release)
    })
    after(() => server.close())

    const losses = {
      frozen: { lose: () => server.freeze(), bringBack: async () => server.thaw() },
      stopped: { lose: () => server.stopAtOnce(), bringBack: () => server.startAgain() },
    }

    for (const [loss, { lose, bringBack }] of Object.entries(losses)) {
      test(`refuses within a second while it is ${loss}, is served again afterwards, and has lost nothing`, async (context) => {
        const storage = await open(context, server)
        const acknowledged: Token[] = []
        for (let count = 0; count < 5; count += 1) acknowledged.push(await create(storage))
        // Some are on their way at that moment.
        const underWay = Array.from({ length: 20 }, () => attempt(() => create(storage)))
        await lose()
        const refused = [
          await attempt(() => create(storage)),
          await attempt(() => storage.tokens.find(acknowledged[0]!.id)),
          await attempt(() => storage.tokens.reserveUses(acknowledged[0]!.id, 1)),
          await attempt(() => storage.shared.feed.readEnd()),
          await attempt(() => storage.shared.instances.list()),
        ]
        for (const { failure, ms } of refused) {
          assert.equal(failure?.key, 'unavailable')
          assert.equal(failure?.retryAfterSeconds, 1)
          assert.ok(ms < 1_000, `${ms} ms`)
        }
        for (const { ms } of await Promise.all(underWay)) assert.ok(ms < 1_000, `${ms} ms`)
        assert.equal(typeof storage.unreadyBecause(), 'string')

        await bringBack()
        const backAt = performance.now()
        acknowledged.push(await untilServed(() => create(storage)))
        assert.ok(performance.now() - backAt < recoveryMsMax)
        for (const { answer } of await Promise.all(underWay)) if (answer !== undefined) acknowledged.push(answer)
        for (const { id } of acknowledged) assert.equal((await storage.tokens.find(id))?.id, id)
        const entries = await allPages((place) => storage.log.read({ limit: 50, ...(place && { after: place }) }))
        assert.deepEqual(
          entries.map(({ seq }) => seq),
          entries.map((_, index) => entries.length - index),
        )
        assert.equal(storage.unreadyBecause(), undefined)
      })
    }
  })
}

async function open(context: TestContext, server: PostgresServer): Promise<PostgresStorage> {
  const storage = await openPostgres({
    url: await server.createDatabase(),
    journalDirectory: directory(context),
    ringText,
    onDamaged: ({ table, id }) => assert.fail(`the row ${id} of ${table} is damaged`),
    onFault: () => undefined,
  })
  context.after(() => storage.close())
  return storage
}

async function create({ log }: PostgresStorage): Promise<Token> {
  const { written }: Extract<CommitOutcome, { outcome: 'committed' }> = committed(
    await log.commit([putToken(sampleToken())]),
  )
  const [first] = written
  assert.ok(first?.type === 'token')
  return first.token
}

interface Attempt<T> {
  readonly answer?: T
  readonly failure?: Failure
  readonly ms: number
}

async function attempt<T>(ask: () => Promise<T>): Promise<Attempt<T>> {
  const begun = performance.now()
  try {
    const answer = await ask()
    return { answer, ms: performance.now() - begun }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { failure: error, ms: performance.now() - begun }
  }
}

async function untilServed<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    const { answer } = await attempt(ask)
    if (answer !== undefined) return answer
  }
}
