import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  bearerLifetimeMs,
  changeAccount,
  changePassword,
  createProject,
  dayMs,
  issueBearer,
  openBearer,
  operatorCaller,
  personBehind,
  putMember,
  removeMember,
  revokeToken,
  rotateToken,
  type Caller,
} from '@chatelaine/core'
import { refuses } from './failures.ts'
import { makePerson, makeToken, makeWorld, peer, type World } from './world.ts'

const password = 'an unusually long password'

async function bearerOf({ ports }: World, caller: Caller & { account: { id: `acc_${string}` } }) {
  const { secret, bearer } = await issueBearer(ports, { ...caller, sessionId: null } as Caller, caller.account.id)
  return { bearer, text: secret.reveal() }
}

describe('a bearer', () => {
  test('has three parts, says for whom it stands, and ends after twelve hours or with its token', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const long = await makeToken(world, person, { life: { lifetimeSeconds: (2 * dayMs) / 1_000 } })
    const brief = await makeToken(world, person, { life: { lifetimeSeconds: 60 } })
    const { bearer, secret } = await issueBearer(world.ports, long.caller, person.account.id)
    assert.match(secret.reveal(), /^[^.]+\.[A-Za-z0-9_~]+\.[A-Za-z0-9_-]+$/)
    assert.deepEqual(await openBearer(world.ports, secret.reveal()), bearer)
    assert.equal(bearer.expiresAt, world.clock.now() + bearerLifetimeMs)
    const soon = await issueBearer(world.ports, brief.caller, person.account.id)
    assert.equal(soon.bearer.expiresAt, brief.token.expiresAt)
    world.clock.pass(60_000)
    assert.equal(await openBearer(world.ports, soon.secret.reveal()), undefined)
  })

  test('that is altered anywhere is none', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { caller } = await makeToken(world, person)
    const text = (await issueBearer(world.ports, caller, person.account.id)).secret.reveal()
    for (let at = 0; at < text.length; at += 1) {
      const altered = `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`
      assert.equal(await openBearer(world.ports, altered), undefined, altered)
    }
    for (const other of ['', '.', '..', `${text}.`, `${text}.x`, text.slice(0, -1)]) {
      assert.equal(await openBearer(world.ports, other), undefined, other)
    }
  })

  test('of an old secret ends with its grace', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { token } = await makeToken(world, person, { life: { permanent: true } })
    const rotated = await rotateToken(world.ports, person, token.id, 60)
    const old: Caller = { type: 'token', token: rotated.token, secret: 'old', peer }
    const { bearer } = await issueBearer(world.ports, old, person.account.id)
    assert.equal(bearer.expiresAt, world.clock.now() + 120_000)
  })

  test('is decided on with the token behind it, which is dead at once when it is revoked', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { token } = await makeToken(world, person)
    const code = async () => (await world.verifier.verifyStandIn(token.id, {})).decision.code
    assert.equal(await code(), 'valid')
    await revokeToken(world.ports, person, token.id)
    assert.equal(await code(), 'revoked')
    const absent = await world.verifier.verifyStandIn('tok_0000000000000000', {})
    assert.equal(absent.decision.code, 'unknown')
  })

  test('that was traded for a password ends when there is another, or none who may use it', async () => {
    const world = makeWorld()
    const person = await makePerson(world, { password })
    const { bearer, text } = await bearerOf(world, person)
    assert.equal((await personBehind(world.ports, peer, bearer)).type, 'session')
    await changePassword(world.ports, operatorCaller, person.account.id, { newPassword: `${password} 2` })
    assert.equal(await openBearer(world.ports, text), undefined)
    await changeAccount(world.ports, operatorCaller, person.account.id, { status: 'disabled' })
    await refuses('credential-rejected', () => personBehind(world.ports, peer, bearer))
  })

  test('of a project is given and honoured only while the account belongs to it', async () => {
    const world = makeWorld()
    const [owner, other] = [await makePerson(world), await makePerson(world, { password })]
    const { project } = await createProject(world.ports, owner, { name: 'p' })
    const asOther: Caller = { ...other, sessionId: null }
    await refuses('not-permitted', () => issueBearer(world.ports, asOther, project.id))
    await putMember(world.ports, owner, project.id, other.account.id, 'member')
    const { bearer } = await issueBearer(world.ports, asOther, project.id)
    assert.equal((await personBehind(world.ports, peer, bearer)).type, 'session')
    await removeMember(world.ports, owner, project.id, other.account.id)
    await refuses('not-permitted', () => personBehind(world.ports, peer, bearer))
  })

  test('is given to nobody who speaks for no account', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    await refuses('not-permitted', () => issueBearer(world.ports, operatorCaller, person.account.id))
  })
})
