import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  answerDevice,
  decideConsent,
  deviceLimit,
  findDeviceAsk,
  fitHandoff,
  handoffLifetimeMs,
  minuteMs,
  normaliseUserCode,
  pollDevice,
  pollIntervalSeconds,
  secondMs,
  startDevice,
  userCodeLimit,
  type DeviceAnswer,
} from '@chatelaine/core'
import { refuses } from './failures.ts'
import { makePerson, makeWorld, verify, type World } from './world.ts'

const device = { ip: '198.51.100.7', client: 'chatelaine-cli/1' }
const client = 'chatelaine-cli'

async function asked(world: World) {
  const target = { kind: 'device', device: '', ip: null, userAgent: null } as const
  const ask = await fitHandoff(world.ports, { client, label: 'server', origin: 'cli', target })
  return ask!
}

async function withDevice() {
  const world = makeWorld()
  const person = await makePerson(world)
  const { deviceCode, userCode } = await startDevice(world.ports, device, await asked(world))
  async function poll(code = deviceCode.reveal(), as = client): Promise<DeviceAnswer> {
    world.clock.pass(pollIntervalSeconds * secondMs)
    return pollDevice(world.ports, device, code, as)
  }
  async function answer(decision: 'agree' | 'refuse', page = 'page 1') {
    const ask = await findDeviceAsk(world.ports, person, userCode)
    assert.ok(ask !== undefined)
    await answerDevice(world.ports, ask, await decideConsent(world.ports, person, ask, decision, page))
  }
  return { world, person, deviceCode, userCode, poll, answer }
}

function errorOf(answer: DeviceAnswer): string {
  return answer.handed ? 'handed' : answer.error
}

describe('a device without a browser', () => {
  test('waits until a person agrees, and is then given the token once', async () => {
    const { world, person, poll, answer } = await withDevice()
    assert.equal(errorOf(await poll()), 'authorization_pending')
    await answer('agree')
    const handed = await poll()
    assert.ok(handed.handed)
    assert.deepEqual([handed.token.accountId, handed.token.label], [person.account.id, 'server'])
    assert.equal(await verify(world, handed.secret.reveal()), 'valid')
    assert.equal(errorOf(await poll()), 'invalid_grant')
    assert.equal(await verify(world, handed.secret.reveal()), 'revoked')
  })

  test('is told that the person refused', async () => {
    const { poll, answer } = await withDevice()
    await answer('refuse')
    assert.equal(errorOf(await poll()), 'access_denied')
  })

  test('is told to slow down when it does not wait', async () => {
    const { world, deviceCode, poll } = await withDevice()
    await poll()
    assert.equal(errorOf(await pollDevice(world.ports, device, deviceCode.reveal(), client)), 'slow_down')
    assert.equal(errorOf(await poll()), 'authorization_pending')
  })

  test('has ten minutes, whether somebody agreed or not', async () => {
    const { world, person, userCode, deviceCode, answer } = await withDevice()
    await answer('agree')
    world.clock.pass(handoffLifetimeMs)
    assert.equal(errorOf(await pollDevice(world.ports, device, deviceCode.reveal(), client)), 'expired_token')
    assert.equal(await findDeviceAsk(world.ports, person, userCode), undefined)
  })

  test('has a code that is good for nobody else', async () => {
    const { deviceCode, poll } = await withDevice()
    const code = deviceCode.reveal()
    for (const wrong of ['', 'x', '..', `${code}x`, `${code}.`, code.replace('.', '.0'), `0${code}`]) {
      assert.equal(errorOf(await poll(wrong)), 'invalid_grant', wrong)
    }
    assert.equal(errorOf(await poll(code, 'another client')), 'invalid_grant')
  })

  test('has a code to type of eight letters, however it is typed, and neither code is in the store', async () => {
    const { world, person, userCode, deviceCode } = await withDevice()
    assert.match(userCode, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
    for (const typed of [
      userCode,
      userCode.toLowerCase(),
      ` ${userCode.replace('-', ' ')} `,
      userCode.replace('-', ''),
    ]) {
      assert.equal(normaliseUserCode(typed), userCode)
      assert.ok((await findDeviceAsk(world.ports, person, typed)) !== undefined)
    }
    const stored = JSON.stringify(world.store.notes)
    assert.equal(stored.includes(userCode.replace('-', '')) || stored.includes(deviceCode.reveal()), false)
  })

  test('is answered once, by whoever comes first', async () => {
    const { world, person, userCode, answer } = await withDevice()
    const ask = await findDeviceAsk(world.ports, person, userCode)
    const consent = await decideConsent(world.ports, person, ask!, 'agree', 'page 2')
    await answer('refuse')
    await refuses('changed-meanwhile', () => answerDevice(world.ports, ask!, consent))
    assert.equal(await findDeviceAsk(world.ports, person, userCode), undefined)
  })

  test('is asked about with where it is and what it calls itself', async () => {
    const { world, person, userCode } = await withDevice()
    const ask = await findDeviceAsk(world.ports, person, userCode)
    assert.equal(ask?.client, client)
    assert.ok(ask.target.kind === 'device')
    assert.deepEqual([ask.target.ip, ask.target.userAgent], [device.ip, device.client])
  })
})

describe('guessing', () => {
  test('codes ends after a few, for the person and for the address, and right ones count for nothing', async () => {
    const { world, person, userCode } = await withDevice()
    for (let tries = 0; tries < 2 * userCodeLimit.attemptsMax; tries += 1) {
      assert.ok((await findDeviceAsk(world.ports, person, userCode)) !== undefined)
    }
    for (let tries = 0; tries < userCodeLimit.attemptsMax; tries += 1) {
      assert.equal(await findDeviceAsk(world.ports, person, 'BBBB-BBBB'), undefined)
    }
    await refuses('too-many-attempts', () => findDeviceAsk(world.ports, person, userCode))
    await refuses('too-many-attempts', async () => findDeviceAsk(world.ports, await makePerson(world), userCode))
    const elsewhere = { ...(await makePerson(world)), peer: { ip: '203.0.113.9', client: null } }
    assert.ok((await findDeviceAsk(world.ports, elsewhere, userCode)) !== undefined)
    await refuses('too-many-attempts', () => findDeviceAsk(world.ports, { ...person, peer: elsewhere.peer }, userCode))
  })

  test('or asking without end is bounded by address', async () => {
    const world = makeWorld()
    const ask = await asked(world)
    for (let tries = 0; tries < deviceLimit.attemptsMax; tries += 1) await startDevice(world.ports, device, ask)
    await refuses('too-many-attempts', () => startDevice(world.ports, device, ask))
    await startDevice(world.ports, { ...device, ip: '203.0.113.9' }, ask)
    world.clock.pass(10 * minuteMs)
    await startDevice(world.ports, device, ask)
  })
})
