import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import {
  generateToken,
  isTokenPrefix,
  isWellFormed,
  parseToken,
  prefixPattern,
  startOf,
  tokenIdOf,
  tokenIdPattern,
  tokenKinds,
  tokenLengthMax,
  tokenLengthMin,
} from '@chatelaine/token'
import { base62Digits } from '../src/base62.ts'
import { checksumOf } from '../src/format.ts'
import { generated, randomFrom } from './arbitraries.ts'
import { accepted, rejected } from './vectors.ts'

for (const { about, text, prefix, kind, id, start } of accepted.tokens) {
  test(`vector accepted: ${about}`, () => {
    assert.equal(isWellFormed(text), true)
    assert.deepEqual(parseToken(text), { prefix, kind, id, start })
    assert.equal(tokenIdOf(text), id)
    assert.equal(startOf({ prefix, kind, id }), start)
  })
}

for (const { reason, text } of rejected.tokens) {
  test(`vector rejected: ${reason}`, () => {
    assert.equal(isWellFormed(text), false)
    assert.equal(parseToken(text), undefined)
    assert.equal(tokenIdOf(text), undefined)
  })
}

test('taking a generated token apart gives what it was made of, for every prefix and kind', () => {
  fc.assert(
    fc.property(generated, ({ prefix, kind, id, start, token }) => {
      assert.deepEqual(parseToken(token.reveal()), { prefix, kind, id, start })
      assert.match(id, tokenIdPattern)
      assert.ok(token.reveal().startsWith(start))
      assert.match(token.reveal(), /^[A-Za-z0-9_]+$/)
      assert.ok(token.reveal().length >= tokenLengthMin && token.reveal().length <= tokenLengthMax)
    }),
  )
})

test('no token passes with one character changed, wherever and to whatever', () => {
  const anyUnit = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...base62Digits.split(''), '_', '-', ' ', '\n') },
    { weight: 1, arbitrary: fc.nat(0xffff).map((code) => String.fromCharCode(code)) },
  )
  fc.assert(
    fc.property(generated, anyUnit, ({ token }, unit) => {
      const text = token.reveal()
      for (let i = 0; i < text.length; i++) {
        if (text[i] !== unit) assert.equal(isWellFormed(text.slice(0, i) + unit + text.slice(i + 1)), false, `at ${i}`)
      }
    }),
    { numRuns: 500 },
  )
})

test('no token passes with two neighbours swapped, wherever', () => {
  fc.assert(
    fc.property(generated, ({ token }) => {
      const text = token.reveal()
      for (let i = 0; i + 1 < text.length; i++) {
        const swapped = text.slice(0, i) + text[i + 1] + text[i] + text.slice(i + 2)
        if (swapped !== text) assert.equal(isWellFormed(swapped), false, `at ${i}`)
      }
    }),
    { numRuns: 500 },
  )
})

// CRC-32 detects a swap inside the checked text whatever the text is. Across the border the text changes by `last ^ first`
// and the number by their difference times 62^5. For a swap to pass, xor with that remainder would have to equal adding
// that difference: crc ^ x = crc + d, so that the bits common to crc and x are (x - d) / 2. Where these are no bits of x,
// no crc does it.
test('no last character of any secret can be swapped with the first of its checksum', () => {
  const firstDigits = base62Digits.slice(0, 5) // 2^32 is less than 5 * 62^5
  for (const last of firstDigits) {
    for (const first of firstDigits) {
      if (last === first) continue
      const changed = BigInt(remainderOfLastByte(last.charCodeAt(0) ^ first.charCodeAt(0)))
      const difference = (BigInt(base62Digits.indexOf(last)) - BigInt(base62Digits.indexOf(first))) * 62n ** 5n
      const twiceCommon = changed - difference
      const possible = twiceCommon >= 0n && twiceCommon % 2n === 0n && ((twiceCommon / 2n) & ~changed) === 0n
      assert.equal(possible, false, `${last} and ${first}`)
    }
  }
})

function remainderOfLastByte(change: number): number {
  let remainder = change
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0)
  return remainder >>> 0
}

test('exactly the strings of the grammar with a right checksum are well formed', () => {
  const grammar = /^[a-z][a-z0-9]{1,15}_(?:acc|prj|mgr)_[0-9A-Za-z]{48}$/
  const almost = fc
    .tuple(
      fc.string({ unit: fc.constantFrom(...'az09AZ_'.split('')), maxLength: 18 }),
      fc.constantFrom('acc', 'prj', 'mgr', 'acr', 'ACC', 'pr', ''),
      fc.string({ unit: fc.constantFrom(...base62Digits.split('')), minLength: 47, maxLength: 49 }),
      fc.option(fc.constantFrom('_', '/', ':', '@', '[', '`', '{', '\u0000', '\u00e9'), { nil: '', freq: 4 }),
    )
    .map(([prefix, kind, body, stray]) => `${prefix}_${kind}_${stray}${body.slice(stray.length)}`)
  fc.assert(
    fc.property(almost, (unchecked) => {
      assert.equal(isWellFormed(unchecked + checksumOf(unchecked)), grammar.test(unchecked))
    }),
    { numRuns: 5_000 },
  )
})

test('no string makes parsing throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
      assert.equal(parseToken(text), undefined)
    }),
  )
})

test('a deployment prefix is 2 to 16 of a-z and 0-9, a letter first', () => {
  for (const good of ['ab', 'chl', 'a1', 'z'.repeat(16)]) assert.equal(isTokenPrefix(good), true, good)
  for (const bad of ['', 'a', '1a', 'Ab', 'aB', 'a_b', 'a-b', 'ab\n', 'é1', 'z'.repeat(17)]) {
    assert.equal(isTokenPrefix(bad), false, bad)
    assert.equal(prefixPattern.test(bad), false, bad)
  }
})

test('a token is not generated under a prefix that nobody could use', () => {
  assert.throws(() => generateToken({ prefix: 'Not one', kind: 'account' }, randomFrom(1)), RangeError)
})

test('two tokens of the same source of randomness share neither id nor secret', () => {
  const random = randomFrom(7)
  const first = generateToken({ prefix: 'chl', kind: 'project' }, random)
  const second = generateToken({ prefix: 'chl', kind: 'project' }, random)
  assert.notEqual(first.id, second.id)
  assert.equal(first.token.equals(second.token), false)
})

test('a token cannot be printed by accident', () => {
  const token = generateToken({ prefix: 'chl', kind: 'manager' }, randomFrom(3))
  assert.ok(!JSON.stringify(token).includes(token.token.reveal()))
  assert.equal(String(token.token), '[redacted]')
})

test('each kind has its own spelling of the same length', () => {
  const spellings = Object.values(tokenKinds)
  assert.equal(new Set(spellings).size, spellings.length)
  assert.ok(spellings.every((spelling) => spelling.length === 3))
})
