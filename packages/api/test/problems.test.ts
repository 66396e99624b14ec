import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { problems, problemType, read, schemas, type ProblemKey } from '../src/index.ts'

const pages = new URL('../../../docs/errors/', import.meta.url)
const kinds = Object.entries(problems)

function page(name: string): string {
  return readFileSync(new URL(`${name}.md`, pages), 'utf8')
}

test('every problem has a page, and every page a problem', () => {
  const names = readdirSync(pages).map((file) => file.replace(/\.md$/, ''))
  assert.deepEqual(names.toSorted(), ['README', ...Object.keys(problems)].toSorted())
})

for (const [key, { status, title }] of kinds) {
  test(`the page of ${key} says its title and status, and shows an answer with its type`, () => {
    const text = page(key)
    assert.ok(text.startsWith(`# ${title}\n`), 'the title is its heading')
    assert.ok(text.includes(`Problem \`${key}\`, status ${status}.`), 'key and status stand below')
    const example: unknown = JSON.parse(/```json\n(.*?)```/s.exec(text)?.[1] ?? 'null')
    const reading = read(schemas.Problem, example)
    assert.ok(reading.ok, JSON.stringify(reading))
    const { type, title: shownTitle, status: shownStatus } = reading.value
    assert.deepEqual([type, shownTitle, shownStatus], [problemType(key as ProblemKey), title, status])
  })
}

test('the index of the pages lists each with its status and title, in the order of the table', () => {
  const lines = kinds.map(([key, { status, title }]) => `| ${status} | [${key}](${key}.md) | ${title} |`)
  const rows = page('README')
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' ').trim())
    .filter((line) => /^\| \d/.test(line))
  assert.deepEqual(rows, lines)
})

test('statuses are those of errors, and titles are told apart', () => {
  const titles = kinds.map(([, { title }]) => title)
  assert.deepEqual(titles, [...new Set(titles)])
  for (const [key, { status }] of kinds) assert.ok(status >= 400 && status < 600, key)
})
