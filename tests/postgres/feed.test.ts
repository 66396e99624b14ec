import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test, type TestContext } from 'node:test'
import { deployment, type LogEntry } from '@chatelaine/core'
import { randomBase62 } from '@chatelaine/token'
import { deriveKeys } from '@chatelaine/token/keys'
import { Connection, connectMs } from '../../packages/storage/src/postgres/connection.ts'
import { Connections } from '../../packages/storage/src/postgres/connections.ts'
import { beginEpoch } from '../../packages/storage/src/postgres/epoch.ts'
import { hint, PostgresLogFeed, type LogFeedParts } from '../../packages/storage/src/postgres/feed.ts'
import { PostgresInstances } from '../../packages/storage/src/postgres/instances.ts'
import { JournaledFeed } from '../../packages/storage/src/postgres/journaled-feed.ts'
import { KnownLog } from '../../packages/storage/src/postgres/known-log.ts'
import { prepareDatabase } from '../../packages/storage/src/postgres/prepare.ts'
import { inTransaction } from '../../packages/storage/src/postgres/transaction.ts'
import { Sealer } from '../../packages/storage/src/sql/seal.ts'
import { get, run, type Steps } from '../../packages/storage/src/sql/steps.ts'
import { append } from '../../packages/storage/src/sql/write/append.ts'
import { Draft } from '../../packages/storage/src/sql/write/draft.ts'
import type { WriteRequest } from '../../packages/storage/src/sql/write/requests.ts'
import { noon, putToken, sampleToken } from '../../packages/storage/test/samples.ts'
import { describeInstances } from '../contract/instances.ts'
import { describeLogFeed } from '../contract/log-feed.ts'
import { ring } from '../contract/suite.ts'
import { settled } from '../../packages/core/test/world.ts'
import { newestPostgres, systemPostgres } from '../services/postgres-programs.ts'
import { absenceOf, startPostgres, type PostgresServer } from '../services/postgres.ts'
import { answersTo, commit, committed, directory, open, resultOf, takenSeqs } from './committing.ts'
import { backUp } from './put-back.ts'

for (const release of [newestPostgres(), systemPostgres()]) {
  describe(`instances beside each other on ${release.name}`, { skip: absenceOf(release) }, () => {
    let server: PostgresServer

    before(async () => {
      server = await startPostgres(release)
    })
    after(() => server.close())

    async function openDatabase(context: TestContext) {
      const url = await server.createDatabase()
      const preparing = await Connection.open(url, { connectMs, statementMs: 10_000, callMs: 10_000 })
      await preparing.perform(
        prepareDatabase(
          deriveKeys(ring),
          randomBase62(16, (count) => randomBytes(count)),
        ),
      )
      await preparing.close()
      const open = () => {
        const connections = new Connections(url)
        context.after(() => connections.close())
        return connections
      }
      return { url, one: open(), other: open() }
    }

    async function openFeed(context: TestContext) {
      const { url, one, other } = await openDatabase(context)
      const told: string[] = []
      let mendedCount = 0
      const feed = feedOn(one, {
        onOtherHistory: () => told.push('another history'),
        mend: async () => void (mendedCount += 1),
      })
      const commit = (count: number) => other.reads.use((connection) => connection.perform(commitEntries(count)))
      return { url, one, other, feed, commit, told, backUp: () => backUp(url), mended: () => mendedCount }
    }

    async function openInstances(context: TestContext) {
      const { url, one, other } = await openDatabase(context)
      const instancesOf = ({ registration, barrier }: Connections) => new PostgresInstances(registration, barrier)
      return { one: instancesOf(one), other: instancesOf(other), backUp: () => backUp(url) }
    }

    describeLogFeed(openFeed)
    describeInstances(openInstances)

    test('a feed listens again after its connection was lost', async (context) => {
      const { feed, commit } = await openFeed(context)
      const { position } = await feed.readEnd()
      await server.stopAtOnce()
      await assert.rejects(feed.readEnd(), { key: 'unavailable' })
      await server.startAgain()
      const { promise: hinted, resolve } = Promise.withResolvers<void>()
      feed.onHint(resolve)
      await feed.readEnd()
      const entries = await commit(1)
      await hinted
      assert.deepEqual(await feed.readAfter(position, 10).then((page) => 'entries' in page && page.entries), entries)
    })

    test('whoever lists the instances is told first when it does so over another connection', async (context) => {
      const { one } = await openInstances(context)
      const heard: string[] = []
      one.onReconnect(() => heard.push('reconnected'))
      await one.list()
      await one.list()
      await server.stopAtOnce()
      await assert.rejects(one.list(), { key: 'unavailable' })
      await server.startAgain()
      await one.list().then(() => heard.push('listed'))
      assert.deepEqual(heard, ['reconnected', 'listed'])
    })

    test('a log that goes on from an older state cannot be read until it has another epoch, and that is told', async (context) => {
      const { feed, told, other } = await openFeed(context)
      const { position } = await feed.readEnd()
      await other.reads.use((connection) => connection.perform(run("UPDATE epochs SET history = '1/00000001'")))
      await assert.rejects(feed.readEnd(), { key: 'unavailable' })
      await assert.rejects(feed.readAfter(position, 10), { key: 'unavailable' })
      assert.deepEqual(told, ['another history', 'another history'])
    })

    test('what others took away is in the journal of this instance, also what came before its first read or amid its writing', async (context) => {
      const { url, one } = await openDatabase(context)
      const journalDirectory = directory(context)
      const own = await open(context, url, { journalDirectory })
      const other = await open(context, url)
      const takeAway = async () => committed(await commit(other, [putToken(sampleToken(), {}, { effect: 'takes' })]))
      const written: PromiseWithResolvers<void>[] = []
      let answer = Promise.withResolvers<void>()
      const writing = {
        async write(request: WriteRequest): Promise<never> {
          const mine = Promise.withResolvers<void>()
          written.push(mine)
          const [came] = await answersTo(own, [request])
          mine.resolve()
          await answer.promise
          return resultOf(came) as never
        },
      }
      const feed = new JournaledFeed(feedOn(one), writing)
      await takeAway()
      const { position } = await feed.readEnd()
      await written[0]?.promise
      assert.deepEqual(takenSeqs(journalDirectory), [1])
      await takeAway()
      await feed.readAfter(position, 10)
      answer.resolve()
      answer = Promise.withResolvers()
      await settled()
      await feed.readAfter({ ...position, seq: 2 }, 10)
      await written[1]?.promise
      assert.deepEqual(takenSeqs(journalDirectory), [1, 2])
      answer.reject(new Error('too busy'))
      answer = Promise.withResolvers()
      await settled()
      await feed.readAfter({ ...position, seq: 2 }, 10)
      assert.equal(written.length, 3, 'what was refused is asked for again')
      answer.resolve()
    })

    test('of a server that goes on from an older state no request reads anything before the log has another epoch', async (context) => {
      const { one, other } = await openDatabase(context)
      const readThere = () => one.reads.use((connection) => connection.perform(get('SELECT 1 AS one')))
      const write = (sql: string) => other.registration.use((connection) => connection.perform(run(sql)))
      await write("UPDATE epochs SET history = '1/00000001'")
      await assert.rejects(readThere(), /goes on from an older state/)
      await other.registration.use((connection) => connection.perform(inTransaction(beginEpoch('another'))))
      assert.deepEqual(await readThere(), { one: 1 })
    })

    test('the others hear when an instance joins the news of the log, and not of each of its beats', async (context) => {
      const { one, other } = await openDatabase(context)
      const feed = feedOn(one)
      const instances = new PostgresInstances(other.registration, other.barrier)
      let hints = 0
      feed.onHint(() => (hints += 1))
      const { position: applied } = await feed.readEnd()
      const state = { id: 'a', applied, beat: 1, verifiers: { count: 0, lowestSeq: null, longestLeaseMs: 0 } }
      await instances.join(state)
      for (const [beat, seq] of [1, 1, 1, 2].entries()) {
        await instances.update({ ...state, beat: beat + 2, applied: { ...applied, seq } }, beat + 1)
      }
      await instances.remove('a', 5)
      // Notifications come in the order in which they were committed.
      const { promise: last, resolve } = Promise.withResolvers<void>()
      await one.feed.use((connection) => connection.listen('the last of the test', resolve))
      await other.reads.use((connection) => connection.perform(run('NOTIFY "the last of the test"')))
      await last
      assert.equal(hints, 3)
    })
  })
}

function feedOn({ feed: lane }: Connections, parts: Partial<LogFeedParts> = {}): PostgresLogFeed {
  const nothing = { onOtherHistory: () => undefined, mend: async () => undefined }
  return new PostgresLogFeed({ lane, known: new KnownLog(), ...nothing, ...parts })
}

let entriesCount = 0

/** Adds so many entries to the log in one transaction, and tells of them. */
function* commitEntries(count: number): Steps<readonly LogEntry[]> {
  const sealer = new Sealer(deriveKeys(ring), () => undefined)
  const faults = { endsTransaction: () => true, isDamage: () => false }
  return yield* inTransaction(
    (function* () {
      const draft = yield* Draft.read(0)
      for (let entry = 0; entry < count; entry += 1) {
        const actor = { type: 'system', accountId: null, tokenId: null, ip: null, client: null } as const
        const event = { at: noon, actor, action: 'deployment.policy_changed', effect: 'gives' } as const
        // Otherwise a log that is written anew would be the same.
        const details = { number: (entriesCount += 1) }
        yield* append(
          { sealer, draft, journal: undefined, faults },
          { ...event, subject: deployment, details },
          null,
          undefined,
        )
      }
      yield* draft.save()
      yield* hint()
      return draft.entries
    })(),
  )
}
