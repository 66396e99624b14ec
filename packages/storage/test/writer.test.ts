import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pendingCommitsMax } from '@chatelaine/storage/sqlite'
import { makePlace } from './opened.ts'
import { Notes, putToken, requireCommitted, sampleToken, storeToken } from './samples.ts'

test('a writer that finds a later one has been there writes nothing more; a new one takes its place', async (context) => {
  const place = await makePlace(context)
  const storage = await place.open()
  const notes = new Notes()
  storage.source.follow(notes)
  const before = await storeToken(storage, sampleToken())
  place.tamper('UPDATE counters SET writer_epoch = writer_epoch + 1')
  const lost = sampleToken()
  await assert.rejects(storage.log.commit([putToken(lost)]), { key: 'unavailable', retryAfterSeconds: 1 })
  assert.equal(await storage.tokens.find(lost.id), undefined)
  assert.deepEqual(notes.resets, [{ epoch: storage.source.position().epoch, seq: 1 }], 'memories begin anew')
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
  assert.equal(storage.source.position().seq, 49)
})

test('while no writer can be started whoever asks for what was written last is refused, and nobody waits', async (context) => {
  const place = await makePlace(context)
  const storage = await place.open()
  const notes = new Notes()
  storage.source.follow(notes)
  await storeToken(storage, sampleToken())
  const [keys] = place.read('SELECT check_value FROM master_keys')
  place.tamper(`UPDATE counters SET writer_epoch = writer_epoch + 1`)
  place.tamper(`UPDATE master_keys SET check_value = 'other'`)
  await assert.rejects(storage.log.commit([putToken(sampleToken())]), { key: 'unavailable' })
  assert.deepEqual(notes.resets, [{ epoch: storage.source.position().epoch, seq: 1 }], 'memories are empty at once')
  assert.equal(notes.withheldFrom, 2)
  assert.equal(storage.unreadyBecause(), 'the writer ended and no other could be started yet')

  place.tamper('UPDATE master_keys SET check_value = ?', String(keys?.['check_value']))
  await storeToken(storage, sampleToken())
  assert.equal(notes.withheldFrom, undefined)
  assert.equal(storage.unreadyBecause(), undefined)
})

test('nobody waits for a writer that does not answer within a second, and all is well when it does', async (context) => {
  const place = await makePlace(context)
  const storage = await place.open()
  const late = Promise.withResolvers<number | undefined>()
  storage.source.follow({ applied: () => {}, reset: () => {}, withheld: (fromSeq) => late.resolve(fromSeq) })
  const release = place.hold()
  const commit = storage.log.commit([putToken(sampleToken())])
  assert.equal(await late.promise, 1)
  assert.equal(storage.unreadyBecause(), 'the writer does not answer')
  release()
  requireCommitted(await commit)
  assert.equal(storage.unreadyBecause(), undefined)
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
