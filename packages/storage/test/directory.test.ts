import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { dataFiles, journalFile, StorageError } from '@chatelaine/storage/sqlite'
import { checkSqliteVersion } from '../src/sqlite/connection.ts'
import { makePlace, within } from './opened.ts'
import { sampleToken, storeToken } from './samples.ts'

test('nobody but the owner may enter the data directory or read a file in it', async (context) => {
  const place = await makePlace(context)
  await within(place, async (storage) => {
    await storeToken(storage, sampleToken())
    const { database, lock } = dataFiles(place.directory)
    for (const directory of [place.directory, place.journalDirectory]) assert.equal(modeOf(directory), 0o700)
    for (const file of [database, `${database}-wal`, lock, journalFile(place.journalDirectory)]) {
      assert.equal(modeOf(file), 0o600, file)
    }
  })
})

test('a directory that stands open to others is refused with what to do, and stays as it is', async (context) => {
  for (const which of ['directory', 'journalDirectory'] as const) {
    const place = await makePlace(context)
    const open = place[which]
    mkdirSync(open, { recursive: true })
    chmodSync(open, 0o755)
    await assert.rejects(place.open(), { key: 'directory-open', message: new RegExp(`run: chmod 700 ${open}`) })
    assert.equal(modeOf(open), 0o755)
    chmodSync(open, 0o700)
    await within(place, async () => {})
  }
})

test('a second opener of the same directory is refused with a sentence, and the first goes on', async (context) => {
  const place = await makePlace(context)
  const storage = await place.open()
  await assert.rejects(place.open(), (error) => {
    assert.ok(error instanceof StorageError)
    assert.equal(error.key, 'in-use')
    assert.match(error.message, /is in use by another process\. Stop the server that runs there first\.$/)
    return true
  })
  await storeToken(storage, sampleToken())
})

test('a directory is free again after it was closed', async (context) => {
  const place = await makePlace(context)
  const token = await within(place, (storage) => storeToken(storage, sampleToken()))
  await within(place, async ({ tokens }) => assert.deepEqual(await tokens.find(token.id), token))
})

test('a killed owner leaves no lock behind', async (context) => {
  const place = await makePlace(context)
  await within(place, async () => {})
  const { lock } = dataFiles(place.directory)
  const holds = `const { DatabaseSync } = require('node:sqlite')
    const lock = new DatabaseSync(process.argv[1]); lock.exec('BEGIN EXCLUSIVE'); console.log('held'); setInterval(() => {}, 1e6)`
  const owner = spawn(process.execPath, ['-e', holds, lock], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(owner.stdout, 'data')
  await assert.rejects(place.open(), { key: 'in-use' })
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  await within(place, async () => {})
})

test('SQLite older than 3.51.3 is refused', () => {
  for (const version of ['3.51.2', '3.50.9', '2.99.99']) {
    assert.throws(() => checkSqliteVersion(version), { key: 'sqlite-too-old' })
  }
  for (const version of ['3.51.3', '3.51.10', '3.52.0', '4.0.0']) checkSqliteVersion(version)
})

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}
