import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { bodyDepthMax } from '@chatelaine/api'
import { HttpProblem } from '../src/http/problem.ts'
import { parseStrictJson } from '../src/http/strict-json.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('whatever JSON.stringify writes is read as JSON.parse reads it', () => {
  const value = fc.jsonValue({ maxDepth: bodyDepthMax - 2, stringUnit: 'binary' })
  const plain = value.filter((one) => !JSON.stringify(one).includes('"__proto__"'))
  fc.assert(
    fc.property(plain, fc.constantFrom(0, 2), (one, indent) => {
      const text = JSON.stringify(one, null, indent)
      assert.deepEqual(parseStrictJson(bytes(text)), JSON.parse(text))
    }),
  )
})

test('what JSON.parse refuses is refused, and nothing else is thrown', () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:\\u0123eE+-.tfn \n')), maxLength: 24 }),
    fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([json, at, put]) => {
      const place = at % (json.length + 1)
      return json.slice(0, place) + put + json.slice(place + 1)
    }),
  )
  fc.assert(
    fc.property(text, (one) => {
      let isJson = true
      try {
        JSON.parse(one)
      } catch {
        isJson = false
      }
      try {
        parseStrictJson(bytes(one))
        assert.ok(isJson, `${one} was let pass`)
      } catch (error) {
        assert.ok(error instanceof HttpProblem && error.key === 'malformed-json', String(error))
      }
    }),
    { numRuns: 1_000 },
  )
})

test('any bytes give a value or the problem malformed-json', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (any) => {
      try {
        parseStrictJson(any)
      } catch (error) {
        assert.ok(error instanceof HttpProblem && error.key === 'malformed-json')
      }
    }),
  )
})

test('a byte order mark is passed over (RFC 8259 §8.1)', () => {
  assert.deepEqual(parseStrictJson(Uint8Array.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d])), {})
})

test(`${bodyDepthMax} levels are read and one more is refused`, () => {
  const nested = (levels: number) => bytes('['.repeat(levels) + ']'.repeat(levels))
  assert.ok(Array.isArray(parseStrictJson(nested(bodyDepthMax))))
  assert.throws(() => parseStrictJson(nested(bodyDepthMax + 1)), /deeper/)
})

test('a key that every object has by birth is a key like any other', () => {
  const text = '{"constructor":1,"toString":2,"hasOwnProperty":3}'
  assert.deepEqual(parseStrictJson(bytes(text)), JSON.parse(text))
})

test('the place of a fault is counted in lines and columns from 1', () => {
  assert.throws(() => parseStrictJson(bytes('{\n  "a": 1,\n  b: 2\n}')), /line 3, column 3, expected a key/)
})
