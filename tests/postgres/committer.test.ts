import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test, type TestContext } from 'node:test'
import type { CommitOutcome } from '@chatelaine/core'
import { Connection } from '../../packages/storage/src/postgres/connection.ts'
import { all, run } from '../../packages/storage/src/sql/steps.ts'
import type { DamagedRow } from '../../packages/storage/src/sql/seal.ts'
import type { WriteRequest } from '../../packages/storage/src/sql/write/requests.ts'
import { noon, plenty, putToken, sampleToken } from '../../packages/storage/test/samples.ts'
import { newestPostgres, systemPostgres } from '../services/postgres-programs.ts'
import { absenceOf, startPostgres, type PostgresServer } from '../services/postgres.ts'
import {
  answersTo,
  commit,
  committed,
  copyOf,
  directory,
  enqueue,
  open,
  query,
  resultOf,
  ringText,
  takenSeqs,
} from './committing.ts'
import { cutWire } from './cut-wire.ts'

for (const release of [newestPostgres(), systemPostgres()]) {
  describe(`writing beside each other on ${release.name}`, { skip: absenceOf(release) }, () => {
    let server: PostgresServer

    before(async () => {
      server = await startPostgres(release)
    })
    after(() => server.close())

    test('instances that start at once on an empty database make it once, and go on in one epoch', async (context) => {
      const url = await server.createDatabase()
      const committers = await Promise.all([1, 2, 3].map(() => open(context, url)))
      const [first] = committers
      for (const { position } of committers) assert.deepEqual(position, first?.position)
      assert.equal((await query(url, 'SELECT epoch FROM epochs')).length, 1)
    })

    test('a database that holds tables of another program is refused', async (context) => {
      const url = await server.createDatabase()
      await query(url, 'CREATE TABLE theirs (a integer)')
      await assert.rejects(open(context, url), { key: 'not-ours', message: /holds tables of another program/ })
    })

    test('a database of a newer release is refused, and so is one that is made with another master key', async (context) => {
      const url = await server.createDatabase()
      await open(context, url)
      const other = ringText.replace(/ \S+/, ` ${randomBytes(32).toString('base64')}`)
      await assert.rejects(open(context, url, { ringText: other }), { key: 'other-master-key' })
      await query(url, 'UPDATE chatelaine_schema SET version = version + 1')
      await assert.rejects(open(context, url), { key: 'newer-schema' })
    })

    test('a database that could lose what was answered for is refused', async (context) => {
      const url = await server.createDatabase()
      await query(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET synchronous_commit = off`)
      await assert.rejects(open(context, url), { key: 'setting-refused', message: /synchronous_commit = off/ })
    })

    test('a log whose end was cut off or planted is refused', async (context) => {
      const url = await server.createDatabase()
      const committer = await open(context, url)
      committed(await commit(committer, [putToken(sampleToken()), putToken(sampleToken())]))
      const copies = [await copyOf(server, url, 1), await copyOf(server, url, 2)] as const
      await query(copies[0], 'DELETE FROM changes WHERE seq = 2')
      await query(copies[1], "UPDATE counters SET chain = repeat('0', 64)")
      for (const copy of copies) await assert.rejects(open(context, copy), { key: 'log-altered' })
    })

    test('a token that somebody altered or planted in the database is absent, and is reported', async (context) => {
      const url = await server.createDatabase()
      const damaged: DamagedRow[] = []
      const committer = await open(context, url, { onDamaged: (row) => damaged.push(row) })
      const outcome = committed(await commit(committer, [putToken(sampleToken({ usesGranted: 5 }))]))
      const [written] = outcome.written
      assert.ok(written?.type === 'token')
      const { id } = written.token
      await query(url, 'UPDATE uses_left SET remaining = 500')
      const [reserved] = await answersTo(committer, [{ do: 'reserve-uses', id, count: 1 }])
      assert.deepEqual(resultOf(reserved), { reserved: 0, left: 0 })
      await query(url, 'UPDATE tokens SET scopes = \'["*"]\'')
      assert.equal((await commit(committer, [putToken(written.token)])).outcome, 'conflict')
      assert.deepEqual(damaged, [
        { table: 'uses_left', id },
        { table: 'tokens', id },
      ])
    })

    test('of changes that instances commit at once none takes the place of another, and the chain holds', async (context) => {
      const url = await server.createDatabase()
      const committers = await Promise.all([1, 2, 3].map(() => open(context, url)))
      await Promise.all(
        committers.map(async (committer) => {
          for (let times = 0; times < 20; times += 1) committed(await commit(committer, [putToken(sampleToken())]))
        }),
      )
      const rows = await query(url, 'SELECT seq FROM changes ORDER BY seq')
      assert.deepEqual(
        rows.map(({ seq }) => seq),
        Array.from({ length: 60 }, (_, index) => index + 1),
      )
      // Opening checks that the log ends under a signed head.
      assert.equal((await open(context, url)).position.seq, 60)
    })

    test('five permanent tokens are five, whichever instances are asked', async (context) => {
      const url = await server.createDatabase()
      const committers = await Promise.all([1, 2, 3].map(() => open(context, url)))
      const outcomes = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          enqueue(committers[index % 3]!, [
            putToken(sampleToken({ expiresAt: null }), { limits: { ...plenty, permanentMax: 5 } }),
          ]),
        ),
      )
      const made = outcomes.filter(({ outcome }) => outcome === 'committed')
      assert.equal(made.length, 5)
      assert.ok(outcomes.every(({ outcome }) => outcome === 'committed' || outcome === 'permanent-limit'))
    })

    test('uses that instances reserve at once are never more than were granted', async (context) => {
      const url = await server.createDatabase()
      const committers = await Promise.all([1, 2, 3].map(() => open(context, url)))
      const token = sampleToken({ usesGranted: 7 })
      committed(await commit(committers[0]!, [putToken(token)]))
      const reserved = await Promise.all(
        committers.map(async (committer) => {
          let own = 0
          for (let times = 0; times < 5; times += 1) {
            const [answer] = await answersTo(committer, [{ do: 'reserve-uses', id: token.id, count: 1 }])
            own += (resultOf(answer) as { reserved: number }).reserved
          }
          return own
        }),
      )
      assert.equal(
        reserved.reduce((sum, own) => sum + own, 0),
        7,
      )
    })

    test('an idempotency key is used once, whichever instances are asked', async (context) => {
      const url = await server.createDatabase()
      const committers = await Promise.all([1, 2, 3].map(() => open(context, url)))
      const once = { caller: 'acc_1', key: 'key', fingerprint: 'f', at: noon }
      const outcomes = await Promise.all(
        committers.map((committer) =>
          answersTo(committer, [{ do: 'commit', changes: [putToken(sampleToken())], once }]).then(
            ([answer]) => (resultOf(answer) as CommitOutcome).outcome,
          ),
        ),
      )
      assert.deepEqual(outcomes.toSorted(), ['committed', 'repeated', 'repeated'])
    })

    test('a group that takes long leaves what is left to the next one, and nothing of it is done twice', async (context) => {
      const url = await server.createDatabase()
      const committer = await open(context, url)
      const requests = Array.from({ length: 512 }, () => creation())
      const { answers } = await committer.commit(requests)
      const postponed = answers.filter((answer) => answer.is === 'postponed').length
      assert.ok(postponed > 0, 'the machine wrote 512 tokens within the time of one group')
      const rows = await query(url, 'SELECT count(*) AS count FROM tokens')
      assert.equal(rows[0]?.count, requests.length - postponed)
    })

    test('an instance that stands still with the counters in its hands holds up nobody for a second', async (context) => {
      const url = await server.createDatabase()
      const committer = await open(context, url)
      await holdCounters(context, url)
      const begun = performance.now()
      committed(await commit(committer, [putToken(sampleToken())]))
      assert.ok(performance.now() - begun < 1_000)
    })

    test('whoever cannot get the counters gets in line again within a second, and is served when they are free', async (context) => {
      const url = await server.createDatabase()
      const committer = await open(context, url)
      const holder = await holdCounters(context, url, 'SET LOCAL idle_in_transaction_session_timeout = 0')
      const begun = performance.now()
      const batch = await committer.commit([creation()])
      assert.deepEqual(batch.answers, [{ is: 'postponed' }])
      assert.equal(batch.trouble, undefined, 'others may well be served')
      assert.ok(performance.now() - begun < 1_000)
      await holder.perform(run('ROLLBACK'))
      committed(await commit(committer, [putToken(sampleToken())]))
    })

    test('a commit whose answer was lost on the way is found in the log, and answered as what it is', async (context) => {
      const url = await server.createDatabase()
      await open(context, url)
      const wire = await cutWire(url)
      context.after(() => wire.close())
      const committer = await open(context, wire.url)
      wire.cutAt('COMMIT', 'after-it-arrived')
      const token = sampleToken()
      committed(await commit(committer, [putToken(token)]))
      assert.equal((await query(url, `SELECT 1 FROM tokens WHERE id = '${token.id}'`)).length, 1)
      committed(await commit(committer, [putToken(sampleToken())]))
    })

    test('a commit that never reached the server is refused, and was not written', async (context) => {
      const url = await server.createDatabase()
      const wire = await cutWire(url)
      context.after(() => wire.close())
      const committer = await open(context, wire.url)
      wire.cutAt('COMMIT', 'before-it-arrives')
      const [answer] = await answersTo(committer, [creation()])
      assert.deepEqual(answer?.is === 'unavailable' && answer.message.split(':')[0], 'Nothing was changed')
      assert.deepEqual(await query(url, 'SELECT seq FROM changes'), [])
      committed(await commit(committer, [putToken(sampleToken())]))
    })

    test('what an instance takes away is in its journal before it answers, and what others took is there with it', async (context) => {
      const url = await server.createDatabase()
      const journals = [directory(context), directory(context)] as const
      const one = await open(context, url, { journalDirectory: journals[0] })
      const other = await open(context, url, { journalDirectory: journals[1] })
      for (const committer of [one, other, one]) {
        committed(await commit(committer, [putToken(sampleToken(), {}, { effect: 'takes' })]))
      }
      assert.deepEqual(takenSeqs(journals[0]), [1, 2, 3])
      assert.deepEqual(takenSeqs(journals[1]), [1, 2])
      assert.equal((await answersTo(other, [{ do: 'catch-up-journal' }]))[0]?.is, 'done')
      assert.deepEqual(takenSeqs(journals[1]), [1, 2, 3])
    })

    test('a database that is older than the journal beside it is refused', async (context) => {
      const url = await server.createDatabase()
      const journalDirectory = directory(context)
      const committer = await open(context, url, { journalDirectory })
      committed(await commit(committer, [putToken(sampleToken())]))
      const copy = await copyOf(server, url)
      const taken = committed(await commit(committer, [putToken(sampleToken(), {}, { effect: 'takes' })]))
      assert.equal(taken.seq, 2)
      await assert.rejects(open(context, copy, { journalDirectory }), { key: 'older-than-journal' })
    })

    test('on a server with another history the log goes on in another epoch, which the log and the journal tell of', async (context) => {
      const url = await server.createDatabase()
      const journalDirectory = directory(context)
      const before = await open(context, url, { journalDirectory })
      committed(await commit(before, [putToken(sampleToken(), {}, { effect: 'takes' })]))
      // As it looks when another server has taken over from the one where the log was written.
      await query(url, "UPDATE epochs SET history = '7000000000000000000/00000001'")
      const [one, other] = await Promise.all([open(context, url, { journalDirectory }), open(context, url)])
      assert.notEqual(one.position.epoch, before.position.epoch)
      assert.deepEqual(other.position, one.position)
      assert.equal(one.position.seq, 2)
      const [entry] = await query(url, 'SELECT action, effect, details FROM changes WHERE seq = 2')
      assert.equal(entry?.action, 'deployment.restored')
      assert.deepEqual(JSON.parse(String(entry?.details)), {
        because: 'took-over',
        from_epoch: before.position.epoch,
        from_seq: 1,
      })
      assert.equal((await open(context, url, { journalDirectory })).position.seq, 2)
    })

    test('an instance whose journal knows more than the server that took over is refused, also by then', async (context) => {
      const url = await server.createDatabase()
      const journalDirectory = directory(context)
      const committer = await open(context, url, { journalDirectory })
      committed(await commit(committer, [putToken(sampleToken())]))
      const copy = await copyOf(server, url)
      committed(await commit(committer, [putToken(sampleToken(), {}, { effect: 'takes' })]))
      await query(copy, "UPDATE epochs SET history = '7000000000000000000/00000001'")
      // Another instance, which had heard of less, has begun the epoch meanwhile.
      await open(context, copy)
      await assert.rejects(open(context, copy, { journalDirectory }), { key: 'older-than-journal' })
    })
  })
}

/** As an instance looks from outside that has begun to write and goes on no further. */
async function holdCounters(context: TestContext, url: string, ...settings: string[]): Promise<Connection> {
  const holder = await Connection.open(url)
  context.after(() => holder.close())
  await holder.perform(run('BEGIN'))
  for (const setting of settings) await holder.perform(run(setting))
  await holder.perform(all('SELECT seq FROM counters FOR UPDATE'))
  return holder
}

const creation = (): WriteRequest => ({ do: 'commit', changes: [putToken(sampleToken())], once: undefined })
