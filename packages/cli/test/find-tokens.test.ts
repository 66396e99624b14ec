import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { generateToken } from '@chatelaine/token'
import { encodingOf, findTokens } from '../src/scan/find-tokens.ts'

const bytes = fc.uint8Array({ minLength: 200, maxLength: 200 })
/** What repositories are full of, and what stands next to a token most unpleasantly. */
const surroundings = fc.string({ unit: fc.constantFrom(...Array.from('aZ0_-+/=.,:; "\'\n\\échlacc')), maxLength: 300 })

test('a token is found where it stands, whatever stands around it, and nothing else is', () => {
  fc.assert(
    fc.property(
      bytes,
      surroundings,
      surroundings,
      fc.constantFrom('chl', 'ab', 'a234567890123456'),
      (seed, before, after, prefix) => {
        let at = 0
        const random = (count: number) => Uint8Array.from({ length: count }, () => seed[at++ % seed.length]! % 248)
        const { token, id } = generateToken({ prefix, kind: 'project' }, random)
        const text = Buffer.from(before + token.reveal() + after)
        const found = findTokens(text, encodingOf(text))
        assert.deepEqual(
          found.map((one) => [one.id, one.offset, one.end]),
          [[id, Buffer.byteLength(before), Buffer.byteLength(before) + token.reveal().length]],
        )
        assert.ok(found[0]!.token.equals(token))
      },
    ),
  )
})

test('a token in base64 is found at whatever place of whatever text', () => {
  fc.assert(
    fc.property(
      bytes,
      surroundings,
      surroundings,
      fc.constantFrom('base64', 'base64url'),
      (seed, before, after, encoding) => {
        let at = 0
        const random = (count: number) => Uint8Array.from({ length: count }, () => seed[at++ % seed.length]! % 248)
        const { token, id } = generateToken({ prefix: 'chl', kind: 'manager' }, random)
        const text = Buffer.from(`key: ${Buffer.from(before + token.reveal() + after).toString(encoding)}\n`)
        assert.deepEqual(
          findTokens(text, 'ascii').map((one) => one.id),
          [id],
        )
      },
    ),
  )
})

test('bytes without a token give none, and none makes it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), (text) => {
      const buffer = Buffer.from(text)
      assert.deepEqual(findTokens(buffer, encodingOf(buffer)), [])
      assert.deepEqual(findTokens(buffer, 'binary'), [])
    }),
  )
})
