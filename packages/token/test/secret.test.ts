import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format, inspect } from 'node:util'

import * as fc from 'fast-check'

import { Secret } from '@chatelaine/token'

const value = 'correct horse battery staple'
const secret = new Secret(value)

test('a secret gives its value only when asked to reveal it', () => {
  assert.equal(secret.reveal(), value)
  const shown = [
    String(secret),
    // oxlint-disable-next-line typescript/restrict-template-expressions -- the accident that the class is there for
    `${secret}`,
    '' + secret,
    JSON.stringify({ secret }),
    inspect(secret, { showHidden: true, depth: Infinity }),
    format('%s %o %j', secret, secret, secret),
    Object.values(secret).join(),
    inspect({ nested: [secret] }),
    new Error('failed', { cause: secret }).toString(),
  ]
  for (const text of shown) assert.ok(!text.includes('horse'), text)
  assert.equal(JSON.stringify(secret), '"[redacted]"')
  assert.equal(inspect(secret), '[redacted]')
})

test('a secret equals exactly those that hold the same string', () => {
  assert.ok(secret.equals(new Secret(value)))
  for (const other of ['', value.slice(1), `${value} `, value.replace('c', 'C'), `${value}\0`]) {
    assert.equal(secret.equals(new Secret(other)), false)
    assert.equal(new Secret(other).equals(secret), false)
  }
  assert.ok(new Secret('').equals(new Secret('')))
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      assert.equal(new Secret(a).equals(new Secret(b)), a === b)
      assert.ok(new Secret(a).equals(new Secret(a)))
    }),
  )
})
