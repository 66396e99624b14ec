import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  changeToken,
  dayMs,
  forgetEnded,
  keptAfterEndMs,
  noteMasterKey,
  operatorCaller,
  previewRetirement,
  rekey,
  retireKey,
  revokeToken,
} from '@chatelaine/core'
import { deriveKeys, KeyRing } from '@chatelaine/token/keys'
import { refuses } from './failures.ts'
import { actionsSince, makePerson, makeToken, makeWorld, randomFrom, reread, verify } from './world.ts'

describe('tokens that ended', () => {
  test('stay for 30 days after they ended, are removed then with a row in the log, and never verify again', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const expired = await makeToken(world, person)
    const revoked = await makeToken(world, person, { life: { permanent: true } })
    const kept = await makeToken(world, person, { life: { permanent: true } })
    await revokeToken(world.ports, person, revoked.token.id)
    world.clock.pass(keptAfterEndMs)
    assert.equal(await forgetEnded(world.ports), 0)
    world.clock.pass(1)
    const { seq } = world.store.source.position()
    assert.equal(await forgetEnded(world.ports), 1)
    assert.deepEqual(actionsSince(world, seq), ['token.forgotten'])
    const last = world.store.entries.at(-1)
    assert.deepEqual([last?.subject.id, last?.actor.type], [revoked.token.id, 'system'])
    assert.equal(await verify(world, revoked.text), 'unknown')
    assert.equal(await verify(world, expired.text), 'expired')
    world.clock.pass(dayMs)
    assert.equal(await forgetEnded(world.ports), 1)
    assert.deepEqual([await verify(world, expired.text), await verify(world, kept.text)], ['unknown', 'valid'])
  })

  test('are removed to the last, however many there are', async () => {
    const world = makeWorld({ policy: { tokensPerOwnerMax: 1_000 } })
    const person = await makePerson(world)
    for (let made = 0; made < 250; made += 1) await makeToken(world, person)
    world.clock.pass(keptAfterEndMs + dayMs + 1)
    assert.equal(await forgetEnded(world.ports), 250)
    assert.equal(await forgetEnded(world.ports), 0)
  })

  test('stay as long as anything they made, whose limits they bound', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const parent = await makeToken(world, person, {
      life: { permanent: true },
      rateLimit: { limit: 1, windowSeconds: 60 },
    })
    const child = await makeToken(world, parent.caller, { life: { permanent: true } })
    await revokeToken(world.ports, person, parent.token.id, { descendants: 'keep' })
    world.clock.pass(keptAfterEndMs + 1)
    assert.equal(await forgetEnded(world.ports), 0)
    assert.equal((await world.verifier.verify(child.text, {})).known?.buckets[0]?.key, parent.token.id)
    await revokeToken(world.ports, operatorCaller, child.token.id)
    world.clock.pass(keptAfterEndMs + 1)
    assert.equal(await forgetEnded(world.ports), 2)
  })

  test('that ended by expiry and were revoked later are counted from the first of the two', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { token } = await makeToken(world, person)
    world.clock.pass(dayMs + 1)
    await revokeToken(world.ports, person, token.id)
    world.clock.pass(keptAfterEndMs)
    assert.equal(await forgetEnded(world.ports), 1)
  })
})

describe('a new master key', () => {
  async function afterKeyChange() {
    const ring = KeyRing.generate(randomFrom(3))
    const old = makeWorld({ ring })
    const person = await makePerson(old)
    const [first, second, third] = [
      await makeToken(old, person),
      await makeToken(old, person),
      await makeToken(old, person, { life: { permanent: true } }),
    ]
    const newRing = ring.withNewCurrent(randomFrom(4))
    const world = makeWorld({ ring: newRing, store: old.store })
    world.clock.pass(1)
    return { world, person, first, second, third, oldKeyId: ring.currentId, newRing }
  }

  test('gets a token once its string is at hand; the token goes on as it was', async () => {
    const { world, first, oldKeyId } = await afterKeyChange()
    const { seq } = world.store.source.position()
    await rekey(world.ports, first.token, first.text)
    assert.deepEqual(actionsSince(world, seq), ['token.rekeyed'])
    assert.equal(world.store.entries.at(-1)?.actor.type, 'system')
    const after = await reread(world, first.token)
    assert.ok(world.ports.keys.isCurrent(after.digest))
    const { digest: _, changedSeq: __, ...rest } = first.token
    assert.deepEqual(after, { ...rest, digest: after.digest, changedSeq: seq + 1 })
    assert.equal(await verify(world, first.text), 'valid')
    assert.equal((await world.store.tokens.listByKey(oldKeyId, world.clock.now(), 10)).length, 2)
  })

  test('does nothing to a token that was changed meanwhile', async () => {
    const { world, person, first } = await afterKeyChange()
    await changeToken(world.ports, person, first.token.id, { isActive: false })
    const { seq } = world.store.source.position()
    await rekey(world.ports, first.token, first.text)
    assert.deepEqual(actionsSince(world, seq), [])
    assert.equal(await verify(world, first.text), 'suspended')
  })

  test('lets a former one retire: the preview names what would end, and exactly that ends', async () => {
    const { world, person, first, second, third, oldKeyId, newRing } = await afterKeyChange()
    await rekey(world.ports, first.token, first.text)
    const child = await makeToken(world, second.caller)
    const dead = await makeToken(world, person)
    await revokeToken(world.ports, person, dead.token.id)
    const { tokens } = await previewRetirement(world.ports, oldKeyId)
    assert.deepEqual(
      tokens.map(({ id }) => id),
      [second.token.id, third.token.id],
    )
    const { seq } = world.store.source.position()
    assert.equal(await retireKey(world.ports, oldKeyId), 2)
    assert.deepEqual(actionsSince(world, seq), ['token.revoked', 'token.revoked', 'deployment.key_retired'])
    assert.deepEqual(await Promise.all([first, second, third, child].map(({ text }) => verify(world, text))), [
      'valid',
      'revoked',
      'revoked',
      'valid',
    ])
    assert.deepEqual(await previewRetirement(world.ports, oldKeyId), { tokens: [] })
    const shorter = deriveKeys(newRing.without(oldKeyId))
    assert.ok(shorter.digestMatches(first.text, (await reread(world, first.token)).digest))
  })

  test('retires never while it is the current one', async () => {
    const { world, newRing, third } = await afterKeyChange()
    await refuses('not-permitted', () => retireKey(world.ports, newRing.currentId))
    assert.equal(await verify(world, third.text), 'valid')
  })

  test('lets rows be sealed anew before the former one is gone, and everything remembered be forgotten', async () => {
    const { world, first, oldKeyId } = await afterKeyChange()
    await verify(world, first.text)
    let resealed = 0
    const ports = {
      ...world.ports,
      housekeeping: { ...world.ports.housekeeping, reseal: async () => (resealed += 1) },
    }
    await retireKey(ports, oldKeyId)
    assert.deepEqual([resealed, world.memory.size], [1, 0])
  })

  test('is noted in the log at the first start that knows it, and never twice', async () => {
    const world = makeWorld()
    await noteMasterKey(world.ports, 'key-1')
    for (let start = 0; start < 3; start += 1) await noteMasterKey(world.ports, 'key-1')
    for (let start = 0; start < 3; start += 1) await noteMasterKey(world.ports, 'key-2')
    assert.deepEqual(
      world.store.entries.map(({ action, details, actor }) => [action, details.key, actor.type]),
      [
        ['deployment.started', 'key-1', 'operator'],
        ['deployment.key_added', 'key-2', 'operator'],
      ],
    )
  })
})
