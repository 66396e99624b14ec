import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { revoked, type Change, type Token } from '@chatelaine/core'
import { journalFile } from '@chatelaine/storage/sqlite'
import { GroupCommitter } from '../src/sqlite/write/group-committer.ts'
import type { BatchResult } from '../src/sql/write/requests.ts'
import { FailingDisk } from './failing-disk.ts'
import { makePlace, within, type Place } from './opened.ts'
import { noon, putToken, sampleToken, storeToken } from './samples.ts'

interface Scene {
  readonly disk: FailingDisk
  readonly token: Token
  readonly commit: (change: Change) => BatchResult
  readonly isJournaled: () => boolean
}

async function makeScene(context: TestContext): Promise<Scene> {
  const place: Place = await makePlace(context)
  const token = await within(place, (storage) => storeToken(storage, sampleToken()))
  const { databaseFile: file, journalDirectory, ringText, faults } = place
  const committer = new GroupCommitter({
    file,
    journalDirectory,
    ringText,
    newEpoch: '',
    onDamaged: () => {},
    onFault: (fault) => faults.push(fault),
  })
  context.after(() => committer.close())
  return {
    disk: new FailingDisk(context),
    token,
    commit: (change) => committer.commit([{ do: 'commit', changes: [change], once: undefined }]),
    isJournaled: () => readFileSync(journalFile(journalDirectory), 'utf8').includes(token.id),
  }
}

const revocationOf = (token: Token): Change =>
  putToken(revoked(token, noon, 'stolen'), {}, { action: 'token.revoked', effect: 'takes' })

test('a revocation whose fate was unknown is in the journal before anything else is written', async (context) => {
  const { disk, token, commit, isJournaled } = await makeScene(context)
  disk.failAfterCommit()
  disk.failNextOpening()
  const lost = commit(revocationOf(token))
  assert.deepEqual([lost.answers[0]?.is, lost.withheldFrom, lost.trouble], ['unavailable', 2, 'database'])
  assert.equal(isJournaled(), false)

  const next = commit(putToken(sampleToken()))
  assert.deepEqual([next.answers[0]?.is, next.withheldFrom, next.trouble], ['done', undefined, undefined])
  assert.equal(next.reset?.seq, 2)
  assert.equal(isJournaled(), true)
})

test('nothing else is written while a revocation whose fate was unknown cannot be journaled', async (context) => {
  const { disk, token, commit, isJournaled } = await makeScene(context)
  disk.failAfterCommit()
  disk.failNextOpening()
  commit(revocationOf(token))

  disk.failNextJournal()
  const next = commit(putToken(sampleToken()))
  assert.deepEqual([next.answers[0]?.is, next.withheldFrom, next.trouble], ['unavailable', 2, 'journal'])
  assert.equal(isJournaled(), false)

  assert.equal(commit(putToken(sampleToken())).answers[0]?.is, 'done')
  assert.equal(isJournaled(), true)
})

test('a revocation that was written although the disk said no is answered as done, once it is in the journal', async (context) => {
  const { disk, token, commit, isJournaled } = await makeScene(context)
  disk.failAfterCommit()
  const { answers, entries, withheldFrom } = commit(revocationOf(token))
  assert.deepEqual([answers[0]?.is, entries.length, withheldFrom], ['done', 1, undefined])
  assert.equal(isJournaled(), true)
})
