import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  changeToken,
  defaultPolicy,
  dayMs,
  operatorCaller,
  revokeToken,
  type Effect,
  type Token,
  type TokenAsk,
  type TokenEdit,
} from '@chatelaine/core'
import { refuses } from './failures.ts'
import {
  actionsSince,
  Gate,
  isPending,
  makeManager,
  makePerson,
  makeToken,
  makeWorld,
  reread,
  startAt,
  verify,
} from './world.ts'

async function withToken(ask: Partial<TokenAsk> = {}) {
  const world = makeWorld()
  const person = await makePerson(world)
  const made = await makeToken(world, person, {
    label: 'old',
    scopes: ['data:*'],
    allowedIps: ['192.0.2.0/24'],
    ...ask,
  })
  const change = (edit: TokenEdit) => changeToken(world.ports, person, made.token.id, edit)
  return { world, person, ...made, change }
}

describe('a change', () => {
  test('sets what it names and leaves the rest', async () => {
    const { world, token, change } = await withToken()
    const edit = { label: 'new', scopes: ['b:read', 'a:read'], expiresAt: startAt + 5, metadata: { a: [1] } }
    const after = await change({ ...edit, allowedIps: ['192.0.2.77/32'] })
    const expected: Token = { ...token, ...edit, scopes: ['a:read', 'b:read'], allowedIps: ['192.0.2.77'] }
    assert.deepEqual(after, { ...expected, changedSeq: world.store.source.position().seq })
    assert.deepEqual(await reread(world, token), after)
  })

  test('has one row in the log, which says what each field was and is', async () => {
    const { world, token, change } = await withToken()
    const { seq } = world.store.source.position()
    await change({ label: 'new', allowedIps: ['192.0.2.1'] })
    assert.deepEqual(actionsSince(world, seq), ['token.updated'])
    const entry = world.store.entries.at(-1)!
    assert.deepEqual(entry.details, {
      label: { from: 'old', to: 'new' },
      allowed_ips: { from: ['192.0.2.0/24'], to: ['192.0.2.1'] },
    })
    assert.equal(entry.subject.id, token.id)
  })

  test('to what already is so writes nothing', async () => {
    const { world, token, change } = await withToken()
    const { seq } = world.store.source.position()
    const same = { label: 'old', isActive: true, scopes: ['data:*', 'data:*'], allowedIps: ['192.0.2.9/24'] }
    assert.deepEqual(await change({ ...same, expiresAt: token.expiresAt, metadata: {} }), token)
    assert.deepEqual(await change({}), token)
    assert.deepEqual(actionsSince(world, seq), [])
  })

  test('to what already is so is answered only when it is so everywhere', async () => {
    const { world, text, change } = await withToken()
    assert.equal(await verify(world, text), 'valid')
    const gate = new Gate()
    world.store.beforeDelivery = () => gate.pass()
    const first = change({ isActive: false })
    const again = change({ isActive: false })
    assert.deepEqual([await isPending(first), await isPending(again)], [true, true])
    assert.equal(await verify(world, text), 'valid')
    gate.open()
    await Promise.all([first, again])
    assert.equal(await verify(world, text), 'suspended')
  })

  test('is answered when the memory has applied it', async () => {
    const { world, text, change } = await withToken()
    assert.equal(await verify(world, text, { scopes: ['data:write'] }), 'valid')
    await change({ scopes: ['data:read'] })
    assert.equal(await verify(world, text, { scopes: ['data:write'] }), 'insufficient_scope')
  })
})

describe('the effect that the log tells', () => {
  const cases: readonly [Effect, TokenEdit][] = [
    ['takes', { isActive: false }],
    ['takes', { scopes: ['data:read'] }],
    ['takes', { scopes: ['data:read', 'other:*'] }],
    ['takes', { expiresAt: startAt + 1 }],
    ['takes', { allowedIps: ['192.0.2.0/25'] }],
    ['takes', { allowedIps: ['198.51.100.0/24'] }],
    ['takes', { scopes: ['*'], expiresAt: startAt + 1 }],
    ['gives', { scopes: ['*'] }],
    ['gives', { expiresAt: null }],
    ['gives', { expiresAt: startAt + 2 * dayMs }],
    ['gives', { allowedIps: [] }],
    ['gives', { allowedIps: ['192.0.2.0/23'] }],
  ]
  for (const [effect, edit] of cases) {
    test(`is that it ${effect}: ${JSON.stringify(edit)}`, async () => {
      const { world, change } = await withToken()
      await change(edit)
      assert.equal(world.store.entries.at(-1)?.effect, effect)
    })
  }

  test('of resuming gives, and its action is its own', async () => {
    const { world, text, change } = await withToken()
    const { seq } = world.store.source.position()
    await change({ isActive: false })
    assert.equal(await verify(world, text), 'suspended')
    await change({ isActive: true })
    assert.equal(await verify(world, text), 'valid')
    assert.deepEqual(actionsSince(world, seq), ['token.suspended', 'token.resumed'])
    assert.deepEqual(
      world.store.entries.slice(-2).map(({ effect }) => effect),
      ['takes', 'gives'],
    )
  })
})

describe('a change is refused', () => {
  test('for a token that is revoked or expired, whatever it asks: neither can be undone', async () => {
    const { world, token, change, person } = await withToken()
    const edits: TokenEdit[] = [
      { label: 'x' },
      { isActive: false },
      { expiresAt: null },
      { expiresAt: startAt + 9 * dayMs },
    ]
    world.clock.pass(dayMs)
    for (const edit of edits) await refuses('token-ended', () => change(edit), /expired/)
    const other = await makeToken(world, person)
    await revokeToken(world.ports, person, other.token.id)
    for (const edit of edits) {
      await refuses('token-ended', () => changeToken(world.ports, person, other.token.id, edit), /revoked/)
    }
    assert.equal((await reread(world, token)).expiresAt, token.expiresAt)
  })

  test('for another’s token as if there were none, and for a damaged row', async () => {
    const { world, token } = await withToken()
    const other = await makePerson(world)
    await refuses('not-found', () => changeToken(world.ports, other, token.id, { label: 'x' }))
    await refuses('not-found', () => changeToken(world.ports, operatorCaller, 'tok_0000000000000000', { label: 'x' }))
    world.store.damage(token.id)
    await refuses('not-found', () => changeToken(world.ports, operatorCaller, token.id, { label: 'x' }))
  })

  test('where the result contradicts itself', async () => {
    const { change } = await withToken({ notBefore: startAt + 1_000 })
    const edits: [string, TokenEdit][] = [
      ['/scopes', { scopes: [] }],
      ['/scopes/0', { scopes: ['Nonsense'] }],
      ['/allowed_ips/0', { allowedIps: ['nonsense'] }],
      ['/expires_at', { expiresAt: startAt }],
      ['/not_before', { expiresAt: startAt + 1_000 }],
    ]
    for (const [pointer, edit] of edits) {
      assert.equal((await refuses('invalid-request', () => change(edit))).fields[0]?.pointer, pointer)
    }
  })

  test('where it would make one permanent token too many, and one that was permanent before goes on', async () => {
    const world = makeWorld({ policy: { permanentTokensMax: 1 } })
    const person = await makePerson(world)
    const first = await makeToken(world, person, { life: { permanent: true } })
    const second = await makeToken(world, person)
    const change = (token: Token, edit: TokenEdit) => changeToken(world.ports, person, token.id, edit)
    await refuses('permanent-limit-reached', () => change(second.token, { expiresAt: null }))
    await change(first.token, { expiresAt: startAt + dayMs })
    await change(second.token, { expiresAt: null })

    world.store.presetPolicy({ ...defaultPolicy, permanentTokensMax: 0, tokensPerOwnerMax: 0 })
    await change(second.token, { label: 'renamed' })
    await change(second.token, { isActive: false })
    await change(second.token, { isActive: true })
  })
})

describe('nothing grows by a change', () => {
  const edits: readonly TokenEdit[] = [
    { expiresAt: null },
    { expiresAt: startAt + dayMs + 1 },
    { scopes: ['*'] },
    { scopes: ['data:*', 'chatelaine.tokens:write', 'chatelaine.audit:read'] },
    { allowedIps: [] },
    { allowedIps: ['192.0.2.0/23'] },
    { expiresAt: startAt + dayMs + 1, scopes: ['data:read'], label: 'smaller in one way' },
  ]

  async function withCaller() {
    const world = makeWorld()
    const person = await makePerson(world)
    const ask = { scopes: ['data:*', 'chatelaine.tokens:write'], allowedIps: ['192.0.2.0/24'] }
    return { world, person, self: await makeToken(world, person, ask) }
  }

  for (const edit of edits) {
    test(`a token cannot widen itself, nor one that it made: ${JSON.stringify(edit)}`, async () => {
      const { world, self } = await withCaller()
      const child = await makeToken(world, self.caller)
      for (const target of [self, child]) {
        await refuses('exceeds-caller', () => changeToken(world.ports, self.caller, target.token.id, edit))
        assert.deepEqual(await reread(world, target.token), target.token)
      }
    })
  }

  test('a token may narrow itself, and cannot take that back', async () => {
    const { world, self } = await withCaller()
    const { ports } = world
    const narrower = {
      scopes: ['data:read', 'chatelaine.tokens:write'],
      allowedIps: ['192.0.2.1'],
      expiresAt: startAt + 60_000,
    }
    const token = await changeToken(ports, self.caller, self.token.id, narrower)
    const caller = { ...self.caller, token }
    await refuses('exceeds-caller', () => changeToken(ports, caller, token.id, { allowedIps: ['192.0.2.0/24'] }))
    await refuses('exceeds-caller', () => changeToken(ports, self.caller, token.id, { scopes: self.token.scopes }))
  })

  test('a token cannot even rename or resume one that is more than itself, but suspend it', async () => {
    const { world, person, self } = await withCaller()
    const wider = await makeToken(world, person)
    const change = (edit: TokenEdit) => changeToken(world.ports, self.caller, wider.token.id, edit)
    await refuses('exceeds-caller', () => change({ label: 'mine now' }))
    await refuses('exceeds-caller', () => change({ isActive: false, label: 'mine now' }))
    assert.equal((await change({ isActive: false })).isActive, false)
    await refuses('exceeds-caller', () => change({ isActive: true }))
  })

  test('a token that is suspended cannot resume itself', async () => {
    const { world, person, self } = await withCaller()
    await changeToken(world.ports, person, self.token.id, { isActive: false })
    await refuses('credential-rejected', () => changeToken(world.ports, self.caller, self.token.id, { isActive: true }))
    assert.equal((await reread(world, self.token)).isActive, false)
  })

  test('a manager token changes any account’s tokens, but managers only as far as it could make them', async () => {
    const { world, self } = await withCaller()
    const manager = await makeManager(world, { scopes: ['chatelaine.tokens:write'] })
    await changeToken(world.ports, manager.caller, self.token.id, { scopes: ['*'], expiresAt: null })
    for (const edit of [{ scopes: ['chatelaine.tokens:write', 'chatelaine.accounts:write'] }, { label: 'renamed' }]) {
      await refuses('exceeds-caller', () => changeToken(world.ports, manager.caller, manager.token.id, edit))
    }
  })
})

test('of simultaneous changes each one is applied to what the others left, or refused as overtaken', async () => {
  const { world, token, change } = await withToken()
  const both = await Promise.all([
    change({ label: 'new' }),
    change({ metadata: { a: 1 } }),
    change({ scopes: ['data:read'] }),
  ])
  assert.equal(both.length, 3)
  const { label, metadata, scopes } = await reread(world, token)
  assert.deepEqual([label, metadata, scopes], ['new', { a: 1 }, ['data:read']])
  const many = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => change({ label: `label ${index}` })))
  const refused = many.filter((result) => result.status === 'rejected')
  for (const { reason } of refused) assert.equal(reason.key, 'changed-meanwhile')
  assert.ok(refused.length < many.length)
})
