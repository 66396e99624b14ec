// The harness itself: whatever a test file does, its outcome is counted and the run ends.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { findTests, runFile } from './suites.ts'
import type { Outcome } from './tally.ts'

const directory = mkdtempSync(join(tmpdir(), 'chatelaine-suites-'))
after(() => rmSync(directory, { recursive: true }))

test('each test is one outcome, named after all that encloses it', async () => {
  const outcomes = await outcomesOf(`
    import { describe, test } from 'node:test'
    describe('a door', () => {
      test('opens', () => {})
      test('is not there yet', { skip: 'no wall' }, () => {})
      test('has a lock', async (t) => { await t.test('that turns', () => { throw new Error('stuck') }) })
    })
  `)
  assert.deepEqual(
    outcomes.map(({ kind, title }) => [kind, title]),
    [
      ['pass', 'a door › opens'],
      ['skip', 'a door › is not there yet'],
      ['fail', 'a door › has a lock › that turns'],
    ],
  )
})

test('a failure carries its error and what the file printed', async () => {
  const [failure] = await outcomesOf(`
    import { test } from 'node:test'
    test('breaks', () => { process.stdout.write('about to break'); throw new Error('stuck') })
  `)
  assert.ok(failure?.kind === 'fail')
  assert.match(failure.detail, /Error: stuck/)
  assert.match(failure.detail, /about to break/)
})

for (const [how, text, title] of [
  ['cannot be read', 'this is not JavaScript', /exit code 1/],
  ['throws before its first test', `throw new Error('early')`, /exit code 1/],
  ['ends its process in the middle', `import { test } from 'node:test'; test('a', () => process.exit(0))`, /./],
  ['is killed', `process.kill(process.pid, 'SIGKILL')`, /SIGKILL/],
  ['holds no test', 'export const nothing = 1', /holds no test/],
  ['fails in a hook', `import { after, test } from 'node:test'; test('a', () => {}); after(() => { throw 1 })`, /./],
] as const)
  test(`a file that ${how} is a failure`, async () => {
    const failures = (await outcomesOf(text)).filter(({ kind }) => kind === 'fail')
    assert.equal(failures.length, 1)
    assert.match(failures[0]?.title ?? '', title)
  })

test('a file that hangs, deaf to signals and with a child that holds its output, is ended and names its test', async () => {
  const outcomes = await outcomesOf(
    `
      import { spawn } from 'node:child_process'
      import { test } from 'node:test'
      test('waits for ever', async () => {
        process.on('SIGTERM', () => {})
        spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
        await new Promise(() => setInterval(() => {}, 1000))
      })
    `,
    1_000,
  )
  const failure = outcomes.at(-1)
  assert.ok(failure?.kind === 'fail')
  assert.match(failure.title, /still running/)
  assert.match(failure.detail, /waits for ever/)
})

test('a server that a file leaves behind does not hold up the run', async () => {
  const outcomes = await outcomesOf(`
    import { spawn } from 'node:child_process'
    import { test } from 'node:test'
    test('starts a server', () => {
      spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }).unref()
    })
  `)
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['pass'],
  )
})

test('a part of a path, a glob and a whole path each select test files', () => {
  for (const pattern of ['suites.test', 'tools/**/suites.test.ts', 'tools/suites.test.ts'])
    assert.deepEqual(findTests([pattern]), { files: ['tools/suites.test.ts'], unmatched: [] })
})

test('a pattern that selects nothing is reported', () => {
  assert.deepEqual(findTests(['no-such-test']), { files: [], unmatched: ['no-such-test'] })
})

let files = 0

function outcomesOf(text: string, deadlineMs = 60_000): Promise<Outcome[]> {
  const file = join(directory, `${(files += 1)}.mjs`)
  writeFileSync(file, text)
  return runFile(file, { report: `${file}.jsonl`, deadlineMs, running: new Set() })
}
