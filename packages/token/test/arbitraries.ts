// What fast-check draws from: prefixes, kinds, whole tokens.

import * as fc from 'fast-check'

import { generateToken, tokenKinds, type TokenKind } from '@chatelaine/token'

const lowerCase = 'abcdefghijklmnopqrstuvwxyz'.split('')
const decimal = '0123456789'.split('')

const prefixes = fc
  .tuple(
    fc.constantFrom(...lowerCase),
    fc.string({ unit: fc.constantFrom(...lowerCase, ...decimal), minLength: 1, maxLength: 15 }),
  )
  .map(([first, rest]) => first + rest)

const kinds = fc.constantFrom(...(Object.keys(tokenKinds) as TokenKind[]))

/** A repeatable source of randomness for each seed: xorshift32, which is good enough to vary tests and nothing else. */
export function randomFrom(seed: number): (byteCount: number) => Uint8Array {
  let state = seed | 1
  return (byteCount) =>
    Uint8Array.from({ length: byteCount }, () => {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return state >>> 8
    })
}

export const generated = fc
  .record({ prefix: prefixes, kind: kinds, seed: fc.nat() })
  .map(({ prefix, kind, seed }) => ({ prefix, kind, ...generateToken({ prefix, kind }, randomFrom(seed)) }))
