import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { verifyExport, type ExportLine, type ExportVerdict, type LogEntry } from '@chatelaine/core'
import { KeyRing, verifySignature } from '@chatelaine/token/keys'
import type { SqliteStorage } from '@chatelaine/storage/sqlite'
import { makePlace, random, within, type Place } from './opened.ts'
import { putToken, sampleToken, storeToken } from './samples.ts'

async function exported(
  storage: SqliteStorage,
  fromSeq: number,
  untilSeq: number,
  keep: (entry: LogEntry) => boolean = () => true,
): Promise<{ lines: ExportLine[]; verdict: ExportVerdict }> {
  const lines: ExportLine[] = []
  for await (const line of storage.export(fromSeq, untilSeq, keep)) lines.push(line)
  const publicKeys = new Map(storage.auditKeys().map(({ keyId, publicKey }) => [keyId, publicKey]))
  const verdict = verifyExport(
    storage.exportStart(fromSeq),
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

test('an export of the whole log, and of any part of it, verifies', async (context) => {
  const place = await makePlace(context)
  await fill(place)
  const storage = await place.open()
  const { seq } = storage.position
  for (const [from, until] of [
    [1, seq],
    [1, 1],
    [7, 20],
    [seq, seq],
  ] as const) {
    const { lines, verdict } = await exported(storage, from, until)
    assert.equal(verdict.intact, true, `${from} to ${until}: ${JSON.stringify(verdict)}`)
    const shown = lines.flatMap((line) => ('entry' in line ? [line.entry.seq] : []))
    assert.deepEqual(
      shown,
      Array.from({ length: until - from + 1 }, (_, index) => from + index),
    )
    assert.ok('head' in lines.at(-1)!, 'it ends with a signed head')
  }
})

test('of entries that are not kept an export gives the hash alone, and verifies all the same', async (context) => {
  const place = await makePlace(context)
  await fill(place)
  const storage = await place.open()
  const { lines, verdict } = await exported(storage, 1, storage.position.seq, ({ seq }) => seq % 5 === 0)
  assert.equal(verdict.intact, true)
  assert.ok(lines.every((line) => !('entry' in line) || line.entry.seq % 5 === 0))
})

test('an entry altered, removed or swapped in the database is named', async (context) => {
  const alterations = [
    ["UPDATE changes SET details = '{}' WHERE seq = 12", 12, 'altered'],
    ["UPDATE changes SET details = 'no json' WHERE seq = 12", 12, 'altered'],
    ["UPDATE changes SET actor_ip = '192.0.2.9' WHERE seq = 12", 12, 'altered'],
    ['UPDATE changes SET at = at + 1 WHERE seq = 12', 12, 'altered'],
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
    const { verdict } = await exported(storage, 1, 20)
    assert.deepEqual(verdict, { intact: false, seq, fault }, sql)
  }
})

test('an end that was cut off, chain and all, lacks its signature', async (context) => {
  const place = await makePlace(context)
  await fill(place)
  place.tamper('DELETE FROM heads WHERE seq = (SELECT max(seq) FROM heads)')
  const storage = await place.open()
  const { verdict } = await exported(storage, 1, storage.position.seq)
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
  const { lines, verdict } = await exported(storage, 1, 2)
  assert.equal(verdict.intact, true)
  assert.equal(new Set(lines.flatMap((line) => ('head' in line ? [line.head.keyId] : []))).size, 2)
})
