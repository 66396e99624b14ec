import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  adoptToken,
  allManagementScopes,
  cancelRotation,
  createProject,
  Freshness,
  listTokens,
  operatorCaller,
  readAudit,
  readSelf,
  readToken,
  revokeLeaked,
  revokeMany,
  revokeManyMax,
  revokeSelf,
  revokeToken,
  rotateToken,
  type Caller,
  type Revocation,
} from '@chatelaine/core'
import { refuses } from './failures.ts'
import {
  actionsSince,
  forgedFrom,
  Gate,
  isPending,
  makeManager,
  makePerson,
  makeToken,
  makeWorld,
  peer,
  reread,
  settled,
  verify,
  type Made,
  type World,
} from './world.ts'

async function withToken() {
  const world = makeWorld()
  const person = await makePerson(world)
  const made = await makeToken(world, person)
  const revoke = (how?: Revocation, caller: Caller = person) => revokeToken(world.ports, caller, made.token.id, how)
  return { world, person, ...made, revoke }
}

describe('revoking a token', () => {
  test('ends it for good, with the reason, in one row of the log that takes away', async () => {
    const { world, text, token, revoke } = await withToken()
    assert.equal(await verify(world, text), 'valid')
    assert.equal(await revoke({ reason: 'laptop stolen' }), true)
    assert.equal(await verify(world, text), 'revoked')
    const { revokedAt, revokedReason } = await reread(world, token)
    assert.deepEqual([revokedAt, revokedReason], [world.clock.now(), 'laptop stolen'])
    const entry = world.store.entries.at(-1)!
    assert.deepEqual([entry.action, entry.effect, entry.details.reason], ['token.revoked', 'takes', 'laptop stolen'])
  })

  test('again says that it was so before, and changes nothing', async () => {
    const { world, token, revoke } = await withToken()
    await revoke({ reason: 'first' })
    const { seq } = world.store.source.position()
    assert.equal(await revoke({ reason: 'second' }), false)
    assert.deepEqual(actionsSince(world, seq), [])
    assert.equal((await reread(world, token)).revokedReason, 'first')
  })

  test('of many simultaneous revocations exactly one reports that it revoked', async () => {
    const { revoke } = await withToken()
    const results = await Promise.all(Array.from({ length: 300 }, () => revoke()))
    assert.equal(results.filter((isFirst) => isFirst).length, 1)
  })

  test('is answered only when the memory has applied it, also when it was so before', async () => {
    const { world, text, revoke } = await withToken()
    await verify(world, text)
    const gate = new Gate()
    world.store.beforeDelivery = () => gate.pass()
    const first = revoke()
    await gate.arrived
    const again = revoke()
    assert.deepEqual([await isPending(first), await isPending(again)], [true, true])
    assert.equal(await verify(world, text), 'valid')
    gate.open()
    assert.deepEqual([await first, await again], [true, false])
    assert.equal(await verify(world, text), 'revoked')
  })

  test('is answered only when every memory has applied it, however early the store answers', async () => {
    const { world, person, token } = await withToken()
    const slow = new Freshness(world.store.source.position(), world.memory)
    const revoking = revokeToken({ ...world.ports, freshness: slow }, person, token.id)
    assert.equal(await isPending(revoking), true)
    slow.applied(world.store.entries.slice(-1))
    assert.equal(await revoking, true)
  })

  test('of another’s token is refused as if there were none, and without the scope by name', async () => {
    const { world, person, token, revoke } = await withToken()
    await refuses('not-found', async () => revoke({}, await makePerson(world)))
    await refuses('not-found', () => revokeToken(world.ports, operatorCaller, 'tok_0000000000000000'))
    const reader = await makeToken(world, person, { scopes: ['*'] })
    const narrow = await makeToken(world, person, { scopes: ['chatelaine.tokens:read'] })
    assert.equal(await revoke({}, reader.caller), true)
    await refuses('scope-missing', () => revokeToken(world.ports, narrow.caller, token.id))
    await refuses('credential-required', () => revokeToken(world.ports, { type: 'anonymous', peer }, token.id))
  })

  test('is possible for an expired or suspended one', async () => {
    const { world, revoke } = await withToken()
    world.clock.pass(7 * 24 * 3_600_000)
    assert.equal(await revoke(), true)
  })
})

describe('what a revoked token made', () => {
  /** A token, one that it made, and one that this one made. */
  async function family() {
    const world = makeWorld()
    const person = await makePerson(world)
    const parent = await makeToken(world, person)
    const child = await makeToken(world, parent.caller)
    const grandchild = await makeToken(world, child.caller)
    const stranger = await makeToken(world, person)
    const codes = () => Promise.all([parent, child, grandchild, stranger].map(({ text }) => verify(world, text)))
    return { world, person, parent, child, grandchild, codes }
  }

  test('ends with it, in the same commit, each with a row of its own', async () => {
    const { world, person, parent, child, grandchild, codes } = await family()
    assert.deepEqual(await codes(), ['valid', 'valid', 'valid', 'valid'])
    const { seq } = world.store.source.position()
    await revokeToken(world.ports, person, parent.token.id, { reason: 'leaked' })
    assert.deepEqual(await codes(), ['revoked', 'revoked', 'revoked', 'valid'])
    const entries = world.store.entries.slice(seq)
    assert.deepEqual(
      entries.map(({ subject, effect }) => [subject.id, effect]),
      [parent, child, grandchild].map(({ token }) => [token.id, 'takes']),
    )
    assert.equal((await reread(world, grandchild.token)).revokedReason, 'leaked')
  })

  test('lives on where that is asked for', async () => {
    const { world, person, parent, codes } = await family()
    await revokeToken(world.ports, person, parent.token.id, { descendants: 'keep' })
    assert.deepEqual(await codes(), ['revoked', 'valid', 'valid', 'valid'])
  })

  test('ends also when it is revoked again after an earlier revocation kept them, which still reports false', async () => {
    const { world, person, parent, codes } = await family()
    await revokeToken(world.ports, person, parent.token.id, { descendants: 'keep' })
    assert.equal(await revokeToken(world.ports, person, parent.token.id), false)
    assert.deepEqual(await codes(), ['revoked', 'revoked', 'revoked', 'valid'])
    const { seq } = world.store.source.position()
    assert.equal(await revokeToken(world.ports, person, parent.token.id), false)
    assert.deepEqual(actionsSince(world, seq), [])
  })

  test('ends also through one in between that was revoked before and kept them', async () => {
    const { world, person, parent, child, codes } = await family()
    await revokeToken(world.ports, person, child.token.id, { descendants: 'keep' })
    await revokeToken(world.ports, person, parent.token.id)
    assert.deepEqual(await codes(), ['revoked', 'revoked', 'revoked', 'valid'])
  })

  test('is nothing that was being made while it was revoked', async () => {
    const { world, person, parent } = await family()
    const results = await Promise.allSettled([
      revokeToken(world.ports, person, parent.token.id),
      ...Array.from({ length: 5 }, () => makeToken(world, parent.caller)),
    ])
    assert.equal(results[0].status, 'fulfilled')
    for (const result of results.slice(1) as PromiseSettledResult<Made>[]) {
      if (result.status === 'fulfilled') assert.equal(await verify(world, result.value.text), 'revoked')
      else assert.equal(result.reason.key, 'credential-rejected')
    }
  })
})

describe('a token that ends itself', () => {
  test('needs no scope, and takes along what it made', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const narrow = await makeToken(world, person, { scopes: ['data:read'] })
    assert.equal(await revokeSelf(world.ports, narrow.caller, { reason: 'done' }), true)
    assert.equal(await verify(world, narrow.text), 'revoked')
  })

  test('is refused to whoever asks without a token', async () => {
    const world = makeWorld()
    for (const caller of [await makePerson(world), operatorCaller, { type: 'anonymous', peer } as const]) {
      await refuses('not-permitted', () => revokeSelf(world.ports, caller))
    }
  })
})

describe('leaked tokens', () => {
  test('end by whoever holds them; other strings are passed over, and nobody learns which were which', async () => {
    const { world, text, person } = await withToken()
    const other = await makeToken(world, person)
    const manager = await makeManager(world, { scopes: ['chatelaine.tokens:read'] })
    const strings = ['', 'junk', forgedFrom(other.text), text, text, manager.text, `${other.text}x`]
    assert.equal(await revokeLeaked(world.ports, { type: 'anonymous', peer }, strings), undefined)
    assert.deepEqual(await Promise.all([text, manager.text].map((one) => verify(world, one))), ['revoked', 'revoked'])
    assert.equal(await verify(world, other.text), 'valid')
    const rows = world.store.entries.filter(({ action }) => action === 'token.revoked')
    assert.deepEqual(
      rows.map(({ actor }) => actor.type),
      ['anonymous', 'anonymous'],
    )
    assert.ok(rows.every(({ details }) => details.reason === 'leaked'))
  })

  test('end to the last, also when the token that reports them is one of the first', async () => {
    const { world, person, text, caller } = await withToken()
    const others = [await makeToken(world, person), await makeToken(world, person)]
    await revokeLeaked(world.ports, caller, [text, ...others.map((one) => one.text)])
    for (const one of others) assert.equal(await verify(world, one.text), 'revoked')
    assert.equal(world.store.entries.at(-1)?.actor.tokenId, caller.token.id)
  })

  test('of one report are committed together, a bounded number at a time', async () => {
    const { world, person } = await withToken()
    const texts: string[] = []
    for (let made = 0; made < 150; made += 1) texts.push((await makeToken(world, person)).text)
    const { log } = world.ports
    const state = { underWay: 0, most: 0 }
    const commit: typeof log.commit = async (changes) => {
      state.underWay += 1
      state.most = Math.max(state.most, state.underWay)
      await settled()
      state.underWay -= 1
      return log.commit(changes)
    }
    await revokeLeaked({ ...world.ports, log: { ...log, commit } }, { type: 'anonymous', peer }, texts)
    assert.equal(state.most, 100)
    for (const text of texts) assert.equal(await verify(world, text), 'revoked')
  })

  test('that were reported before are answered only when nothing accepts them any more', async () => {
    const { world, text } = await withToken()
    await verify(world, text)
    const gate = new Gate()
    world.store.beforeDelivery = () => gate.pass()
    const anonymous: Caller = { type: 'anonymous', peer }
    const both = [revokeLeaked(world.ports, anonymous, [text]), revokeLeaked(world.ports, anonymous, [text])]
    for (const one of both) assert.equal(await isPending(one), true)
    gate.open()
    await Promise.all(both)
    assert.equal(await verify(world, text), 'revoked')
  })

  test('that have just ceased to be a secret of their token are passed over only when nothing accepts them any more', async () => {
    const { world, person, token } = await withToken()
    const rotated = await rotateToken(world.ports, person, token.id, 60)
    assert.ok(!rotated.repeated)
    const gate = new Gate()
    world.store.beforeDelivery = () => gate.pass()
    const cancelling = cancelRotation(world.ports, person, token.id)
    await gate.arrived
    const reporting = revokeLeaked(world.ports, { type: 'anonymous', peer }, [rotated.secret.reveal()])
    assert.equal(await isPending(reporting), true)
    gate.open()
    await Promise.all([cancelling, reporting])
    assert.equal((await reread(world, token)).revokedAt, null)
  })
})

describe('revoking many', () => {
  async function withMany(count: number) {
    const world = makeWorld()
    const person = await makePerson(world)
    const made: Made[] = []
    for (let index = 0; index < count; index += 1) {
      made.push(await makeToken(world, person, { label: index % 2 === 0 ? 'ci even' : 'ci odd' }))
    }
    return { world, person, made }
  }

  test('ends what the filters find, and says how many are left', async () => {
    const { world, person, made } = await withMany(6)
    const result = await revokeMany(world.ports, person, { text: 'EVEN' }, { reason: 'cleared' })
    assert.deepEqual(result, { revoked: 3, remaining: 0 })
    const codes = await Promise.all(made.map(({ text }) => verify(world, text)))
    assert.deepEqual(codes, ['revoked', 'valid', 'revoked', 'valid', 'revoked', 'valid'])
    assert.deepEqual(await revokeMany(world.ports, person, { text: 'even' }, {}), { revoked: 0, remaining: 0 })
  })

  test('says that none is left only when nothing accepts any of them, whoever has ended them', async () => {
    for (const dryRun of [true, false]) {
      const { world, person, made } = await withMany(1)
      await verify(world, made[0]!.text)
      const gate = new Gate()
      world.store.beforeDelivery = () => gate.pass()
      const revoking = revokeToken(world.ports, person, made[0]!.token.id)
      await gate.arrived
      const others = revokeMany(world.ports, person, {}, { dryRun })
      assert.equal(await isPending(others), true)
      gate.open()
      assert.deepEqual(await others, { revoked: 0, remaining: 0 })
      assert.equal(await verify(world, made[0]!.text), 'revoked')
      await revoking
    }
  })

  test('of a dry run says how many it would be and changes nothing', async () => {
    const { world, person } = await withMany(3)
    const { seq } = world.store.source.position()
    assert.deepEqual(await revokeMany(world.ports, person, {}, { dryRun: true }), { revoked: 0, remaining: 3 })
    assert.deepEqual(actionsSince(world, seq), [])
  })

  test('reaches only the caller’s own, and a whole deployment for those who reach it', async () => {
    const { world, person, made } = await withMany(2)
    const other = await makePerson(world)
    await makeToken(world, other)
    assert.deepEqual(await revokeMany(world.ports, other, {}, {}), { revoked: 1, remaining: 0 })
    await refuses('not-found', () => revokeMany(world.ports, other, { accountId: person.account.id }, {}))
    assert.equal(await verify(world, made[0]!.text), 'valid')
    const manager = await makeManager(world, { scopes: ['chatelaine.tokens:write'] })
    assert.deepEqual(await revokeMany(world.ports, manager.caller, {}, {}), { revoked: 2, remaining: 0 })
    assert.equal(await verify(world, made[0]!.text), 'revoked')
  })

  test('spares the token that asks unless it is included', async () => {
    const { world, person, made } = await withMany(2)
    const self = await makeToken(world, person)
    assert.deepEqual(await revokeMany(world.ports, self.caller, {}, {}), { revoked: 2, remaining: 0 })
    assert.deepEqual(await verify(world, self.text), 'valid')
    assert.deepEqual(await revokeMany(world.ports, self.caller, {}, { includeSelf: true }), {
      revoked: 1,
      remaining: 0,
    })
    assert.deepEqual(await verify(world, self.text), 'revoked')
    assert.equal(await verify(world, made[0]!.text), 'revoked')
  })

  test('is refused where one of them made the token that asks, which would end with it unasked', async () => {
    const { world, person } = await withMany(0)
    const parent = await makeToken(world, person, { label: 'parent' })
    const child = await makeToken(world, parent.caller)
    const grandchild = await makeToken(world, child.caller)
    const { seq } = world.store.source.position()
    for (const dryRun of [true, false]) {
      await refuses('not-permitted', () => revokeMany(world.ports, grandchild.caller, { text: 'parent' }, { dryRun }))
    }
    assert.deepEqual(actionsSince(world, seq), [])
    await revokeMany(world.ports, grandchild.caller, { text: 'parent' }, { descendants: 'keep' })
    assert.deepEqual(await Promise.all([parent, grandchild].map(({ text }) => verify(world, text))), [
      'revoked',
      'valid',
    ])
    const other = await makeToken(world, child.caller, { label: 'other' })
    await revokeMany(world.ports, other.caller, {}, { includeSelf: true })
    assert.equal(await verify(world, grandchild.text), 'revoked')
  })

  test('ends parents and what they made in one commit, also where clocks put the children before them', async () => {
    const { world, person } = await withMany(0)
    const parent = await makeToken(world, person)
    world.clock.pass(-3_600_000)
    const child = await makeToken(world, parent.caller)
    const { seq } = world.store.source.position()
    assert.deepEqual(await revokeMany(world.ports, person, {}, {}), { revoked: 2, remaining: 0 })
    assert.deepEqual(actionsSince(world, seq), ['token.revoked', 'token.revoked'])
    assert.equal(await verify(world, child.text), 'revoked')
  })

  test('ends in one commit a token and the older one that it adopted', async () => {
    const { world, person } = await withMany(0)
    const { project } = await createProject(world.ports, person, { name: 'observatory' })
    const life = { permanent: true } as const
    const adopted = await makeToken(world, operatorCaller, { projectId: project.id, life })
    const above = await makeToken(world, person, { life })
    const adopter = await makeToken(world, above.caller, { life })
    await adoptToken(world.ports, adopter.caller, adopted.token.id)
    const { seq } = world.store.source.position()
    assert.deepEqual(await revokeMany(world.ports, operatorCaller, {}, {}), { revoked: 3, remaining: 0 })
    assert.deepEqual(actionsSince(world, seq), ['token.revoked', 'token.revoked', 'token.revoked'])
    for (const { text } of [adopted, above, adopter]) assert.equal(await verify(world, text), 'revoked')
  })

  test('ends together what hangs on each other only through a token that is not among them, readable or not', async () => {
    for (const isDamaged of [false, true]) {
      const { world, person } = await withMany(0)
      const { project } = await createProject(world.ports, person, { name: 'observatory' })
      const life = { permanent: true } as const
      const between = await makeToken(world, operatorCaller, { projectId: project.id, life, label: 'between' })
      const below = await makeToken(world, between.caller, { label: 'chosen' })
      const above = await makeToken(world, person, { life, label: 'chosen' })
      await adoptToken(world.ports, above.caller, between.token.id)
      if (isDamaged) world.store.damage(between.token.id)
      const result = await revokeMany(world.ports, operatorCaller, { text: 'chosen' }, {})
      assert.deepEqual(result, { revoked: 2, remaining: 0 })
      for (const { token } of [above, below]) assert.notEqual((await reread(world, token)).revokedAt, null)
    }
  })

  test('goes on by batches until none is left', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    for (let made = 0; made < revokeManyMax + 3; made += 1) await makeToken(world, person)
    assert.deepEqual(await revokeMany(world.ports, person, {}, {}), { revoked: revokeManyMax, remaining: 3 })
    assert.deepEqual(await revokeMany(world.ports, person, {}, {}), { revoked: 3, remaining: 0 })
  })
})

describe('whoever reads that a token is revoked', () => {
  const readers: Readonly<Record<string, (world: World, made: Made) => Promise<unknown>>> = {
    'the token': ({ ports }, { token }) => readToken(ports, operatorCaller, token.id),
    'the token itself': ({ ports }, { caller }) => readSelf(ports, caller),
    'a list': ({ ports }) => listTokens(ports, operatorCaller, { sort: 'created_at', descending: true, limit: 10 }),
    'the log': ({ ports }) => readAudit(ports, operatorCaller, { limit: 10 }),
  }
  for (const [what, read] of Object.entries(readers)) {
    test(`may rely on it: ${what}`, async () => {
      const made = await withToken()
      const { world, text, revoke } = made
      await verify(world, text)
      const gate = new Gate()
      world.store.beforeDelivery = () => gate.pass()
      const revoking = revoke()
      await gate.arrived
      const reading = read(world, made)
      assert.equal(await isPending(reading), true)
      gate.open()
      await reading
      assert.equal(await verify(world, text), 'revoked')
      await revoking
    })
  }
})

test('a manager with every scope does not end itself by ending all others', async () => {
  const world = makeWorld()
  const person = await makePerson(world)
  for (let made = 0; made < 3; made += 1) await makeToken(world, person)
  const manager = await makeManager(world, { scopes: allManagementScopes })
  assert.deepEqual(await revokeMany(world.ports, manager.caller, {}, {}), { revoked: 3, remaining: 0 })
  assert.equal(await verify(world, manager.text, { kinds: ['manager'] }), 'valid')
})
