import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 as zlibCrc32 } from 'node:zlib'

import * as fc from 'fast-check'

import { randomBase62 } from '@chatelaine/token'
import { base62Digits, base62Value, formatBase62, notBase62 } from '../src/base62.ts'
import { crc32 } from '../src/crc32.ts'

test('the CRC-32 of 123456789 is the published check value', () => {
  assert.equal(crc32('123456789'), 0xcbf43926)
  assert.equal(crc32(''), 0)
})

test('the CRC-32 of any ASCII text is the one that zlib computes', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary-ascii' }), (text) => assert.equal(crc32(text), zlibCrc32(text))))
})

test('base62 digits are in the order of their codes', () => {
  assert.equal(base62Digits.split('').toSorted().join(''), base62Digits)
  assert.equal(base62Digits.length, 62)
})

test('every number below 2^32 is six digits that give it back', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), (number) => {
      const text = formatBase62(number, 6)
      assert.equal(text.length, 6)
      assert.equal(
        text.split('').reduce((sum, digit) => sum * 62 + base62Value(digit.charCodeAt(0)), 0),
        number,
      )
    }),
  )
  assert.equal(formatBase62(0, 6), '000000')
  assert.equal(formatBase62(2 ** 32 - 1, 6), '4gfFC3')
})

test('no code but those of the 62 digits has a value', () => {
  for (let code = 0; code <= 0xffff; code++) {
    const value = base62Digits.indexOf(String.fromCharCode(code))
    assert.equal(base62Value(code), value === -1 ? notBase62 : value)
  }
})

test('random base62 takes each digit from equally many bytes', () => {
  const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  const text = randomBase62(248, () => everyByte)
  for (const digit of base62Digits) assert.equal(text.split(digit).length - 1, 4, digit)
})

test('random base62 draws again for bytes that it throws away', () => {
  const draws = [[255, 0, 254, 1], [248, 61], [62]].map((bytes) => Uint8Array.from(bytes))
  const asked: number[] = []
  const text = randomBase62(4, (byteCount) => {
    asked.push(byteCount)
    return draws.shift()!
  })
  assert.equal(text, '01z0')
  assert.deepEqual(asked, [4, 2, 1])
})

test('random base62 gives up on a source that gives nothing usable', () => {
  assert.throws(() => randomBase62(1, (byteCount) => new Uint8Array(byteCount).fill(255)), /source of randomness/)
  assert.throws(() => randomBase62(1, () => new Uint8Array()), /source of randomness/)
})
