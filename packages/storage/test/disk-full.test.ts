import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { journalFile } from '@chatelaine/storage/sqlite'
import { cannotLimit, startLimited } from './limited-process.ts'
import { makePlace, within } from './opened.ts'
import { putToken, requireCommitted, sampleToken, storeToken } from './samples.ts'

const skip = cannotLimit

test(
  'on a full disk changes are refused, reading goes on, and writing comes back with the space',
  { skip },
  async (context) => {
    const { said, tell, limitFiles, ended } = startLimited(
      context,
      new URL('./disk-full-program.ts', import.meta.url),
      await makePlace(context),
    )
    assert.equal(await said(), 'open')
    limitFiles(4_000_000)
    tell()
    const full = (await said()) as { written: number; refusal: string; found: number; foundRefused: boolean }
    assert.ok(full.written > 10, 'some were written before it was full')
    assert.equal(full.refusal, 'unavailable')
    assert.equal(full.found, full.written, 'all that were answered are there')
    assert.equal(full.foundRefused, false)
    limitFiles('unlimited')
    tell()
    assert.deepEqual(await said(), { written: full.written + 1, found: full.written + 1 })
    tell()
    assert.equal(await ended(), 0)
  },
)

test(
  'what cannot be journaled is in force but never answered as done, also not when asked again, and nothing follows until it is',
  { skip },
  async (context) => {
    const place = await makePlace(context)
    await within(place, async (storage) => {
      // Long lines, so that the journal is by far the largest file.
      const scopes = Array.from({ length: 100 }, (_, index) => `resource${index}.${'x'.repeat(100)}:read`)
      const tokens = await Promise.all(Array.from({ length: 300 }, () => storeToken(storage, sampleToken({ scopes }))))
      const suspend = tokens.map((token) => putToken({ ...token, isActive: false }, {}, { effect: 'takes' }))
      requireCommitted(await storage.log.commit(suspend))
    })
    const file = journalFile(place.journalDirectory)
    const { said, tell, limitFiles, ended } = startLimited(
      context,
      new URL('./journal-full-program.ts', import.meta.url),
      place,
    )
    const { tokenId } = (await said()) as { tokenId: string }
    limitFiles(statSync(file).size + 10)
    tell()
    assert.deepEqual(await said(), {
      refusal: 'unavailable',
      isRevoked: true,
      isFollowed: true,
      again: 'unavailable',
      next: 'unavailable',
      unready: 'the journal cannot be written',
    })
    assert.ok(!readFileSync(file, 'utf8').includes(tokenId), 'the line is not there yet')
    limitFiles('unlimited')
    tell()
    assert.deepEqual(await said(), {})
    assert.ok(readFileSync(file, 'utf8').includes(tokenId))
    tell()
    assert.equal(await ended(), 0)
  },
)
