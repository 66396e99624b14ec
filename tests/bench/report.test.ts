import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { withReport, type Report } from '../../bench/report.ts'
import { rows } from '../../bench/rows.ts'
import { inRoot } from '../../tools/root.ts'

const begin = '<!-- printed -->'
const end = '<!-- end of printed -->'
const order = ['warm', 'cold']

function report(sections: Record<string, string>, machine = 'a machine'): Report {
  return { machine, sections: new Map(Object.entries(sections)) }
}

test('what a run printed replaces what the last one did, in the order of the rows, and nothing around it', () => {
  const first = withReport(`before\n\n${begin}${end}\n\nafter\n`, report({ cold: '1', warm: '2' }), order)
  const sections = '### `warm`\n\n2\n\n### `cold`\n\n1'
  assert.equal(first, `before\n\n${begin}\n\na machine\n\n${sections}\n\n${end}\n\nafter\n`)
  assert.equal(withReport(first, report({ cold: '3', warm: '2' }), order), first.replace('\n1\n', '\n3\n'))
})

test('a row that is measured alone leaves what was printed of the others', () => {
  const first = withReport(`${begin}${end}`, report({ cold: '1', warm: '2' }), order)
  assert.equal(withReport(first, report({ warm: '4' }), order), first.replace('\n2\n', '\n4\n'))
})

test('a row that there is no more is not printed any longer', () => {
  const first = withReport(`${begin}${end}`, report({ cold: '1', warm: '2' }), order)
  assert.doesNotMatch(withReport(first, report({ warm: '4' }), ['warm']), /cold/)
})

test('figures of two machines do not come together', () => {
  const first = withReport(`${begin}${end}`, report({ cold: '1', warm: '2' }), order)
  assert.throws(() => withReport(first, report({ warm: '4' }, 'another'), order), /cold were measured on another/)
  assert.match(withReport(first, report({ cold: '3', warm: '4' }, 'another'), order), /another/)
})

test('a text where it is not clear what to replace is refused', () => {
  for (const text of ['', begin, end, `${end} ${begin}`, `${begin} ${end} ${end}`, `${begin} ${begin} ${end}`]) {
    assert.throws(() => withReport(text, report({ warm: '1' }), order), /must stand there once/, text)
  }
})

test('what the README shows is of rows that there are', () => {
  const names = [...readFileSync(inRoot('bench/README.md'), 'utf8').matchAll(/^### `(.+)`$/gm)].map(([, name]) => name!)
  assert.deepEqual(
    names.filter((name) => !Object.hasOwn(rows, name)),
    [],
  )
})
