import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { oauthErrors } from '../src/index.ts'

const page = new URL('../../../docs/reference/oauth.md', import.meta.url)

test('the page about OAuth says of every error what the table says, and names no other', () => {
  const text = readFileSync(page, 'utf8')
  const lines = text.split('\n').filter((line) => line.startsWith('|'))
  const cells = lines.map((line) => line.split('|').map((cell) => cell.trim()))
  const rows = cells.filter(([, , status]) => /^[0-9]+$/.test(status ?? '')).map((row) => row.slice(1, -1))
  const wanted = Object.entries(oauthErrors).map(([code, { status, meaning }]) => [`\`${code}\``, `${status}`, meaning])
  assert.deepEqual(rows, wanted)
})
