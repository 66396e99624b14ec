import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  authorise,
  listTokens,
  operations,
  operatorCaller,
  readAudit,
  readSelf,
  readToken,
  revokeToken,
  type Operation,
} from '@chatelaine/core'
import { refuses } from './failures.ts'
import { makeManager, makePerson, makeToken, makeWorld, peer } from './world.ts'

const everyOperation = Object.keys(operations) as Operation[]
const newest = { sort: 'created_at', descending: true, limit: 10 } as const

describe('a right', () => {
  test('is held over the whole deployment by the operator, an administrator who signed in, and a manager with the scope', async () => {
    const world = makeWorld()
    const admin = await makePerson(world, { role: 'admin' })
    for (const operation of everyOperation) {
      const manager = await makeManager(world, { scopes: [operations[operation].scope] })
      for (const caller of [operatorCaller, admin, manager.caller]) {
        assert.equal(authorise(caller, operation).whole, true, operation)
      }
    }
  })

  test('is held over what is their own by people and account tokens, an administrator’s tokens too', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const admin = await makePerson(world, { role: 'admin' })
    for (const operation of everyOperation) {
      const own = await makeToken(world, person, { scopes: [operations[operation].scope] })
      const adminsToken = await makeToken(world, admin, { scopes: [operations[operation].scope] })
      for (const caller of [person, own.caller, adminsToken.caller]) {
        assert.equal(authorise(caller, operation).whole, false, operation)
      }
    }
  })

  test('is held by no token without the scope, and by nobody', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    for (const operation of everyOperation) {
      const { scope } = operations[operation]
      const others = Object.values(operations).flatMap((other) => (other.scope === scope ? [] : [other.scope]))
      const manager = await makeManager(world, { scopes: others })
      const own = await makeToken(world, person, { scopes: ['data:*', ...others] })
      for (const { caller } of [manager, own]) {
        await refuses('scope-missing', () => authorise(caller, operation), new RegExp(scope))
      }
      await refuses('credential-required', () => authorise({ type: 'anonymous', peer }, operation))
    }
  })
})

describe('reading tokens', () => {
  async function withTokens() {
    const world = makeWorld()
    const [person, other] = [await makePerson(world), await makePerson(world)]
    const mine = await makeToken(world, person, { scopes: ['data:read'], label: 'mine' })
    const theirs = await makeToken(world, other, { label: 'theirs' })
    const manager = await makeManager(world, { scopes: ['chatelaine.tokens:read'], label: 'manager' })
    return { world, person, other, mine, theirs, manager }
  }

  test('everybody sees their own, and another’s is as if there were none', async () => {
    const { world, person, mine, theirs, manager } = await withTokens()
    const { ports } = world
    assert.deepEqual(await readToken(ports, person, mine.token.id), mine.token)
    assert.deepEqual(await readToken(ports, manager.caller, mine.token.id), mine.token)
    const there = await refuses('not-found', () => readToken(ports, person, theirs.token.id))
    const nowhere = await refuses('not-found', () => readToken(ports, person, 'tok_0000000000000000'))
    assert.equal(there.message, nowhere.message)
    await refuses('not-found', () => readToken(ports, person, manager.token.id))
    await refuses('scope-missing', () => readToken(ports, mine.caller, mine.token.id))
  })

  test('lists hold one’s own, or everything for whoever reaches it', async () => {
    const { world, person, other, manager } = await withTokens()
    const labels = async (...args: Parameters<typeof listTokens>) =>
      (await listTokens(...args)).items.map(({ label }) => label)
    assert.deepEqual(await labels(world.ports, person, newest), ['mine'])
    assert.deepEqual(await labels(world.ports, manager.caller, newest), ['manager', 'theirs', 'mine'])
    assert.deepEqual(await labels(world.ports, manager.caller, { ...newest, accountId: person.account.id }), ['mine'])
    await refuses('not-found', () => listTokens(world.ports, person, { ...newest, accountId: other.account.id }))
  })

  test('a token sees itself without any scope, until it is gone', async () => {
    const { world, mine } = await withTokens()
    assert.deepEqual(await readSelf(world.ports, mine.caller), mine.token)
    for (const caller of [await makePerson(world), operatorCaller, { type: 'anonymous', peer } as const]) {
      await refuses('not-permitted', () => readSelf(world.ports, caller))
    }
    world.store.damage(mine.token.id)
    await refuses('not-found', () => readSelf(world.ports, mine.caller))
  })
})

describe('reading the log', () => {
  test('an account sees what it did and what was done to it and its tokens, newest first, and nothing else', async () => {
    const world = makeWorld()
    const [person, other] = [await makePerson(world), await makePerson(world)]
    const mine = await makeToken(world, person)
    const theirs = await makeToken(world, other)
    await revokeToken(world.ports, operatorCaller, mine.token.id)
    await revokeToken(world.ports, operatorCaller, theirs.token.id)
    const rows = async (caller: Parameters<typeof readAudit>[1]) =>
      (await readAudit(world.ports, caller, { limit: 10 })).items.map(
        ({ action, subject }) => `${action} ${subject.id}`,
      )
    assert.deepEqual(await rows(person), [
      `token.revoked ${mine.token.id}`,
      `token.created ${mine.token.id}`,
      `account.signed_in ${person.account.id}`,
      `account.created ${person.account.id}`,
    ])
    assert.equal((await rows(operatorCaller)).length, 8)
    const auditor = await makeManager(world, { scopes: ['chatelaine.audit:read'] })
    assert.equal((await rows(auditor.caller)).length, 9)
    const plain = await makeToken(world, person)
    await refuses('scope-missing', () => readAudit(world.ports, plain.caller, { limit: 10 }))
  })
})
