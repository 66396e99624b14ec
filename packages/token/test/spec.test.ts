// What spec/token-format.md says is compared with the code, so that the page cannot go stale unnoticed.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { tokenKinds } from '@chatelaine/token'
import { deriveKeys, KeyRing, keyPurposes } from '@chatelaine/token/keys'
import { crc32 } from '../src/crc32.ts'
import { accepted } from './vectors.ts'

const page = readFileSync(new URL('../../../spec/token-format.md', import.meta.url), 'utf8')
const example = accepted.tokens[0]!

test('the page takes the first vector as its example, with its CRC-32, its derived key and its digest', () => {
  const keyRing = KeyRing.parse(accepted.key_ring)
  const crc = crc32(example.text.slice(0, -6))
  for (const said of [
    example.text,
    crc.toString(16).toUpperCase(),
    crc.toLocaleString('en').replaceAll(',', ' '),
    Buffer.from(keyRing.derive(keyRing.currentId, 'digest')).toString('hex'),
    deriveKeys(keyRing).digest(example.text),
  ]) {
    assert.ok(page.includes(said), said)
  }
})

test('the table of kinds on the page is that of the code', () => {
  const rows = [...page.matchAll(/^\| (\w+) +\| `(\w{3})` +\|/gm)].map(([, kind, spelling]) => [kind, spelling])
  assert.deepEqual(rows, Object.entries(tokenKinds))
})

test('the table of purposes on the page is that of the code', () => {
  const uses = { 'HMAC-SHA-256': 'mac', Ed25519: 'sign' }
  const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| (HMAC-SHA-256|Ed25519) +\|/gm)]
  const purposes = rows.map(([, purpose, use]) => [purpose, uses[use as keyof typeof uses]])
  assert.deepEqual(purposes, Object.entries(keyPurposes))
})

test('the expression for scanners finds every token in a text', () => {
  const scanner = new RegExp(page.match(/^\(\?<!.*$/m)![0], 'g')
  const text = accepted.tokens.map((vector) => `token="${vector.text}"\n`).join('')
  assert.deepEqual(
    text.match(scanner),
    accepted.tokens.map((vector) => vector.text),
  )
})
