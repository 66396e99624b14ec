import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pendingCommitsMax } from '@chatelaine/storage/sqlite'
import { makePlace } from './opened.ts'
import { Notes, putToken, requireCommitted, sampleToken, storeToken } from './samples.ts'

test('a writer that finds a later one has been there writes nothing more; a new one takes its place', async (context) => {
  const place = await makePlace(context)
  const storage = await place.open()
  const notes = new Notes()
  storage.log.follow(notes)
  const before = await storeToken(storage, sampleToken())
  place.tamper('UPDATE counters SET writer_epoch = writer_epoch + 1')
  const lost = sampleToken()
  await assert.rejects(storage.log.commit([putToken(lost)]), { key: 'unavailable', retryAfterSeconds: 1 })
  assert.equal(await storage.tokens.find(lost.id), undefined)
  assert.deepEqual(notes.resets, [{ epoch: storage.position.epoch, seq: 1 }], 'memories begin anew')
  const after = await storeToken(storage, sampleToken())
  assert.deepEqual([before.serial, after.serial], [1, 2])
  assert.equal(place.faults.length, 1)
})

test('what waited when a writer ended is written by the next', async (context) => {
  const place = await makePlace(context)
  const storage = await place.open()
  place.tamper('UPDATE counters SET writer_epoch = writer_epoch + 1')
  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, () => storage.log.commit([putToken(sampleToken())])),
  )
  const fates = outcomes.map(({ status }) => status)
  // The first went alone to the writer that ended; the others had gathered behind it.
  assert.deepEqual(fates, ['rejected', ...Array.from({ length: 49 }, () => 'fulfilled')])
  assert.equal(storage.position.seq, 49)
})

test('beyond the bound of what may wait the answer is unavailable at once, and what waited is written', async (context) => {
  const place = await makePlace(context)
  const storage = await place.open()
  const commits = Array.from({ length: pendingCommitsMax }, () => storage.log.commit([putToken(sampleToken())]))
  assert.equal(storage.statistics().pendingCommits, pendingCommitsMax)
  await assert.rejects(storage.log.commit([putToken(sampleToken())]), { key: 'unavailable', retryAfterSeconds: 1 })
  for (const outcome of await Promise.all(commits)) requireCommitted(outcome)
  assert.equal(storage.statistics().pendingCommits, 0)
})

test('a request that cannot be sent to the writer fails alone', async (context) => {
  const place = await makePlace(context)
  const storage = await place.open()
  const unsendable = putToken(sampleToken(), {}, { details: { text: (() => {}) as unknown as string } })
  const results = await Promise.allSettled([
    storage.log.commit([putToken(sampleToken())]),
    storage.log.commit([putToken(sampleToken())]),
    storage.log.commit([unsendable]),
    storage.log.commit([putToken(sampleToken())]),
  ])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  )
})

test('closing writes what was asked for before, and refuses what comes after', async (context) => {
  const place = await makePlace(context)
  const storage = await place.open()
  const commits = Array.from({ length: 20 }, () => storage.log.commit([putToken(sampleToken())]))
  const closing = storage.close()
  await assert.rejects(storage.log.commit([putToken(sampleToken())]), { key: 'unavailable' })
  for (const outcome of await Promise.all(commits)) requireCommitted(outcome)
  await closing
})
