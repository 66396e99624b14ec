import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import {
  previewRestorePostgres,
  restorePostgres,
  type PostgresRestoreOptions,
} from '../../packages/storage/src/postgres/restore.ts'
import {
  change,
  putAccount,
  putToken,
  sampleAccount,
  sampleSession,
  sampleToken,
} from '../../packages/storage/test/samples.ts'
import { newestPostgres, systemPostgres } from '../services/postgres-programs.ts'
import { absenceOf, startPostgres, type PostgresServer } from '../services/postgres.ts'
import { commit, committed, copyOf, directory, open, query, ringText } from './committing.ts'

const takes = { effect: 'takes' } as const

for (const release of [newestPostgres(), systemPostgres()]) {
  describe(`after ${release.name} was put back`, { skip: absenceOf(release) }, () => {
    let server: PostgresServer

    before(async () => {
      server = await startPostgres(release)
    })
    after(() => server.close())

    const restore = (url: string, journalDirectory: string, options: Partial<PostgresRestoreOptions> = {}) =>
      restorePostgres({
        url,
        journalDirectory,
        ringText,
        random: (count) => randomBytes(count),
        withoutJournal: false,
        onDamaged: ({ table, id }) => assert.fail(`the row ${id} of ${table} is damaged`),
        ...options,
      })

    test('what was taken away since is taken away again, and every instance goes on in the new epoch', async (context) => {
      const url = await server.createDatabase()
      const journals = [directory(context), directory(context)] as const
      const one = await open(context, url, { journalDirectory: journals[0] })
      const other = await open(context, url, { journalDirectory: journals[1] })
      const account = sampleAccount()
      const made = committed(await commit(one, [putToken(sampleToken()), putToken(sampleToken({ usesGranted: 5 }))]))
      committed(await commit(one, [putAccount(account), change({ put: 'session', session: sampleSession(account) })]))
      const [written] = made.written
      assert.ok(written?.type === 'token')
      const copy = await copyOf(server, url)

      const revoked = { ...written.token, revokedAt: 1, revokedReason: 'gone', isActive: false }
      committed(await commit(other, [putToken(revoked, {}, takes)]))
      committed(await commit(one, [putToken(sampleToken(), {}, takes)]))

      await assert.rejects(open(context, copy, { journalDirectory: journals[0] }), { key: 'older-than-journal' })
      const options = { url: copy, journalDirectory: journals[0], ringText }
      const { backup, journal } = await previewRestorePostgres(options)
      assert.deepEqual([backup.seq, journal?.position?.seq, journal?.isOfCopy], [4, 6, true])
      const { restoredFrom, position, sessionsEnded, replayed, countedSuspended } = await restore(copy, journals[0])
      assert.deepEqual([restoredFrom.seq, position.seq, sessionsEnded, countedSuspended], [4, 7, 1, 1])
      assert.deepEqual(replayed, { 'token.revoked': 1 })
      assert.notEqual(position.epoch, restoredFrom.epoch)
      const [row] = await query(copy, `SELECT revoked_at FROM tokens WHERE id = '${written.token.id}'`)
      assert.equal(row?.revoked_at, 1)

      // The one whose journal was replayed, the one that had heard of less, and one that is new.
      for (const journalDirectory of [...journals, directory(context)]) {
        const instance = await open(context, copy, { journalDirectory })
        assert.equal(instance.position.epoch, position.epoch)
        committed(await commit(instance, [putToken(sampleToken(), {}, takes)]))
      }
    })

    test('nothing is restored while an instance runs, or without a journal that knows of the copy', async (context) => {
      const url = await server.createDatabase()
      const journalDirectory = directory(context)
      const instance = await open(context, url, { journalDirectory })
      committed(await commit(instance, [putToken(sampleToken(), {}, takes)]))
      await assert.rejects(restore(url, journalDirectory), { key: 'in-use' })
      const copy = await copyOf(server, url)
      await assert.rejects(restore(copy, directory(context)), { key: 'journal-missing' })
      assert.equal((await query(copy, 'SELECT epoch FROM epochs')).length, 1)
      assert.equal((await restore(copy, directory(context), { withoutJournal: true })).position.seq, 2)
    })

    test('an empty database is refused: there is nothing in it to bring up to date', async (context) => {
      const url = await server.createDatabase()
      await assert.rejects(restore(url, directory(context)), { key: 'not-ours' })
    })
  })
}
