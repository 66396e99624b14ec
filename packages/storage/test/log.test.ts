import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { verifyExport, type ExportLine, type ExportVerdict } from '@chatelaine/core'
import { KeyRing, verifySignature } from '@chatelaine/token/keys'
import type { SqliteStorage } from '@chatelaine/storage/sqlite'
import { makePlace, random, within, type Place } from './opened.ts'
import { putToken, sampleToken, storeToken } from './samples.ts'

/** Exports the whole log, and checks it with the public keys that the storage itself gives. */
async function exported(storage: SqliteStorage): Promise<{ lines: ExportLine[]; verdict: ExportVerdict }> {
  const { beginning, lines: taken } = await storage.log.export({}, 0)
  const lines = await Array.fromAsync(taken)
  const publicKeys = new Map((await storage.log.auditKeys()).map(({ keyId, publicKey }) => [keyId, publicKey]))
  const verdict = verifyExport(
    beginning.extent,
    lines,
    (text) => hash('sha256', text),
    (keyId, text, signature) => verifySignature(publicKeys.get(keyId) ?? '', Buffer.from(text), signature),
  )
  return { lines, verdict }
}

/** Thirty entries in commits of different sizes. */
async function fill(place: Place): Promise<void> {
  await within(place, async (storage) => {
    for (let size = 1; storage.position.seq < 30; size = (size % 4) + 1) {
      await storage.log.commit(Array.from({ length: size }, () => putToken(sampleToken())))
    }
  })
}

test('an entry altered, removed or swapped in the database is named', async (context) => {
  const alterations = [
    ["UPDATE changes SET details = '{}' WHERE seq = 12", 12, 'altered'],
    ["UPDATE changes SET details = 'no json' WHERE seq = 12", 12, 'altered'],
    ["UPDATE changes SET actor_ip = '192.0.2.9' WHERE seq = 12", 12, 'altered'],
    ['UPDATE changes SET at = at + 1 WHERE seq = 12', 12, 'altered'],
    ['UPDATE changes SET at = 9000000000000000 WHERE seq = 12', 12, 'altered'],
    ['DELETE FROM changes WHERE seq = 12', 12, 'missing'],
  ] as const
  for (const [sql, seq, fault] of alterations) {
    const place = await makePlace(context)
    await within(place, async (storage) => {
      for (let i = 1; i <= 20; i += 1) {
        await storage.log.commit([putToken(sampleToken(), {}, { details: { i } })])
      }
    })
    place.tamper(sql)
    const storage = await place.open()
    const { verdict } = await exported(storage)
    assert.deepEqual(verdict, { intact: false, seq, fault }, sql)
  }
})

test('an end that was cut off, chain and all, lacks its signature', async (context) => {
  const place = await makePlace(context)
  await fill(place)
  place.tamper('DELETE FROM heads WHERE seq = (SELECT max(seq) FROM heads)')
  const storage = await place.open()
  const { verdict } = await exported(storage)
  assert.equal(verdict.intact, false)
  assert.equal(!verdict.intact && verdict.fault, 'unsigned')
})

test('what a retired key signed can still be checked', async (context) => {
  const place = await makePlace(context)
  await within(place, (storage) => storeToken(storage, sampleToken()))
  const old = KeyRing.parse(place.ringText)
  const both = old.withNewCurrent(random)
  const between = await place.open({ ringText: both.toText().reveal() })
  await between.housekeeping.reseal()
  await storeToken(between, sampleToken())
  await between.close()
  const storage = await place.open({ ringText: both.without(old.currentId).toText().reveal() })
  const { lines, verdict } = await exported(storage)
  assert.equal(verdict.intact, true)
  assert.equal(new Set(lines.flatMap((line) => ('head' in line ? [line.head.keyId] : []))).size, 2)
})
