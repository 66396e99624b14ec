import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Position } from '@chatelaine/core'
import { restoreSqlite, type SqliteStorage } from '@chatelaine/storage/sqlite'
import { makePlace, random, within } from './opened.ts'
import { noon, putToken, sampleToken, storeToken } from './samples.ts'

async function readAfter({ history }: SqliteStorage, position: Position, limit = 100) {
  const page = await history.readAfter(position, limit)
  assert.ok(page.outcome === 'entries', 'it begins anew')
  return page
}

test('what follows a place is read in order, with what it is about, and whether there is more', async (context) => {
  const storage = await (await makePlace(context)).open()
  const start = storage.source.position()
  const tokens = [sampleToken(), sampleToken(), sampleToken()]
  for (const token of tokens) await storage.log.commit([putToken(token, {}, { effect: 'gives' })])
  const { entries, isMore } = await readAfter(storage, start)
  assert.deepEqual(
    entries,
    tokens.map(({ id }, nth) => ({
      epoch: start.epoch,
      seq: start.seq + 1 + nth,
      subject: { type: 'token', id },
      effect: 'gives',
    })),
  )
  assert.equal(isMore, false)
  const some = await readAfter(storage, start, 2)
  assert.deepEqual([some.entries.length, some.isMore], [2, true])
  assert.deepEqual((await readAfter(storage, storage.source.position())).entries, [])
  assert.deepEqual(await storage.history.readAfter({ ...start, seq: 1_000 }, 100), { outcome: 'resync' })
})

test('after a restore every place from before leads nowhere, and the new epoch is read from its beginning', async (context) => {
  const place = await makePlace(context)
  const backupFile = join(place.directory, 'backup.db')
  const before = await within(place, async (storage) => {
    await storeToken(storage, sampleToken())
    await storage.backup(backupFile)
    return storage.source.position()
  })
  const { directory, journalDirectory, ringText } = place
  const restore = { backupFile, directory, journalDirectory, ringText, random, now: noon, withoutJournal: false }
  restoreSqlite({ ...restore, onDamaged: () => undefined })
  const storage = await place.open()
  const { epoch } = storage.source.position()
  assert.notEqual(epoch, before.epoch)
  assert.deepEqual(await storage.history.readAfter(before, 100), { outcome: 'resync' })
  assert.deepEqual(await storage.history.readAfter({ epoch, seq: 0 }, 100), { outcome: 'resync' })
  assert.ok((await readAfter(storage, { epoch, seq: before.seq })).entries.length > 0)
})
