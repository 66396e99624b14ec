import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { revoked, type Token } from '@chatelaine/core'
import { journalFile, type SqliteStorage } from '@chatelaine/storage/sqlite'
import { makePlace, within, type Place } from './opened.ts'
import { noon, putToken, sampleAccount, sampleToken, storeAccount, storeToken } from './samples.ts'

const takes = { effect: 'takes' } as const

async function revoke(storage: Pick<SqliteStorage, 'log'>, token: Token): Promise<void> {
  const change = putToken(
    revoked(token, noon, 'stolen'),
    { descendants: 'revoke' },
    { ...takes, action: 'token.revoked' },
  )
  assert.equal((await storage.log.commit([change])).outcome, 'committed')
}

async function storeRevoked(storage: SqliteStorage): Promise<Token> {
  const token = await storeToken(storage, sampleToken())
  await revoke(storage, token)
  return token
}

function linesOf(place: Place): Record<string, unknown>[] {
  const text = readFileSync(journalFile(place.journalDirectory), 'utf8')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

function subjectsOf(place: Place): unknown[] {
  return linesOf(place).flatMap(({ subject }) => (subject === undefined ? [] : [(subject as { id: string }).id]))
}

test('whatever takes away is in the journal when it is answered, descendants too, and nothing else is', async (context) => {
  const place = await makePlace(context)
  const storage = await place.open()
  const account = await storeAccount(storage, sampleAccount())
  const parent = await storeToken(storage, sampleToken({ accountId: account.id }))
  const child = await storeToken(storage, sampleToken({ parentTokenId: parent.id }))
  await revoke(storage, parent)
  assert.deepEqual(subjectsOf(place), [parent.id, child.id])
  const disabled = { put: 'account', account: { ...account, status: 'disabled' } } as const
  await storage.log.commit([
    {
      ...putToken(child),
      ...takes,
      action: 'account.disabled',
      subject: { type: 'account', id: account.id },
      write: disabled,
    },
  ])
  assert.deepEqual(subjectsOf(place), [parent.id, child.id, account.id])
  assert.deepEqual((linesOf(place).at(-1) as { state: unknown }).state, {
    type: 'account',
    role: 'member',
    status: 'disabled',
    passwordHash: account.passwordHash,
    identity: null,
  })
})

test('no label is in the journal', async (context) => {
  const place = await makePlace(context)
  const token = sampleToken({ label: 'the label of it' })
  await within(place, async (storage) => revoke(storage, await storeToken(storage, token)))
  const text = readFileSync(journalFile(place.journalDirectory), 'utf8')
  assert.ok(text.includes(token.id))
  assert.ok(!text.includes(token.label))
})

test('a crash between a commit and its lines is made good when the database is opened again', async (context) => {
  const place = await makePlace(context)
  const tokens = await within(place, async (storage) => {
    const stored = [await storeToken(storage, sampleToken()), await storeToken(storage, sampleToken())]
    for (const token of stored) await revoke(storage, token)
    return stored
  })
  const file = journalFile(place.journalDirectory)
  const whole = readFileSync(file, 'utf8')
  truncateSync(file, whole.lastIndexOf('\n', whole.length - 2) + 1)
  assert.deepEqual(subjectsOf(place), [tokens[0]!.id])
  await within(place, async () => {})
  assert.deepEqual(
    subjectsOf(place),
    tokens.map(({ id }) => id),
  )
  await within(place, async () => {})
  assert.deepEqual(
    subjectsOf(place),
    tokens.map(({ id }) => id),
    'and only once',
  )
})

test('a torn last line is cut off and written again', async (context) => {
  const place = await makePlace(context)
  const token = await within(place, storeRevoked)
  const file = journalFile(place.journalDirectory)
  const before = readFileSync(file, 'utf8')
  truncateSync(file, before.length - 20)
  await within(place, async () => {})
  assert.equal(readFileSync(file, 'utf8'), before)
  assert.deepEqual(subjectsOf(place), [token.id])
})

test('a last line that is not genuine is reported, and what it stood for is written again', async (context) => {
  const place = await makePlace(context)
  const token = await within(place, storeRevoked)
  const file = journalFile(place.journalDirectory)
  writeFileSync(file, readFileSync(file, 'utf8').replace('"stolen"', '"stOlen"'))
  await within(place, async () => {})
  assert.match(place.faults[0]!, /line 1 from the end of the journal/)
  assert.deepEqual(subjectsOf(place), [token.id, token.id])
})

test('a journal that was lost is written anew', async (context) => {
  const place = await makePlace(context)
  const token = await within(place, storeRevoked)
  rmSync(journalFile(place.journalDirectory))
  await within(place, async () => {})
  assert.deepEqual(subjectsOf(place), [token.id])
})

test('an older copy of the database put back by hand is refused, since it would undo revocations', async (context) => {
  const place = await makePlace(context)
  const token = await within(place, (storage) => storeToken(storage, sampleToken()))
  const copy = `${place.databaseFile}.copy`
  copyFileSync(place.databaseFile, copy)
  await within(place, (storage) => revoke(storage, token))
  copyFileSync(copy, place.databaseFile)
  await assert.rejects(place.open(), { key: 'older-than-journal', message: /npm run operate -- restore/ })
})

test('an older copy put back by hand is refused also when nothing was taken away since, after an orderly stop', async (context) => {
  const place = await makePlace(context)
  await within(place, (storage) => storeToken(storage, sampleToken()))
  const copy = `${place.databaseFile}.copy`
  copyFileSync(place.databaseFile, copy)
  await within(place, (storage) => storeToken(storage, sampleToken()))
  copyFileSync(copy, place.databaseFile)
  await assert.rejects(place.open(), { key: 'older-than-journal' })
})

test('a database that is put back while the server runs is neither read nor written, and not started on again', async (context) => {
  const place = await makePlace(context)
  const storage = await place.open()
  const token = await storeToken(storage, sampleToken())
  const copy = `${place.databaseFile}.copy`
  await storage.backup(copy)
  await revoke(storage, token)
  const source = new DatabaseSync(copy)
  await backup(source, place.databaseFile)
  source.close()
  await assert.rejects(storage.tokens.findStanding(token.id), { key: 'unavailable' })
  await assert.rejects(storage.log.commit([putToken(sampleToken())]), { key: 'unavailable' })
  await assert.rejects(storage.tokens.find(token.id), { key: 'unavailable' })
  assert.notEqual(storage.unreadyBecause(), undefined)
  await storage.close()
  await assert.rejects(place.open(), { key: 'older-than-journal' })
})

test('while the server runs the journal has a line at the latest after a thousand changes', async (context) => {
  const place = await makePlace(context)
  const storage = await place.open()
  await Promise.all(Array.from({ length: 1_600 }, () => storeToken(storage, sampleToken())))
  const [begins, ...marks] = linesOf(place)
  assert.equal(begins?.['begins'], true)
  assert.equal(marks.length, 1)
  assert.ok(Number(marks[0]?.['seq']) >= 1_000)
})

test('half a line that somebody else appended does not stop the start', async (context) => {
  const place = await makePlace(context)
  await within(place, async () => {})
  appendFileSync(journalFile(place.journalDirectory), '{"epoch":"')
  await within(place, async (storage) => revoke(storage, await storeToken(storage, sampleToken())))
  assert.equal(linesOf(place).length, 2)
})
