import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  ancestorsMax,
  changeAccount,
  changeToken,
  dayMs,
  isTokenId,
  issueToken,
  latestAt,
  operatorCaller,
  revokeToken,
  type Caller,
  type FailureKey,
  type TokenAsk,
} from '@chatelaine/core'
import { parseToken } from '@chatelaine/token'
import { refuses } from './failures.ts'
import {
  actionsSince,
  Gate,
  makeAccount,
  makeManager,
  makePerson,
  makeToken,
  makeWorld,
  peer,
  reread,
  verify,
  type World,
} from './world.ts'

describe('a token that is issued', () => {
  test('is valid at once, and its secret is nowhere but in the answer', async () => {
    const world = makeWorld()
    const { text, token } = await makeToken(world, await makePerson(world), { label: 'laptop' })
    assert.equal(await verify(world, text), 'valid')
    assert.equal(parseToken(text)?.id, token.id)
    assert.ok(isTokenId(token.id) && token.start.startsWith('chl_acc_') && token.serial === 1)
    const secret = text.slice(-38, -6)
    assert.equal(JSON.stringify([token, world.store.entries]).includes(secret), false)
  })

  test('is written with one row of the log that says what was made, by whom and from where', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { token } = await makeToken(world, person, { label: 'laptop', scopes: ['b:read', 'a:read', 'b:read'] })
    const entry = world.store.entries.at(-1)!
    assert.deepEqual(
      [entry.seq, entry.action, entry.effect, entry.subject.id],
      [token.changedSeq, 'token.created', 'gives', token.id],
    )
    assert.deepEqual(entry.actor, { type: 'session', accountId: person.account.id, tokenId: null, ...peer })
    assert.equal(entry.details.label, 'laptop')
    assert.deepEqual(entry.details.scopes, ['a:read', 'b:read'])
    assert.equal(JSON.stringify(entry.details).includes(token.digest), false)
  })

  test('without a word about scopes and life holds all that a person may give, for the policy’s lifetime', async () => {
    const world = makeWorld({ policy: { temporaryLifetimeSeconds: 7 } })
    const person = await makePerson(world)
    const { token } = await makeToken(world, person)
    assert.deepEqual([token.scopes, token.allowedIps, token.expiresAt], [['*'], [], world.clock.now() + 7_000])
    assert.deepEqual(
      [token.accountId, token.createdBy, token.parentTokenId],
      [person.account.id, person.account.id, null],
    )
  })

  test('by a token holds without a word no more than that token: its scopes, its addresses, its end', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const narrow: Partial<TokenAsk> = {
      scopes: ['data:read', 'chatelaine.tokens:write'],
      allowedIps: ['192.0.2.0/24'],
      life: { lifetimeSeconds: 60 },
    }
    const parent = await makeToken(world, person, narrow)
    world.clock.pass(10_000)
    const { token } = await makeToken(world, parent.caller)
    assert.deepEqual(
      [token.scopes, token.allowedIps, token.expiresAt],
      [parent.token.scopes, parent.token.allowedIps, parent.token.expiresAt],
    )
    assert.deepEqual([token.parentTokenId, token.createdBy], [parent.token.id, person.account.id])
  })

  test('by a token that lives longer than the policy’s lifetime lives for the policy’s lifetime', async () => {
    const world = makeWorld()
    const parent = await makeToken(world, await makePerson(world), { life: { permanent: true } })
    const { token } = await makeToken(world, parent.caller)
    assert.equal(token.expiresAt, world.clock.now() + dayMs)
  })

  test('lives as long as was asked: seconds, an instant, or for ever', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const now = world.clock.now()
    const expiries = await Promise.all(
      [{ lifetimeSeconds: 5 }, { expiresAt: now + 1 }, { permanent: true } as const].map(
        async (life) => (await makeToken(world, person, { life })).token.expiresAt,
      ),
    )
    assert.deepEqual(expiries, [now + 5_000, now + 1, null])
  })

  test('has its addresses in their one spelling, each once', async () => {
    const world = makeWorld()
    const { token } = await makeToken(world, await makePerson(world), {
      allowedIps: ['192.0.2.9/24', '::ffff:192.0.2.0/120', '2001:DB8:0::1'],
    })
    assert.deepEqual(token.allowedIps, ['192.0.2.0/24', '2001:db8::1'])
  })

  test('for another account by a manager is that account’s, made by nobody, and descends from the manager token', async () => {
    const world = makeWorld()
    const manager = await makeManager(world, { scopes: ['chatelaine.tokens:write'] })
    const { id: accountId } = await makeAccount(world)
    const { token, text } = await makeToken(world, manager.caller, { accountId, life: { permanent: true } })
    assert.deepEqual([token.accountId, token.createdBy, token.parentTokenId], [accountId, null, manager.token.id])
    assert.deepEqual(token.scopes, ['*'])
    await revokeToken(world.ports, operatorCaller, manager.token.id)
    assert.equal(await verify(world, text), 'revoked')
  })
})

describe('a token is refused', () => {
  async function prepared() {
    const world = makeWorld()
    const person = await makePerson(world)
    const { seq } = world.store.source.position()
    const refused = async (key: FailureKey, ask: Partial<TokenAsk>) => {
      const failure = await refuses(key, () => makeToken(world, person, ask))
      assert.deepEqual(actionsSince(world, seq), [])
      return failure
    }
    return { world, person, refused }
  }

  test('to nobody, and to a token without the scope', async () => {
    const { world, person } = await prepared()
    await refuses('credential-required', () => makeToken(world, { type: 'anonymous', peer }))
    const reader = await makeToken(world, person, { scopes: ['data:read', 'chatelaine.tokens:read'] })
    await refuses('scope-missing', () => makeToken(world, reader.caller), /chatelaine\.tokens:write/)
  })

  test('for another’s account as if there were none, and for a disabled account', async () => {
    const { world } = await prepared()
    const other = await makeAccount(world)
    const { ports } = world
    await refuses('not-found', async () =>
      issueToken(ports, await makePerson(world), { accountId: other.id, origin: 'api' }),
    )
    await changeAccount(ports, operatorCaller, other.id, { status: 'disabled' })
    await refuses('not-permitted', () => makeToken(world, operatorCaller, { accountId: other.id }), /enable/)
    await refuses('not-found', () => makeToken(world, operatorCaller, { accountId: 'acc_0000000000000000' }))
  })

  test('when it is said to be nobody’s, and a manager token when it is said to be somebody’s', async () => {
    const { world, person } = await prepared()
    const failure = await refuses('invalid-request', () => makeToken(world, operatorCaller))
    assert.equal(failure.fields[0]?.pointer, '/account_id')
    await refuses('invalid-request', () =>
      makeToken(world, operatorCaller, {
        kind: 'manager',
        accountId: person.account.id,
        scopes: ['chatelaine.tokens:read'],
      }),
    )
  })

  const contradictions: readonly [pointer: string, Partial<TokenAsk>][] = [
    ['/scopes', { scopes: [] }],
    ['/scopes/1', { scopes: ['data:read', 'Nonsense'] }],
    ['/scopes/0', { scopes: ['chatelaine.nothing:read'] }],
    ['/allowed_ips/1', { allowedIps: ['192.0.2.1', 'nonsense'] }],
    ['/expires_at', { life: { expiresAt: Date.parse('2026-11-22T10:00:00.000Z') } }],
    ['/expires_at', { life: { expiresAt: latestAt + 1 } }],
    ['/expires_at', { life: { lifetimeSeconds: 1e12 } }],
    ['/not_before', { life: { lifetimeSeconds: 60 }, notBefore: Date.parse('2026-11-22T10:01:00.000Z') }],
  ]
  for (const [pointer, ask] of contradictions) {
    test(`for what contradicts itself or is no such thing: ${JSON.stringify(ask)}`, async () => {
      const { refused } = await prepared()
      const { fields } = await refused('invalid-request', ask)
      assert.equal(fields[0]?.pointer, pointer)
    })
  }

  test('as a manager token without named scopes, or with scopes of the platform', async () => {
    const { world } = await prepared()
    for (const scopes of [undefined, ['*'], ['data:read'], ['chatelaine.tokens:read', 'data:read']]) {
      const ask = { kind: 'manager', ...(scopes === undefined ? {} : { scopes }) } as const
      const { fields } = await refuses('invalid-request', () => makeToken(world, operatorCaller, ask))
      assert.equal(fields[0]?.pointer, '/scopes')
    }
  })

  test('as a manager token to everybody but administrators and managers with every scope', async () => {
    const { world, refused } = await prepared()
    const ask = { kind: 'manager', scopes: ['chatelaine.tokens:read'] } as const
    await refused('not-permitted', ask)
    const narrow = await makeManager(world, { scopes: ['chatelaine.tokens:write', 'chatelaine.tokens:read'] })
    await refuses('exceeds-caller', () => makeToken(world, narrow.caller, ask))
    const admin = await makePerson(world, { role: 'admin' })
    assert.equal((await makeToken(world, admin, ask)).token.kind, 'manager')
  })
})

describe('a token that makes others', () => {
  const asks: readonly Partial<TokenAsk>[] = [
    { life: { permanent: true } },
    { life: { lifetimeSeconds: 86_401 } },
    { scopes: ['*'] },
    { scopes: ['data:*'] },
    { scopes: ['data:read', 'other:read'] },
    { scopes: ['chatelaine.accounts:write'] },
    { allowedIps: [] },
    { allowedIps: ['192.0.2.0/23'] },
    { allowedIps: ['192.0.2.1', '198.51.100.1'] },
    { kind: 'manager', scopes: ['chatelaine.tokens:read'] },
  ]
  for (const ask of asks) {
    test(`cannot make more than it is: ${JSON.stringify(ask)}`, async () => {
      const world = makeWorld()
      const parent = await makeToken(world, await makePerson(world), {
        scopes: ['data:read', 'chatelaine.tokens:write'],
        allowedIps: ['192.0.2.0/24'],
      })
      const { seq } = world.store.source.position()
      await refuses(ask.kind === 'manager' ? 'not-permitted' : 'exceeds-caller', () =>
        makeToken(world, parent.caller, ask),
      )
      assert.deepEqual(actionsSince(world, seq), [])
    })
  }

  test('makes nothing once it is revoked, also when that happens while its request runs', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const parent = await makeToken(world, person)
    await revokeToken(world.ports, person, parent.token.id)
    const { seq } = world.store.source.position()
    await refuses('credential-rejected', () => makeToken(world, parent.caller))
    assert.deepEqual(actionsSince(world, seq), [])
  })

  test('is judged as it stands when the token is made, not as it stood when the request came', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const parent = await makeToken(world, person, { scopes: ['data:*', 'chatelaine.tokens:write'] })
    await changeToken(world.ports, person, parent.token.id, { scopes: ['data:read', 'chatelaine.tokens:write'] })
    await refuses('exceeds-caller', () => makeToken(world, parent.caller, { scopes: ['data:write'] }))
    const { token } = await makeToken(world, parent.caller)
    assert.deepEqual(token.scopes, ['chatelaine.tokens:write', 'data:read'])
    await changeToken(world.ports, person, parent.token.id, { scopes: ['data:read'] })
    await refuses('scope-missing', () => makeToken(world, parent.caller))
    const other = await makeToken(world, person)
    await changeToken(world.ports, person, other.token.id, { allowedIps: ['198.51.100.1'] })
    await refuses('credential-rejected', () => makeToken(world, other.caller))
  })

  test('makes nothing once its account is disabled', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const parent = await makeToken(world, person)
    await changeAccount(world.ports, operatorCaller, person.account.id, { status: 'disabled' })
    await refuses('not-permitted', () => makeToken(world, parent.caller))
    await refuses('not-permitted', () => makeToken(world, person))
  })
})

describe('tokens that tokens made', () => {
  test('are so many generations deep and no deeper, and the last of them is good', async () => {
    const world = makeWorld()
    let made = await makeToken(world, await makePerson(world))
    for (let above = 1; above <= ancestorsMax; above += 1) made = await makeToken(world, made.caller)
    assert.equal(await verify(world, made.text), 'valid')
    await refuses('not-permitted', () => issueToken(world.ports, made.caller, { origin: 'api' }))
  })
})

describe('limits', () => {
  test('five permanent tokens are five, however many are asked for at once', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const results = await Promise.allSettled(
      Array.from({ length: 60 }, () => makeToken(world, person, { life: { permanent: true } })),
    )
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 5)
    await refuses('permanent-limit-reached', () => makeToken(world, person, { life: { permanent: true } }), /5 of 5/)
  })

  test('a permanent token that ends gives its place to another; a suspended one keeps it', async () => {
    const world = makeWorld({ policy: { permanentTokensMax: 1 } })
    const person = await makePerson(world)
    const { token } = await makeToken(world, person, { life: { permanent: true } })
    await changeToken(world.ports, person, token.id, { isActive: false })
    await refuses('permanent-limit-reached', () => makeToken(world, person, { life: { permanent: true } }))
    await revokeToken(world.ports, person, token.id)
    await makeToken(world, person, { life: { permanent: true } })
  })

  test('tokens of an account are counted while they live, and those of others and of the deployment are not', async () => {
    const world = makeWorld({ policy: { tokensPerOwnerMax: 2 } })
    const person = await makePerson(world)
    await makeToken(world, person, { life: { lifetimeSeconds: 1 } })
    const { token } = await makeToken(world, person)
    await refuses('token-limit-reached', () => makeToken(world, person), /2 of 2/)
    await makeToken(world, await makePerson(world))
    for (let made = 0; made < 3; made += 1) await makeManager(world, { scopes: ['chatelaine.tokens:read'] })
    world.clock.pass(1_000)
    await makeToken(world, person)
    await revokeToken(world.ports, person, token.id)
    await makeToken(world, person)
    await refuses('token-limit-reached', () => makeToken(world, person))
  })
})

describe('an idempotency key', () => {
  function issuedOnce({ ports }: World, caller: Caller, key: string, request = 'the request') {
    return issueToken(ports, caller, { origin: 'api' }, { key, request })
  }

  test('makes one token: the repetition is answered with it and without its secret', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const first = await issuedOnce(world, person, 'key')
    assert.equal(first.repeated, false)
    const second = await issuedOnce(world, person, 'key')
    assert.deepEqual(second, { repeated: true, token: first.token })
    assert.deepEqual(await reread(world, first.token), first.token)
    assert.equal(world.store.entries.filter(({ action }) => action === 'token.created').length, 1)
  })

  test('is refused for another request', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    await issuedOnce(world, person, 'key')
    await refuses('idempotency-key-reused', () => issuedOnce(world, person, 'key', 'another request'))
  })

  test('of one caller never meets the same key of another', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const token = await makeToken(world, person)
    for (const caller of [person, token.caller, await makePerson(world)]) {
      assert.equal((await issuedOnce(world, caller, 'key')).repeated, false)
    }
  })

  test('is answered as running while its first request runs, and repeats it afterwards', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const gate = new Gate()
    world.store.beforeDelivery = () => gate.pass()
    const first = issuedOnce(world, person, 'key')
    await gate.arrived
    const failure = await refuses('idempotency-running', () => issuedOnce(world, person, 'key'))
    assert.equal(failure.retryAfterSeconds, 1)
    gate.open()
    const { token } = await first
    assert.deepEqual(await issuedOnce(world, person, 'key'), { repeated: true, token })
  })

  test('makes one token also when two processes are asked at once', async () => {
    const world = makeWorld()
    const other = makeWorld({ store: world.store })
    const person = await makePerson(world)
    const both = await Promise.all([world, other].map((one) => issuedOnce(one, person, 'key')))
    assert.equal(both.filter(({ repeated }) => repeated).length, 1)
    assert.equal(both[0]!.token.id, both[1]!.token.id)
  })

  test('is free again when the first request failed, and after a day', async () => {
    const world = makeWorld()
    const { caller } = await makeToken(world, await makePerson(world), { life: { permanent: true } })
    await refuses('invalid-request', () =>
      issueToken(world.ports, caller, { origin: 'api', scopes: [] }, { key: 'key', request: '' }),
    )
    assert.equal((await issuedOnce(world, caller, 'key')).repeated, false)
    world.clock.pass(dayMs)
    await world.ports.housekeeping.removeOutdated(world.clock.now())
    assert.equal((await issuedOnce(world, caller, 'key')).repeated, false)
  })

  test('repeats nothing to a token that has lost the right since', async () => {
    const world = makeWorld()
    const narrow = await makeToken(world, await makePerson(world), { scopes: ['data:read'] })
    await refuses('scope-missing', () => issuedOnce(world, narrow.caller, 'key'))
  })
})
