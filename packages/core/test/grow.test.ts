import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  allManagementScopes,
  cancelRotation,
  changeToken,
  dayMs,
  decide,
  Failure,
  formatBlock,
  isLater,
  oldEndsAt,
  operatorCaller,
  parseBlock,
  renewSelf,
  requireMayTouchAdministrators,
  requireNoGrowth,
  rotateToken,
  type Caller,
  type Question,
  type Token,
} from '@chatelaine/core'
import * as fc from 'fast-check'
import { addresses, allowLists, memberOf, scopeLists, scopes } from './arbitraries.ts'
import { standingOf, tokenLike } from './examples.ts'
import { refuses } from './failures.ts'
import { makeManager, makePerson, makeToken, makeWorld, peer, reread, startAt, verify } from './world.ts'

const instants = fc.integer({ min: -5, max: 5 }).map((step) => startAt + step * 1_000)
const expiries = fc.option(instants, { nil: null })

const limits = fc
  .record({ scopes: scopeLists, allowedIps: allowLists, expiresAt: expiries, notBefore: fc.constant(null) })
  .map(tokenLike)
const results = fc
  .record({
    scopes: scopeLists,
    allowedIps: allowLists,
    expiresAt: expiries,
    notBefore: fc.option(instants, { nil: null }),
  })
  .map((fields) => tokenLike({ ...fields, id: 'tok_0000000000000002' }))

function callerOf(token: Token): Caller {
  return { type: 'token', token, secret: 'newest', peer }
}

function isAllowed(caller: Caller, result: Token): boolean {
  try {
    requireNoGrowth(caller, result)
    return true
  } catch (error) {
    assert.ok(error instanceof Failure)
    return false
  }
}

/** An address that has a good chance to be in one of the result's blocks. */
function addressNear(result: Token, address: bigint): string {
  const text = result.allowedIps[Number(address % BigInt(Math.max(1, result.allowedIps.length)))]
  const bits = text === undefined ? address : memberOf(parseBlock(text)!, address)
  return formatBlock({ base: bits, prefixLength: 128 })
}

test('nothing that a permitted result can do is beyond the token that made it', () => {
  const draws = fc.tuple(limits, results, fc.array(scopes, { maxLength: 3 }), addresses, instants)
  let permitted = 0
  let compared = 0
  fc.assert(
    fc.property(draws, ([limit, drawn, asked, address, now]) => {
      // Half of the results begin as the limit itself, since two drawn freely rarely fit.
      const result = address % 2n === 0n ? drawn : { ...drawn, ...pick(limit, drawn, address) }
      if (!isAllowed(callerOf(limit), result)) return
      permitted += 1
      const question: Question = { scopes: asked, clientIp: addressNear(result, address) }
      if (decide(standingOf(result), question, now).code !== 'valid') return
      compared += 1
      assert.equal(decide(standingOf(limit), question, now).code, 'valid')
    }),
    { numRuns: 20_000 },
  )
  assert.ok(permitted > 1_000 && compared > 100, `too few were permitted to say anything: ${permitted}, ${compared}`)
})

/** Some of the limit's own bounds. */
function pick(limit: Token, drawn: Token, seed: bigint): Partial<Token> {
  const takes = (bit: bigint) => ((seed >> bit) & 1n) === 1n
  return {
    scopes: takes(1n) ? limit.scopes : drawn.scopes,
    allowedIps: takes(2n) ? limit.allowedIps : drawn.allowedIps,
    expiresAt: takes(3n) ? limit.expiresAt : drawn.expiresAt,
  }
}

test('a token may always make its equal', () => {
  fc.assert(fc.property(limits, (limit) => assert.ok(isAllowed(callerOf(limit), limit))))
})

test('what is permitted is a partial order: what a permitted child may make, the parent may make', () => {
  fc.assert(
    fc.property(limits, results, results, (a, b, c) => {
      if (isAllowed(callerOf(a), b) && isAllowed(callerOf(b), c)) assert.ok(isAllowed(callerOf(a), c))
    }),
    { numRuns: 5_000 },
  )
})

test('a refusal names each way in which the result would be more', async () => {
  const limit = tokenLike({ scopes: ['data:read'], expiresAt: startAt, allowedIps: ['192.0.2.0/24'] })
  const result = tokenLike({ scopes: ['data:read', 'data:write'], expiresAt: null, allowedIps: [] })
  const { message } = await refuses('exceeds-caller', () => requireNoGrowth(callerOf(limit), result))
  for (const part of ['data:write', '2026-11-22T10:00:00.000Z', '192.0.2.0/24'])
    assert.ok(message.includes(part), message)
})

test('never is later than every instant, and no instant is later than never', () => {
  fc.assert(
    fc.property(expiries, expiries, (a, b) => {
      assert.equal(isLater(a, b), (a ?? Infinity) > (b ?? Infinity))
    }),
  )
})

describe('who may make what', () => {
  const own = tokenLike({})
  const foreign = tokenLike({ accountId: 'acc_0000000000000002' })
  const manager = tokenLike({ kind: 'manager', accountId: null, scopes: ['chatelaine.tokens:read'] })

  test('nobody makes nothing, the operator everything', async () => {
    await refuses('credential-required', () => requireNoGrowth({ type: 'anonymous', peer }, own))
    for (const token of [own, foreign, manager]) requireNoGrowth(operatorCaller, token)
  })

  test('an account token makes no account token of another account, and no manager', async () => {
    const caller = callerOf(tokenLike({ scopes: ['*'] }))
    requireNoGrowth(caller, own)
    await refuses('not-permitted', () => requireNoGrowth(caller, foreign))
    await refuses('not-permitted', () => requireNoGrowth(caller, manager))
  })

  test('a person makes any account token of their own, and an administrator every token', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { id: accountId } = person.account
    requireNoGrowth(person, tokenLike({ accountId, scopes: ['*'], expiresAt: null }))
    await refuses('not-permitted', () => requireNoGrowth(person, own))
    await refuses('not-permitted', () => requireNoGrowth(person, { ...manager, accountId }))
    const admin = await makePerson(world, { role: 'admin' })
    for (const token of [own, foreign, manager]) requireNoGrowth(admin, token)
  })

  test('a manager makes account tokens for anybody, wider and longer-lived than itself', () => {
    const caller = callerOf(
      tokenLike({ kind: 'manager', accountId: null, scopes: ['chatelaine.tokens:write'], expiresAt: 1 }),
    )
    for (const token of [own, foreign]) requireNoGrowth(caller, { ...token, expiresAt: null })
  })

  test('a manager makes managers only with every management scope, and none that outlives it or is less bound', async () => {
    const full = { kind: 'manager', accountId: null, scopes: [...allManagementScopes] } as const
    for (const missing of allManagementScopes) {
      const narrow = callerOf(tokenLike({ ...full, scopes: allManagementScopes.filter((scope) => scope !== missing) }))
      await refuses('exceeds-caller', () => requireNoGrowth(narrow, manager))
    }
    const caller = callerOf(tokenLike({ ...full, expiresAt: startAt, allowedIps: ['192.0.2.0/24'] }))
    requireNoGrowth(caller, { ...manager, expiresAt: startAt, allowedIps: ['192.0.2.1'] })
    await refuses('exceeds-caller', () => requireNoGrowth(caller, { ...manager, expiresAt: startAt }))
    await refuses('exceeds-caller', () => requireNoGrowth(caller, { ...manager, allowedIps: ['192.0.2.1'] }))
  })
})

test('administrators are touched only by the operator, an administrator, or a permanent manager with every scope', async () => {
  const world = makeWorld()
  const admin = await makePerson(world, { role: 'admin' })
  const full = await makeManager(world, { scopes: allManagementScopes })
  for (const caller of [operatorCaller, admin, full.caller]) requireMayTouchAdministrators(caller)

  const member = await makePerson(world)
  const narrow = await makeManager(world, { scopes: allManagementScopes.slice(1) })
  const expiring = await makeManager(world, { scopes: allManagementScopes, life: { lifetimeSeconds: 1e9 } })
  const adminsToken = callerOf(tokenLike({ accountId: admin.account.id, scopes: [...allManagementScopes] }))
  for (const caller of [member, narrow.caller, expiring.caller, adminsToken, { type: 'anonymous', peer } as const]) {
    await refuses('exceeds-caller', () => requireMayTouchAdministrators(caller))
  }
})

describe('the old secret of a rotation', () => {
  async function rotatedOnce() {
    const world = makeWorld()
    const person = await makePerson(world)
    const life = { life: { lifetimeSeconds: 30 * 86_400 }, renewableUntil: startAt + 60 * dayMs }
    const made = await makeToken(world, person, life)
    const rotated = await rotateToken(world.ports, person, made.token.id, 3_600)
    const token = await reread(world, rotated.token)
    return {
      world,
      person,
      old: { ...made.caller, token, secret: 'old' } as const,
      token,
    }
  }

  test('makes nothing that lives beyond its grace', async () => {
    const { world, old, token } = await rotatedOnce()
    const endsAt = oldEndsAt(token.rotation!)
    assert.equal((await makeToken(world, old)).token.expiresAt, endsAt)
    for (const life of [{ expiresAt: endsAt + 1 }, { lifetimeSeconds: 86_400 }, { permanent: true } as const]) {
      await refuses('exceeds-caller', () => makeToken(world, old, { life }))
    }
    await refuses('exceeds-caller', () => makeToken(world, old, { renewableUntil: endsAt + 1 }))
  })

  test('rotates nothing by its id, and cannot take the rotation back; renewing is all that it may while the new one is unused', async () => {
    const { world, old, token } = await rotatedOnce()
    const { ports } = world
    await refuses('exceeds-caller', () => rotateToken(ports, old, token.id))
    await refuses('exceeds-caller', () => cancelRotation(ports, old, token.id))
    await refuses('exceeds-caller', () => changeToken(ports, old, token.id, { label: 'still mine' }))
    assert.deepEqual(await reread(world, token), token)
    const renewed = await renewSelf(ports, old)
    assert.ok(!renewed.repeated)
    assert.equal(await verify(world, renewed.secret.reveal()), 'valid')
    const used = { ...old, token: await reread(world, token) }
    await refuses('not-permitted', () => renewSelf(ports, used))
    assert.equal((await renewSelf(ports, { ...used, secret: 'newest' })).repeated, false)
  })

  test('of a permanent manager with every scope touches no administrator', async () => {
    const world = makeWorld()
    const { token, caller } = await makeManager(world, { scopes: allManagementScopes })
    const rotated = await rotateToken(world.ports, operatorCaller, token.id)
    requireMayTouchAdministrators({ ...caller, token: rotated.token })
    const old = { ...caller, token: rotated.token, secret: 'old' } as const
    await refuses('exceeds-caller', () => requireMayTouchAdministrators(old))
  })

  test('does nothing more once its grace is over, also for a request under way', async () => {
    const { world, person, old, token } = await rotatedOnce()
    world.clock.pass(2 * 3_600_000)
    await changeToken(world.ports, person, token.id, { label: 'changed, so that the caller is read again' })
    await refuses('credential-rejected', () => changeToken(world.ports, old, token.id, { isActive: false }))
  })
})
