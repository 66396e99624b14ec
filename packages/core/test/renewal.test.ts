import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  changeToken,
  createProject,
  dayMs,
  hourMs,
  issueToken,
  operatorCaller,
  rotateToken,
  type Caller,
  type TokenAsk,
} from '@chatelaine/core'
import { refuses } from './failures.ts'
import { makePerson, makeToken, makeWorld, peer, type World } from './world.ts'

const door = { origin: 'neuroio', renews: true } as const

function renew(world: World, caller: Caller, ask: Partial<TokenAsk> = {}) {
  return makeToken(world, caller, { ...door, ...ask })
}

describe('a temporary token that renews itself by making others', () => {
  test('gives its own kind and owner the policy’s whole temporary lifetime, however late', async () => {
    const world = makeWorld()
    const { caller } = await makeToken(world, await makePerson(world))
    world.clock.pass(23 * hourMs)
    const { token } = await renew(world, caller)
    assert.equal(token.expiresAt, world.clock.now() + dayMs)
    assert.equal(token.parentTokenId, caller.token.id)
  })

  test('gives nothing else more than it has: no scope, no address, no longer life, no use', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { caller } = await makeToken(world, person, {
      scopes: ['chatelaine.tokens:write'],
      allowedIps: ['192.0.2.0/24'],
    })
    await refuses('exceeds-caller', () => renew(world, caller, { scopes: ['*'] }))
    await refuses('exceeds-caller', () => renew(world, caller, { allowedIps: [] }))
    await refuses('exceeds-caller', () => renew(world, caller, { life: { lifetimeSeconds: 86_401 } }))
    await refuses('exceeds-caller', () => renew(world, caller, { life: { permanent: true } }))
    const counted = await makeToken(world, person, { usesGranted: 5 })
    await refuses('exceeds-caller', () => renew(world, counted.caller))
  })

  test('lives no longer than policy lets anybody make a token live', async () => {
    const world = makeWorld({ policy: { temporaryLifetimeSeconds: 60, longestLifetimeSeconds: 90 } })
    const { caller } = await makeToken(world, await makePerson(world))
    world.clock.pass(59_000)
    assert.equal((await renew(world, caller)).token.expiresAt, world.clock.now() + 60_000)
    await refuses('exceeds-caller', () => renew(world, caller, { life: { lifetimeSeconds: 61 } }))
  })

  test('gives tokens of a project no more than its own life', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { project } = await createProject(world.ports, person, { name: 'p' })
    const { caller } = await makeToken(world, person)
    world.clock.pass(hourMs)
    const { token } = await renew(world, caller, { projectId: project.id })
    assert.equal(token.expiresAt, caller.token.expiresAt)
  })

  test('is bound as ever where nobody renews', async () => {
    const world = makeWorld()
    const { caller } = await makeToken(world, await makePerson(world), { origin: 'neuroio' })
    await refuses('exceeds-caller', () =>
      issueToken(world.ports, caller, { origin: 'neuroio', life: { lifetimeSeconds: 86_401 } }),
    )
  })

  test('renews nothing by a secret that was replaced', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { token } = await makeToken(world, person)
    const rotated = await rotateToken(world.ports, person, token.id, 60)
    const old: Caller = { type: 'token', token: rotated.token, secret: 'old', peer }
    world.clock.pass(1_000)
    const made = await renew(world, old)
    assert.ok(made.token.expiresAt! <= world.clock.now() + 120_000)
  })
})

describe('a temporary token that a person got by signing in at the door', () => {
  test('makes permanent ones, of its account and of projects, as the person could', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { project } = await createProject(world.ports, person, { name: 'p' })
    const { caller } = await makeToken(world, person, { origin: 'neuroio' })
    for (const ask of [{}, { projectId: project.id }]) {
      const { token } = await renew(world, caller, { ...ask, life: { permanent: true } })
      assert.equal(token.expiresAt, null)
    }
  })

  test('hands that on to what only renewals lead to, and to nothing else', async () => {
    const world = makeWorld()
    const login = await makeToken(world, await makePerson(world), { origin: 'neuroio' })
    const again = await renew(world, (await renew(world, login.caller)).caller)
    const permanent = await renew(world, again.caller, { life: { permanent: true } })
    assert.equal(permanent.token.expiresAt, null)
    const belowPermanent = await renew(world, permanent.caller)
    const elsewhere = await makeToken(world, login.caller)
    for (const { caller } of [belowPermanent, elsewhere]) {
      await refuses('exceeds-caller', () => renew(world, caller, { life: { permanent: true } }))
    }
  })

  test('of which the operator made none, and none was made at another door', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const native = await makeToken(world, person)
    const managed = await makeToken(world, operatorCaller, {
      kind: 'manager',
      scopes: ['chatelaine.tokens:write'],
      origin: 'neuroio',
    })
    const below = await makeToken(world, managed.caller, { accountId: person.account.id, origin: 'neuroio' })
    for (const { caller } of [native, below]) {
      await refuses('exceeds-caller', () => renew(world, caller, { life: { permanent: true } }))
    }
  })

  test('resumes what it could make, and another temporary token does not', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { token } = await makeToken(world, person, { life: { permanent: true } })
    const login = await makeToken(world, person, { origin: 'neuroio' })
    const native = await makeToken(world, person)
    await changeToken(world.ports, native.caller, token.id, { isActive: false })
    const resume = (caller: Caller) =>
      changeToken(world.ports, caller, token.id, { isActive: true }, { renewsAt: 'neuroio' })
    await refuses('exceeds-caller', () => resume(native.caller))
    assert.equal((await resume(login.caller)).isActive, true)
  })
})
