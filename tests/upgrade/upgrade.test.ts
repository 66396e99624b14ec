import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Question } from '@chatelaine/core'
import type { Assembled } from '../../packages/server/src/assemble.ts'
import { copyPrivately } from '../faults/running-server.ts'
import { openData, releasesDirectory, stoppedClock, type Release } from './release.ts'

for (const version of readdirSync(releasesDirectory)) {
  const origin = join(releasesDirectory, version)
  const { at, tokens } = JSON.parse(readFileSync(join(origin, 'expected.json'), 'utf8')) as Release

  describe(`the data of release ${version}`, () => {
    const directory = mkdtempSync(join(tmpdir(), 'chatelaine-upgrade-'))
    let data: Assembled

    before(async () => {
      copyPrivately(origin, directory)
      chmodSync(join(directory, 'master.key'), 0o600)
      data = await openData(directory, stoppedClock(at))
    })

    after(async () => {
      await data.close()
      rmSync(directory, { recursive: true })
    })

    for (const { name, token, question, code } of tokens) {
      test(`${name}: a token answers ${code} as it did then`, async () => {
        const verdict = await data.service.verifier.verify(token, question as Question)
        assert.equal(verdict.decision.code, code)
      })
    }

    test('the log goes on from where it ended, and nothing is damaged', async () => {
      const { ports } = data.service
      const page = await ports.log.read({ limit: 200 })
      assert.equal(page.items.at(-1)?.seq, 1)
      const list = { sort: 'created_at', descending: false, limit: 200, now: at } as const
      const listed = await ports.tokens.list(list)
      const starts = new Set(tokens.map(({ token }) => hash('sha256', token.slice(0, 24))))
      assert.equal(listed.items.length, starts.size)
    })
  })
}
