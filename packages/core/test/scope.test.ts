import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  allManagementScopes,
  includes,
  missingScopes,
  normaliseScopes,
  scopeFault,
  scopeLengthMax,
  type Scope,
} from '@chatelaine/core'
import * as fc from 'fast-check'
import { scopes } from './arbitraries.ts'

test('what includes is a partial order: reflexive, transitive, antisymmetric', () => {
  fc.assert(
    fc.property(scopes, scopes, scopes, (a, b, c) => {
      assert.ok(includes(a, a))
      if (includes(a, b) && includes(b, c)) assert.ok(includes(a, c), `${a} > ${b} > ${c}`)
      if (includes(a, b) && includes(b, a)) assert.equal(a, b)
    }),
    { numRuns: 5_000 },
  )
})

test('also among scopes that nobody could be given', () => {
  const odd = fc.constantFrom('*', 'chatelaine.nothing:*', 'chatelaine.nothing:read', 'chatelaine:*', 'chatelaine:read')
  fc.assert(
    fc.property(odd, odd, odd, (a, b, c) => {
      if (includes(a, b) && includes(b, c)) assert.ok(includes(a, c), `${a} > ${b} > ${c}`)
    }),
  )
})

test('resource:* is all of that resource and nothing of another', () => {
  for (const held of ['data:read', 'data:write', 'data:*']) assert.ok(includes('data:*', held))
  for (const other of ['database:read', 'data.sub:read', 'dat:a', '*', 'chatelaine.tokens:read']) {
    assert.equal(includes('data:*', other), false, other)
  }
})

test('* is everything of the platform, and of the management only what concerns the owner’s own things', () => {
  assert.ok(includes('*', 'data:read'))
  assert.ok(includes('*', 'data:*'))
  const reached = allManagementScopes.filter((scope) => includes('*', scope))
  assert.deepEqual(reached, [
    'chatelaine.tokens:read',
    'chatelaine.tokens:write',
    'chatelaine.tokens:verify',
    'chatelaine.accounts:read',
    'chatelaine.projects:read',
    'chatelaine.projects:write',
  ])
  assert.ok(includes('*', 'chatelaine.tokens:*'))
})

test('* never includes rights over the whole deployment', () => {
  for (const scope of [
    'chatelaine.accounts:write',
    'chatelaine.accounts:*',
    'chatelaine.audit:read',
    'chatelaine.audit:*',
    'chatelaine.settings:read',
    'chatelaine.settings:write',
    'chatelaine.settings:*',
    'chatelaine.unheard-of:*',
  ]) {
    assert.equal(includes('*', scope), false, scope)
  }
})

test('only * includes *', () => {
  fc.assert(fc.property(scopes, (scope) => assert.equal(includes(scope, '*'), scope === '*')))
})

test('a scope that is well spelled has no fault', () => {
  const good = [
    '*',
    'data:read',
    'data:*',
    'a:b',
    'a.b.c:d-e_f',
    'a1:b2',
    'chatelaine.tokens:*',
    ...allManagementScopes,
  ]
  for (const scope of good) assert.equal(scopeFault(scope), undefined, scope)
  assert.equal(scopeFault(`${'a'.repeat(scopeLengthMax - 2)}:b`), undefined)
})

const misspelled = [
  '',
  'data',
  'data:',
  ':read',
  'Data:read',
  'data:Read',
  'data:read:more',
  'data read',
  'data:re*',
  '*:read',
  '**',
  '.data:read',
  'data.:read',
  'data..x:read',
  '1data:read',
  'data:read ',
  'data:read\n',
  'dåta:read',
  '__proto__:read',
  'toString',
]

test('a misspelled scope is answered with how scopes are spelled', () => {
  for (const scope of misspelled) assert.match(scopeFault(scope) ?? '', /resource:action/, JSON.stringify(scope))
})

test('a scope that is too long is answered with how long it may be', () => {
  assert.match(scopeFault(`${'a'.repeat(scopeLengthMax - 1)}:b`) ?? '', /at most 128 characters/)
})

test('a scope of the reserved resource that does not exist is answered with those that do', () => {
  for (const scope of ['chatelaine.tokens:delete', 'chatelaine.nothing:*', 'chatelaine.nothing:read']) {
    assert.match(scopeFault(scope) ?? '', /chatelaine\.tokens:read, .*chatelaine\.settings:write/)
  }
})

test('missing scopes are exactly those that no held scope includes', () => {
  fc.assert(
    fc.property(fc.array(scopes), fc.array(scopes), (held, asked) => {
      const missing = missingScopes(held, asked)
      const isHeld = (scope: Scope) => held.some((one) => includes(one, scope))
      assert.deepEqual(
        missing,
        asked.filter((scope) => !isHeld(scope)),
      )
    }),
  )
})

test('equal sets of scopes become equal lists', () => {
  fc.assert(
    fc.property(fc.array(scopes), (list) => {
      const shuffled = [...list.toReversed(), ...list]
      assert.deepEqual(normaliseScopes(shuffled), normaliseScopes(list))
      assert.deepEqual(new Set(normaliseScopes(list)), new Set(list))
    }),
  )
})
