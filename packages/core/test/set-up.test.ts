import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  allManagementScopes,
  changeAccount,
  createFirstAdministrator,
  hourMs,
  issueBootstrapToken,
  makeSetUpCode,
  operatorCaller,
  setUp,
  setUpCodeLifetimeMs,
  type Caller,
} from '@chatelaine/core'
import { KeyRing } from '@chatelaine/token/keys'
import { refuses } from './failures.ts'
import { makeAccount, makePerson, makeWorld, peer, randomFrom, reread, verify, type World } from './world.ts'

const anonymous: Caller = { type: 'anonymous', peer }

function setUpWith({ ports }: World, code: string, username = 'root') {
  return setUp(ports, anonymous, code, { username, password: 'correct horse battery staple' })
}

describe('a set-up code', () => {
  test('makes its holder the first administrator, which the log shows without the code', async () => {
    const world = makeWorld()
    const code = makeSetUpCode(world.ports).reveal()
    const account = await setUpWith(world, code)
    assert.deepEqual([account.role, account.username, account.status], ['admin', 'root', 'active'])
    assert.deepEqual(world.store.entries[0]?.actor, { type: 'anonymous', accountId: null, tokenId: null, ...peer })
    assert.equal(JSON.stringify(world.store.entries).includes(code.split('.')[1]!), false)
  })

  test('is good for an hour, any of those that were made, and nothing of it is stored', async () => {
    assert.equal(setUpCodeLifetimeMs, hourMs)
    const world = makeWorld()
    const first = makeSetUpCode(world.ports).reveal()
    world.clock.pass(hourMs - 1)
    const second = makeSetUpCode(world.ports).reveal()
    world.clock.pass(1)
    await refuses('set-up-code-rejected', () => setUpWith(world, first), /Restart the server/)
    await setUpWith(world, second)
    assert.equal(world.store.entries.length, 1)
  })

  test('that was altered, or made by another deployment or for something else, is rejected', async () => {
    const world = makeWorld()
    const code = makeSetUpCode(world.ports).reveal()
    const [issued, nonce, mac] = code.split('.') as [string, string, string]
    const later = (Number.parseInt(issued, 36) + hourMs).toString(36)
    const stranger = makeWorld({ ring: KeyRing.generate(randomFrom(77)) })
    const sessionMac = world.ports.keys.mac('session', `${issued}.${nonce}`)
    const wrong = [
      '',
      '.',
      '..',
      'x',
      `${issued}.${nonce}`,
      `${code}.`,
      `${code}x`,
      code.slice(0, -1),
      `${later}.${nonce}.${mac}`,
      `${issued}.x${nonce.slice(1)}.${mac}`,
      `${issued}.${nonce}.${sessionMac}`,
      makeSetUpCode(stranger.ports).reveal(),
    ]
    for (const text of wrong) await refuses('set-up-code-rejected', () => setUpWith(world, text))
    assert.equal(await world.ports.accounts.hasAdministrator(), false)
  })

  test('is used up once there is an administrator, whoever made it and whatever became of it', async () => {
    const world = makeWorld()
    const code = makeSetUpCode(world.ports).reveal()
    const admin = await makeAccount(world, { role: 'admin' })
    await refuses('set-up-closed', () => setUpWith(world, code))
    await changeAccount(world.ports, operatorCaller, (await makeAccount(world, { role: 'admin' })).id, { name: 'x' })
    await changeAccount(world.ports, operatorCaller, admin.id, { status: 'disabled' })
    await refuses('set-up-closed', () => setUpWith(world, code))
    await refuses('set-up-closed', () => setUpWith(world, 'nonsense'))
  })

  test('used by many at once makes one administrator', async () => {
    const world = makeWorld()
    const code = makeSetUpCode(world.ports).reveal()
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => setUpWith(world, code, `root${index}`)),
    )
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const result of results) if (result.status === 'rejected') assert.equal(result.reason.key, 'set-up-closed')
  })

  test('is refused a name that is in use', async () => {
    const world = makeWorld()
    const { account } = await makePerson(world)
    const code = makeSetUpCode(world.ports).reveal()
    await refuses('already-taken', () => setUpWith(world, code, account.username.toUpperCase()))
  })
})

test('whoever runs the server makes the first administrator without a code, and only the first', async () => {
  const world = makeWorld()
  const ask = { username: 'root', role: 'member' } as const
  const account = await createFirstAdministrator(world.ports, operatorCaller, ask)
  assert.deepEqual([account.role, account.passwordHash], ['admin', null])
  await refuses('set-up-closed', () => createFirstAdministrator(world.ports, operatorCaller, { username: 'other' }))
})

test('of instances that start at once one issues the bootstrap token', async () => {
  const world = makeWorld()
  const other = makeWorld({ store: world.store })
  const once = { key: 'bootstrap', request: 'bootstrap' }
  const issued = await Promise.all([world, other].map(({ ports }) => issueBootstrapToken(ports, once)))
  assert.equal(issued.filter((token) => token !== undefined).length, 1)
  const afterwards = { key: 'bootstrap tok_a', request: 'bootstrap tok_a' }
  assert.notEqual(await issueBootstrapToken(world.ports, afterwards), undefined)
})

test('the bootstrap token is a permanent manager token with every management scope', async () => {
  const world = makeWorld()
  const text = (await issueBootstrapToken(world.ports))!.reveal()
  const verdict = await world.verifier.verify(text, { kinds: ['manager'], scopes: allManagementScopes })
  assert.equal(verdict.decision.code, 'valid')
  const token = await reread(world, verdict.known!.token)
  assert.deepEqual([token.kind, token.expiresAt, token.accountId, token.parentTokenId], ['manager', null, null, null])
  assert.equal(await verify(world, text), 'wrong_kind')
})
