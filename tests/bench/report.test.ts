import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { withReport } from '../../bench/report.ts'
import { inRoot } from '../../tools/root.ts'

const begin = '<!-- printed -->'
const end = '<!-- end of printed -->'

test('what a run printed replaces what the last one did, and nothing around it', () => {
  const first = withReport(`before\n\n${begin}${end}\n\nafter\n`, 'first')
  assert.equal(first, `before\n\n${begin}\n\nfirst\n\n${end}\n\nafter\n`)
  assert.equal(withReport(first, 'second'), first.replace('first', 'second'))
})

test('a text where it is not clear what to replace is refused', () => {
  for (const text of ['', begin, end, `${end} ${begin}`, `${begin} ${end} ${end}`, `${begin} ${begin} ${end}`]) {
    assert.throws(() => withReport(text, 'printed'), /must stand there once/, text)
  }
})

test('the README has a place for what a run prints', () => {
  assert.match(withReport(readFileSync(inRoot('bench/README.md'), 'utf8'), 'printed'), /\n\nprinted\n\n/)
})
