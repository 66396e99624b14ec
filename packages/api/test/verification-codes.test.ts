import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { verificationCodes } from '../src/schemas/verification.ts'

const page = new URL('../../../docs/reference/verification.md', import.meta.url)

test('the page about verification has every code in the order of the table, with its meaning, and no other', () => {
  const lines = readFileSync(page, 'utf8').split('\n')
  const cells = lines.filter((line) => /^\| \d/.test(line)).map((line) => line.split('|').map((cell) => cell.trim()))
  const rows = cells.map((row) => row.slice(1, -1))
  const wanted = Object.entries(verificationCodes).map(([code, meaning], at) => [`${at + 1}`, `\`${code}\``, meaning])
  assert.deepEqual(rows, wanted)
})
