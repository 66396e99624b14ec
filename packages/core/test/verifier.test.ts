import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  authorise,
  changeAccount,
  changeToken,
  coldReadsMax,
  createProject,
  namesPerTokenMax,
  narrowVerdict,
  operatorCaller,
  revokeToken,
  type Ports,
  type Verdict,
} from '@chatelaine/core'
import { generateToken } from '@chatelaine/token'
import { KeyRing } from '@chatelaine/token/keys'
import { refuses } from './failures.ts'
import {
  forgedFrom,
  Gate,
  isPending,
  makeAccount,
  makeManager,
  makePerson,
  makeToken,
  makeWorld,
  peer,
  randomFrom,
  settled,
  verify,
  type World,
} from './world.ts'

/** A store whose reads for verification are counted, and held before their result is given away. */
function holdable() {
  const state = { reads: 0, gate: undefined as Gate | undefined }
  const tokens = (own: Ports['tokens']): Ports['tokens'] => ({
    ...own,
    async findStanding(id) {
      state.reads += 1
      const found = await own.findStanding(id)
      await state.gate?.pass()
      return found
    },
  })
  return { state, tokens }
}

async function worldWithToken() {
  const { state, tokens } = holdable()
  const world = makeWorld({ tokens })
  const person = await makePerson(world, { externalId: 'user-7' })
  const made = await makeToken(world, person)
  return { world, state, person, ...made }
}

describe('what is presented', () => {
  test('a token that was issued is valid, and its verdict says whose it is', async () => {
    const { world, text, token, person } = await worldWithToken()
    const verdict = await world.verifier.verify(text, {})
    assert.equal(verdict.decision.code, 'valid')
    assert.deepEqual(verdict.known?.token, token)
    const { id: accountId, username } = person.account
    assert.deepEqual(verdict.known?.owner, { accountId, username, status: 'active', externalId: 'user-7' })
    assert.deepEqual(verdict.position, world.store.source.position())
  })

  test('junk is malformed at once and touches no store', async () => {
    const { world, text, state } = await worldWithToken()
    const altered = `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`
    for (const junk of ['', 'x', 'Bearer x', altered, `${text} `, '\ud800', 'x'.repeat(100_000)]) {
      const verdict = world.verifier.verify(junk, {})
      assert.ok(!(verdict instanceof Promise))
      assert.equal(verdict.decision.code, 'malformed', JSON.stringify(junk.slice(0, 80)))
      assert.equal(verdict.known, undefined)
    }
    assert.equal(state.reads, 0)
  })

  test('well-formed strings that are no token of ours are unknown, also under the id of one that is', async () => {
    const { world, text } = await worldWithToken()
    const stranger = generateToken({ prefix: 'chl', kind: 'account' }, randomFrom(99)).token.reveal()
    assert.equal(await verify(world, stranger), 'unknown')
    assert.equal(await verify(world, forgedFrom(text)), 'unknown')
    assert.equal(world.memory.size, 0)
  })

  test('a token whose row or whose owner’s row is damaged is unknown, and no other is affected', async () => {
    const { world, text, token, person } = await worldWithToken()
    const other = await makeToken(world, person)
    world.store.damage(token.id)
    assert.deepEqual([await verify(world, text), await verify(world, other.text)], ['unknown', 'valid'])
    const third = await makeToken(world, person)
    world.store.damage(person.account.id)
    assert.equal(await verify(world, third.text), 'unknown')
  })
})

describe('the memory', () => {
  test('a token that was found good is answered without a promise and without the store', async () => {
    const { world, text, state } = await worldWithToken()
    await verify(world, text)
    const verdict = world.verifier.verify(text, {})
    assert.ok(!(verdict instanceof Promise))
    assert.equal(verdict.decision.code, 'valid')
    assert.equal(state.reads, 1)
  })

  test('what is prepared is prepared once for each token that is remembered', async () => {
    const { world, text } = await worldWithToken()
    const verdicts = [await world.verifier.verify(text, {}), await world.verifier.verify(text, {})]
    assert.deepEqual(
      verdicts.map((verdict) => verdict.known?.prepared),
      [1, 1],
    )
  })

  test('a remembered token is decided anew for each question and at each instant', async () => {
    const { world, text } = await worldWithToken()
    assert.equal(await verify(world, text, { scopes: ['data:read'] }), 'valid')
    assert.equal(await verify(world, text, { scopes: ['chatelaine.audit:read'] }), 'insufficient_scope')
    assert.equal(await verify(world, text, { kinds: ['manager'] }), 'wrong_kind')
    world.clock.pass(24 * 3_600_000 - 1)
    assert.equal(await verify(world, text), 'valid')
    world.clock.pass(1)
    assert.equal(await verify(world, text), 'expired')
  })

  test('only what may be accepted is remembered', async () => {
    const { world, text, token, person } = await worldWithToken()
    const suspended = await makeToken(world, person)
    await changeToken(world.ports, person, suspended.token.id, { isActive: false })
    const expired = await makeToken(world, person, { life: { lifetimeSeconds: 1 } })
    world.clock.pass(1_000)
    await revokeToken(world.ports, person, token.id)
    assert.deepEqual(
      [await verify(world, text), await verify(world, suspended.text), await verify(world, expired.text)],
      ['revoked', 'suspended', 'expired'],
    )
    const machine = await makeAccount(world)
    const ofMachine = await makeToken(world, operatorCaller, { accountId: machine.id })
    await changeAccount(world.ports, operatorCaller, machine.id, { status: 'disabled' })
    assert.equal(await verify(world, ofMachine.text), 'owner_disabled')
    assert.equal(world.memory.size, 0)
  })

  test('what is not valid yet is remembered, and valid when its time comes', async () => {
    const { world, person, state } = await worldWithToken()
    const later = await makeToken(world, person, { notBefore: world.clock.now() + 1_000 })
    assert.equal(await verify(world, later.text), 'not_yet_valid')
    world.clock.pass(1_000)
    assert.equal(await verify(world, later.text), 'valid')
    assert.equal(state.reads, 1)
  })

  test('a change of the token or its owner is seen by the next verification', async () => {
    const { world, text, token, person } = await worldWithToken()
    assert.equal(await verify(world, text, { scopes: ['data:read'] }), 'valid')
    await changeToken(world.ports, person, token.id, { scopes: ['other:read'] })
    assert.equal(await verify(world, text, { scopes: ['data:read'] }), 'insufficient_scope')
    await changeAccount(world.ports, operatorCaller, person.account.id, { status: 'disabled' })
    assert.equal(await verify(world, text), 'owner_disabled')
    await changeAccount(world.ports, operatorCaller, person.account.id, { status: 'active' })
    assert.equal(await verify(world, text), 'valid')
  })
})

describe('a change between a cold read and its storing', () => {
  const changes: Readonly<Record<string, (world: World, made: Awaited<ReturnType<typeof worldWithToken>>) => unknown>> =
    {
      revoked: ({ ports }, { person, token }) => revokeToken(ports, person, token.id),
      suspended: ({ ports }, { person, token }) => changeToken(ports, person, token.id, { isActive: false }),
      owner_disabled: ({ ports }, { person }) =>
        changeAccount(ports, operatorCaller, person.account.id, { status: 'disabled' }),
    }

  for (const [code, change] of Object.entries(changes)) {
    test(`leaves nothing stale: ${code}`, async () => {
      const made = await worldWithToken()
      const { world, text, state } = made
      const gate = (state.gate = new Gate())
      const running = world.verifier.verify(text, {})
      await gate.arrived
      await change(world, made)
      state.gate = undefined
      gate.open()
      assert.equal((await running).decision.code, code)
      assert.equal(state.reads, 2)
      assert.equal(world.memory.size, 0)
      assert.equal(await verify(world, text), code)
    })
  }

  test('reaches also those who joined the read after the change was answered', async () => {
    const { world, text, token, person, state } = await worldWithToken()
    const gate = (state.gate = new Gate())
    const before = world.verifier.verify(text, {})
    await gate.arrived
    await revokeToken(world.ports, person, token.id)
    const after = world.verifier.verify(text, {})
    state.gate = undefined
    gate.open()
    assert.equal((await after).decision.code, 'revoked')
    assert.equal((await before).decision.code, 'revoked')
  })

  test('is read again, and a token that is made meanwhile is found', async () => {
    const { state, tokens } = holdable()
    const world = makeWorld({ tokens })
    const person = await makePerson(world)
    const twin = makeWorld()
    const foretold = await makeToken(twin, await makePerson(twin))
    const gate = (state.gate = new Gate())
    const running = world.verifier.verify(foretold.text, {})
    await gate.arrived
    const made = await makeToken(world, person)
    assert.equal(made.text, foretold.text)
    state.gate = undefined
    gate.open()
    assert.equal((await running).decision.code, 'valid')
  })

  test('of others does not disturb it', async () => {
    const { world, text, state } = await worldWithToken()
    const stranger = await makePerson(world)
    const gate = (state.gate = new Gate())
    const running = world.verifier.verify(text, {})
    await gate.arrived
    const { seq } = world.store.source.position()
    await makeToken(world, stranger)
    gate.open()
    const verdict = await running
    assert.equal(verdict.decision.code, 'valid')
    assert.deepEqual([state.reads, verdict.position.seq, world.memory.size], [1, seq, 1])
  })

  test('that never ends is given up as unavailable, and the next verification starts anew', async () => {
    const { state, tokens } = holdable()
    const world = makeWorld({
      tokens: (own) => ({
        ...tokens(own),
        async findStanding(id) {
          state.reads += 1
          const found = await own.findStanding(id)
          if (state.reads <= 10) await changeToken(world.ports, operatorCaller, id, { label: `read ${state.reads}` })
          return found
        },
      }),
    })
    const { text } = await makeToken(world, await makePerson(world))
    const failure = await refuses('unavailable', () => world.verifier.verify(text, {}))
    assert.equal(failure.retryAfterSeconds, 1)
    assert.equal(await verify(world, text), 'valid')
    assert.equal(world.freshness.readingCount, 0)
  })
})

describe('reads of the store', () => {
  test('many questions for one token that is not remembered make one read', async () => {
    const { world, text, state } = await worldWithToken()
    const gate = (state.gate = new Gate())
    const running = Array.from({ length: 100 }, (_, index) =>
      world.verifier.verify(text, { scopes: index % 2 === 0 ? ['data:read'] : ['chatelaine.audit:read'] }),
    )
    gate.open()
    const codes = (await all(running)).map(({ decision }) => decision.code)
    assert.equal(state.reads, 1)
    assert.deepEqual([codes[0], codes[1], new Set(codes).size], ['valid', 'insufficient_scope', 2])
  })

  test('a read that fails is told to everyone who joined it, and the next verification reads again', async () => {
    let isDown = true
    const world = makeWorld({
      tokens: (own) => ({
        ...own,
        findStanding: (id) => (isDown ? Promise.reject(new Error('disk on fire')) : own.findStanding(id)),
      }),
    })
    const { text } = await makeToken(world, await makePerson(world))
    const both = [world.verifier.verify(text, {}), world.verifier.verify(text, {})]
    for (const one of both) await assert.rejects(async () => one, /disk on fire/)
    assert.equal(world.freshness.readingCount, 0)
    isDown = false
    assert.equal(await verify(world, text), 'valid')
  })

  test('beyond the bound of simultaneous reads the answer is unavailable, while the remembered are answered', async () => {
    const { world, text, state } = await worldWithToken()
    await verify(world, text)
    const gate = (state.gate = new Gate())
    const random = randomFrom(7)
    const strangers = Array.from({ length: coldReadsMax + 1 }, () =>
      generateToken({ prefix: 'chl', kind: 'account' }, random).token.reveal(),
    )
    const running = strangers.slice(0, coldReadsMax).map((stranger) => world.verifier.verify(stranger, {}))
    const failure = await refuses('unavailable', () => world.verifier.verify(strangers.at(-1)!, {}))
    assert.equal(failure.retryAfterSeconds, 1)
    assert.equal(await verify(world, text), 'valid')
    gate.open()
    for (const verdict of await all(running)) assert.equal(verdict.decision.code, 'unknown')
    assert.equal(await verify(world, strangers.at(-1)!), 'unknown')
  })
})

describe('a place in the log that the asker knows', () => {
  test('and that this instance has reached is answered from memory at once', async () => {
    const { world, text } = await worldWithToken()
    await verify(world, text)
    const verdict = world.verifier.verify(text, { atLeast: world.freshness.position })
    assert.ok(!(verdict instanceof Promise) && verdict.decision.code === 'valid')
  })

  test('and that this instance has not reached, or that is of another epoch, is answered from the store', async () => {
    const { world, text, state } = await worldWithToken()
    await verify(world, text)
    const { position } = world.freshness
    for (const atLeast of [
      { ...position, seq: position.seq + 1 },
      { ...position, epoch: 'another' },
    ]) {
      const before = state.reads
      const verdict = await world.verifier.verify(text, { atLeast })
      assert.deepEqual([verdict.decision.code, state.reads], ['valid', before + 1])
      assert.deepEqual(verdict.position, position, 'it does not claim to have come further')
    }
  })

  test('is not answered with what was read before it was asked', async () => {
    const { world, text, state } = await worldWithToken()
    const gate = (state.gate = new Gate())
    const running = world.verifier.verify(text, {})
    await gate.arrived
    const { position } = world.freshness
    const ahead = world.verifier.verify(text, { atLeast: { ...position, seq: position.seq + 1 } })
    gate.open()
    await Promise.all([running, ahead])
    assert.equal(state.reads, 2)
  })
})

describe('a limit of a token that made others', () => {
  test('that it gets later binds also those that are remembered, and what those made', async () => {
    const world = makeWorld()
    const parent = await makeToken(world, await makePerson(world))
    const child = await makeToken(world, parent.caller)
    const grandchild = await makeToken(world, child.caller)
    const limitsOf = async (text: string): Promise<unknown> =>
      (await world.verifier.verify(text, {})).known?.buckets.map(({ key }) => key)
    for (const { text } of [child, grandchild]) assert.deepEqual(await limitsOf(text), [])
    await changeToken(world.ports, operatorCaller, parent.token.id, { rateLimit: { limit: 2, windowSeconds: 60 } })
    for (const { text } of [child, grandchild]) assert.deepEqual(await limitsOf(text), [parent.token.id])
  })

  test('that is set while one of those is being read is not missed', async () => {
    const { state, tokens } = holdable()
    const world = makeWorld({ tokens })
    const parent = await makeToken(world, await makePerson(world))
    const child = await makeToken(world, parent.caller)
    const gate = (state.gate = new Gate())
    const verdict = world.verifier.verify(child.text, {})
    await gate.arrived
    state.gate = undefined
    await changeToken(world.ports, operatorCaller, parent.token.id, { rateLimit: { limit: 2, windowSeconds: 60 } })
    gate.open()
    assert.equal((await verdict).known?.buckets[0]?.key, parent.token.id)
  })
})

describe('projects that are asked about', () => {
  test('make nothing be remembered unless the token reaches them', async () => {
    const world = makeWorld()
    const { text } = await makeToken(world, await makePerson(world))
    for (let asked = 0; asked < 10; asked += 1) {
      assert.equal(await verify(world, text, { projectId: `prj_${asked}` }), 'wrong_project')
    }
    assert.equal(world.memory.size, 0)
  })

  test('and that one token reaches take only so many places', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const other = await makeToken(world, await makePerson(world))
    const { text } = await makeToken(world, person)
    assert.equal(await verify(world, other.text), 'valid')
    for (let made = 0; made < 2 * namesPerTokenMax; made += 1) {
      const { project } = await createProject(world.ports, person, { name: `Project ${made}` })
      assert.equal(await verify(world, text, { projectId: project.id }), 'valid')
    }
    assert.equal(world.memory.size, namesPerTokenMax + 1)
  })
})

describe('digests of a former master key', () => {
  async function afterKeyChange() {
    const ring = KeyRing.generate(randomFrom(3))
    const old = makeWorld({ ring })
    const person = await makePerson(old)
    const made = await makeToken(old, person)
    const revoked = await makeToken(old, person)
    await revokeToken(old.ports, person, revoked.token.id)
    const world = makeWorld({ ring: ring.withNewCurrent(randomFrom(4)), store: old.store })
    return { world, made, revoked }
  }

  test('still match, and whoever moves them is told which string fits, once while remembered', async () => {
    const { world, made } = await afterKeyChange()
    assert.deepEqual([await verify(world, made.text), await verify(world, made.text)], ['valid', 'valid'])
    assert.deepEqual(world.oldDigests, [{ token: made.token, presented: made.text }])
  })

  test('are left alone where the token is no longer good', async () => {
    const { world, revoked } = await afterKeyChange()
    assert.equal(await verify(world, revoked.text), 'revoked')
    assert.equal(await verify(world, forgedFrom(revoked.text)), 'unknown')
    assert.deepEqual(world.oldDigests, [])
  })
})

describe('who may hear a verdict', () => {
  async function verdictFor(ask: 'own' | 'foreign' | 'manager') {
    const world = makeWorld()
    const person = await makePerson(world)
    const manager = await makeManager(world, { scopes: ['chatelaine.tokens:verify'] })
    const asker = await makeToken(world, person)
    const other = await makeToken(world, await makePerson(world))
    const target = ask === 'own' ? asker : ask === 'foreign' ? other : manager
    const verdict = await world.verifier.verify(target.text, { kinds: ['account', 'manager'] })
    return { verdict, asker, manager, person, world }
  }

  function codeFor(verdict: Verdict<number>): string {
    return verdict.known === undefined ? verdict.decision.code : `${verdict.decision.code} and known`
  }

  test('a manager token with the scope hears everything', async () => {
    const { verdict, manager } = await verdictFor('foreign')
    assert.equal(narrowVerdict(authorise(manager.caller, 'tokens.verify'), verdict), verdict)
  })

  test('an account token with the scope hears of its account’s own tokens; all others are unknown', async () => {
    const own = await verdictFor('own')
    assert.equal(codeFor(narrowVerdict(authorise(own.asker.caller, 'tokens.verify'), own.verdict)), 'valid and known')
    for (const target of ['foreign', 'manager'] as const) {
      const { verdict, asker } = await verdictFor(target)
      assert.equal(codeFor(narrowVerdict(authorise(asker.caller, 'tokens.verify'), verdict)), 'unknown', target)
    }
  })

  test('whoever lacks the scope or the credential has no right to ask', async () => {
    const { world, person } = await verdictFor('own')
    const narrow = await makeToken(world, person, { scopes: ['data:read'] })
    await refuses('scope-missing', () => authorise(narrow.caller, 'tokens.verify'))
    await refuses('credential-required', () => authorise({ type: 'anonymous', peer }, 'tokens.verify'))
  })
})

test('a verification that waits for the store does not hold up one that does not', async () => {
  const { world, text, person, state } = await worldWithToken()
  await verify(world, text)
  const other = await makeToken(world, person)
  await verify(world, text)
  const gate = (state.gate = new Gate())
  const cold = Promise.resolve(world.verifier.verify(other.text, {}))
  await settled()
  assert.equal(await isPending(cold), true)
  assert.ok(!(world.verifier.verify(text, {}) instanceof Promise))
  gate.open()
  assert.equal((await cold).decision.code, 'valid')
})

/** Every verdict, whether it was there at once or came later. */
function all<T>(verdicts: readonly (T | Promise<T>)[]): Promise<T[]> {
  return Promise.all(verdicts.map((verdict) => Promise.resolve(verdict)))
}
