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

/** Of a row of the log all but its number. */
const otherColumns = `epoch_serial, at, actor_type, actor_account_id, actor_token_id, actor_ip, actor_client, action, effect,
  subject_type, subject_id, details, chain, owner_id`

/** Thirty entries in commits of different sizes. */
async function fill(place: Place): Promise<void> {
  await within(place, async (storage) => {
    for (let size = 1; storage.source.position().seq < 30; size = (size % 4) + 1) {
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

test('a log whose end was altered, cut off or continued by somebody else is refused at the start', async (context) => {
  const backTo = (seq: string) =>
    `UPDATE counters SET (seq, chain) = (SELECT seq, chain FROM changes WHERE seq = ${seq})`
  const lastHead = '(SELECT max(seq) FROM heads)'
  const headBefore = `(SELECT max(seq) FROM heads WHERE seq < ${lastHead})`
  const alterations = [
    [[`DELETE FROM heads WHERE seq = ${lastHead}`], 'log-altered'],
    [["UPDATE counters SET chain = 'planted'"], 'log-altered'],
    [["UPDATE heads SET signature = 'planted'"], 'log-altered'],
    [[`INSERT INTO changes SELECT seq + 100, ${otherColumns} FROM changes`], 'log-altered'],
    [['DELETE FROM changes', 'DELETE FROM heads', "UPDATE counters SET seq = 0, chain = ''"], 'older-than-journal'],
    [
      [
        backTo(headBefore),
        `DELETE FROM changes WHERE seq > ${headBefore}`,
        `DELETE FROM heads WHERE seq = ${lastHead}`,
      ],
      'older-than-journal',
    ],
  ] as const
  for (const [statements, key] of alterations) {
    const place = await makePlace(context)
    await fill(place)
    for (const sql of statements) place.tamper(sql)
    await assert.rejects(place.open(), { key, message: /npm run operate -- restore FILE/ }, statements.join('; '))
  }
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
