import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  cancelRotation,
  changeToken,
  graceSecondsDefault,
  hourMs,
  oldEndsAt,
  rekey,
  renewSelf,
  RetiredUses,
  revokeToken,
  rotateToken,
  rotationState,
  UseRecorder,
  validUntil,
  type Failure,
  type Rotated,
  type Token,
} from '@chatelaine/core'
import { KeyRing } from '@chatelaine/token/keys'
import { refuses } from './failures.ts'
import { ModelStore } from './model-store.ts'
import {
  actionsSince,
  makePerson,
  makeToken,
  makeWorld,
  peer,
  randomFrom,
  reread,
  startAt,
  verify,
  type World,
} from './world.ts'

const minuteMs = 60_000
const graceSeconds = 600
const graceMs = graceSeconds * 1_000

async function tokenToRotate(world: World = makeWorld()) {
  const person = await makePerson(world)
  const made = await makeToken(world, person, { life: { permanent: true } })
  return { world, person, ...made, old: made.text }
}

function textOf(rotated: Rotated): string {
  assert.ok(!rotated.repeated)
  return rotated.secret.reveal()
}

async function rotatedOnce(world?: World) {
  const made = await tokenToRotate(world)
  const rotated = await rotateToken(made.world.ports, made.person, made.token.id, graceSeconds)
  return { ...made, rotated: rotated.token, fresh: textOf(rotated) }
}

function stateOf(token: Token, world: World): string {
  return token.rotation === null ? 'none' : rotationState(token.rotation, world.clock.now())
}

describe('a rotation', () => {
  test('gives a new secret under the same id, and both are good while the new one is unused', async () => {
    const { world, token, old, fresh, rotated } = await rotatedOnce()
    assert.equal(rotated.id, token.id)
    assert.notEqual(fresh, old)
    for (let times = 0; times < 3; times += 1) assert.equal(await verify(world, old), 'valid')
    assert.equal(stateOf(await reread(world, token), world), 'pending')
    assert.equal(await verify(world, fresh), 'valid')
  })

  test('begins the old one’s grace with the first use of the new one, whenever that is', async () => {
    const { world, token, old, fresh } = await rotatedOnce()
    world.clock.pass(5 * minuteMs)
    await verify(world, fresh)
    const used = await reread(world, token)
    assert.equal(stateOf(used, world), 'grace')
    assert.equal(used.rotation?.firstUsedAt, startAt + 5 * minuteMs)
    assert.equal(oldEndsAt(used.rotation), startAt + 5 * minuteMs + graceMs)
    world.clock.pass(graceMs - 1)
    assert.equal(await verify(world, old), 'valid')
    world.clock.pass(1)
    assert.equal(await verify(world, old), 'revoked')
    assert.equal(await verify(world, fresh), 'valid')
  })

  test('begins the grace by itself when the new one is not used within it', async () => {
    const { world, token, old, fresh } = await rotatedOnce()
    const seq = world.store.entries.length
    world.clock.pass(graceMs)
    assert.equal(stateOf(await reread(world, token), world), 'grace')
    world.clock.pass(graceMs - 1)
    assert.equal(await verify(world, old), 'valid')
    world.clock.pass(1)
    assert.equal(await verify(world, old), 'revoked')
    assert.equal(await verify(world, fresh), 'valid')
    assert.deepEqual(actionsSince(world, seq), [], 'a first use that changes nothing is no change')
  })

  test('has a late first use written too, which makes the old one live no longer', async () => {
    const { world, person, token, old, fresh } = await rotatedOnce()
    const seq = world.store.entries.length
    world.clock.pass(graceMs + 5 * minuteMs)
    assert.equal(await verify(world, fresh), 'valid')
    assert.equal(await verify(world, fresh), 'valid')
    assert.deepEqual(actionsSince(world, seq), ['token.rotation_used'])
    assert.equal(world.store.entries.at(-1)?.effect, 'takes', 'what takes away is journaled')
    const { rotation } = await reread(world, token)
    assert.equal(rotation?.firstUsedAt, startAt + graceMs + 5 * minuteMs)
    assert.equal(oldEndsAt(rotation), startAt + 2 * graceMs)
    await refuses('rotation-used', () => cancelRotation(world.ports, person, token.id))
    world.clock.pass(graceMs - 5 * minuteMs - 1)
    assert.equal(await verify(world, old), 'valid')
    world.clock.pass(1)
    assert.equal(await verify(world, old), 'revoked')
  })

  test('with a grace of nothing ends the old one at once, and takes away', async () => {
    const { world, person, token, old } = await tokenToRotate()
    await verify(world, old)
    const rotated = await rotateToken(world.ports, person, token.id, 0)
    assert.equal(world.store.entries.at(-1)?.effect, 'takes')
    assert.equal(await verify(world, old), 'revoked')
    assert.equal(await verify(world, textOf(rotated)), 'valid')
  })

  test('lets the old one live for a day unless said otherwise', async () => {
    const { world, person, token } = await tokenToRotate()
    const rotated = await rotateToken(world.ports, person, token.id)
    assert.equal(oldEndsAt(rotated.token.rotation!), startAt + 2 * graceSecondsDefault * 1_000)
    assert.equal(graceSecondsDefault, 86_400)
  })

  test('whose new secret is used for the first time 200 times at once has one entry in the log', async () => {
    const { world, token, fresh } = await rotatedOnce()
    const seq = world.store.entries.length
    const codes = await Promise.all(Array.from({ length: 200 }, () => verify(world, fresh)))
    assert.deepEqual(new Set(codes), new Set(['valid']))
    assert.deepEqual(actionsSince(world, seq), ['token.rotation_used'])
    assert.equal(world.store.entries.at(-1)?.actor.tokenId, token.id)
  })

  test('has its first use written before the first valid answer', async () => {
    const { world, token, fresh } = await rotatedOnce()
    const seq = world.store.entries.length
    world.store.beforeDelivery = async () => {
      assert.notEqual((await reread(world, token)).rotation?.firstUsedAt, null)
    }
    assert.equal(await verify(world, fresh), 'valid')
    assert.equal(actionsSince(world, seq).length, 1)
  })

  test('is not begun by a first use that is refused', async () => {
    const { world, token, fresh } = await rotatedOnce()
    assert.equal(await verify(world, fresh, { kinds: ['manager'] }), 'wrong_kind')
    assert.equal(stateOf(await reread(world, token), world), 'pending')
  })

  test('while the new secret is unused replaces it, and the old one stays as it is', async () => {
    const { world, person, token, old, fresh } = await rotatedOnce()
    const again = textOf(await rotateToken(world.ports, person, token.id, graceSeconds))
    assert.equal(await verify(world, fresh), 'unknown')
    assert.equal(await verify(world, old), 'valid')
    assert.equal(await verify(world, again), 'valid')
    assert.equal(stateOf(await reread(world, token), world), 'grace')
  })

  test('again and again keeps the secret in use, also when the grace of it began without a first use', async () => {
    const { world, person, token, old } = await rotatedOnce()
    let unused: string | undefined
    for (let times = 0; times < 5; times += 1) {
      world.clock.pass(2 * graceMs - 1)
      const again = await rotateToken(world.ports, person, token.id, graceSeconds)
      assert.equal(stateOf(again.token, world), 'pending')
      assert.equal(oldEndsAt(again.token.rotation!), world.clock.now() + 2 * graceMs)
      assert.equal(world.store.entries.at(-1)?.effect, 'takes')
      if (unused !== undefined) assert.equal(await verify(world, unused), 'unknown')
      unused = textOf(again)
      assert.equal(await verify(world, old), 'valid')
    }
    assert.equal(await verify(world, unused!), 'valid')
  })

  test('after a late first use makes the secret in use the old one', async () => {
    const { world, person, token, old, fresh } = await rotatedOnce()
    world.clock.pass(graceMs)
    await verify(world, fresh)
    await rotateToken(world.ports, person, token.id, graceSeconds)
    assert.deepEqual([await verify(world, old), await verify(world, fresh)], ['unknown', 'valid'])
  })

  test('within a grace ends what was in its grace, and the secret in use becomes the old one', async () => {
    const { world, person, token, old, fresh } = await rotatedOnce()
    await verify(world, fresh)
    assert.equal(await verify(world, old), 'valid')
    const again = textOf(await rotateToken(world.ports, person, token.id, graceSeconds))
    assert.equal(world.store.entries.at(-1)?.effect, 'takes')
    assert.equal(await verify(world, old), 'unknown')
    assert.equal(await verify(world, fresh), 'valid')
    assert.equal(await verify(world, again), 'valid')
  })

  test('of many at once is done once; the others are told that they lost', async () => {
    const { world, person, token, old } = await tokenToRotate()
    const seq = world.store.entries.length
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => rotateToken(world.ports, person, token.id, graceSeconds)),
    )
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled')
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected')
    assert.deepEqual(
      [won.length, new Set(lost.map(({ reason }) => (reason as Failure).key))],
      [1, new Set(['changed-meanwhile'])],
    )
    assert.deepEqual(actionsSince(world, seq), ['token.rotated'])
    assert.equal(await verify(world, textOf(won[0]!.value)), 'valid')
    assert.equal(await verify(world, old), 'valid')
  })

  test('of a revoked or an expired token is refused', async () => {
    const { world, person, token } = await tokenToRotate()
    await revokeToken(world.ports, person, token.id)
    await refuses('token-ended', () => rotateToken(world.ports, person, token.id))
    const short = await makeToken(world, person, { life: { lifetimeSeconds: 1 } })
    world.clock.pass(1_000)
    await refuses('token-ended', () => rotateToken(world.ports, person, short.token.id))
  })

  test('revoked meanwhile ends both secrets', async () => {
    const { world, person, token, old, fresh } = await rotatedOnce()
    await verify(world, fresh)
    await verify(world, old)
    await revokeToken(world.ports, person, token.id)
    assert.deepEqual([await verify(world, old), await verify(world, fresh)], ['revoked', 'revoked'])
    assert.deepEqual(world.retiredUses, [], 'the whole token is revoked; no secret of it is merely retired')
  })

  test('is bounded by an expiry that somebody sets meanwhile, in both secrets', async () => {
    const { world, person, token, old, fresh } = await rotatedOnce()
    await verify(world, fresh)
    await changeToken(world.ports, person, token.id, { expiresAt: startAt + minuteMs })
    const verdict = await world.verifier.verify(old, {})
    assert.equal(validUntil(verdict.known!), startAt + minuteMs)
    world.clock.pass(minuteMs)
    assert.deepEqual([await verify(world, old), await verify(world, fresh)], ['revoked', 'expired'])
  })

  test('repeated with the same idempotency key is the same rotation, without its secret', async () => {
    const { world, person, token } = await tokenToRotate()
    const once = { key: 'k', request: 'rotate' }
    const first = await rotateToken(world.ports, person, token.id, graceSeconds, once)
    const again = await rotateToken(world.ports, person, token.id, graceSeconds, once)
    assert.deepEqual(again, { repeated: true, token: first.token })
    assert.equal(await verify(world, textOf(first)), 'valid')
    const other = { ...once, request: 'another' }
    await refuses('idempotency-key-reused', () => rotateToken(world.ports, person, token.id, graceSeconds, other))
  })
})

describe('a rotation that is taken back', () => {
  test('leaves the old secret as it was, and ends the new one', async () => {
    const { world, person, token, old, fresh } = await rotatedOnce()
    const cancelled = await cancelRotation(world.ports, person, token.id)
    assert.equal(cancelled.rotation, null)
    assert.equal(world.store.entries.at(-1)?.effect, 'takes')
    assert.deepEqual([await verify(world, old), await verify(world, fresh)], ['valid', 'unknown'])
    world.clock.pass(10 * graceMs)
    assert.equal(await verify(world, old), 'valid')
  })

  test('is refused once the new secret was used, or the old one has ended', async () => {
    const used = await rotatedOnce()
    await verify(used.world, used.fresh)
    await refuses('rotation-used', () => cancelRotation(used.world.ports, used.person, used.token.id))
    const unused = await rotatedOnce()
    unused.world.clock.pass(2 * graceMs)
    await refuses('rotation-used', () => cancelRotation(unused.world.ports, unused.person, unused.token.id))
    const never = await tokenToRotate()
    await refuses('rotation-used', () => cancelRotation(never.world.ports, never.person, never.token.id))
  })

  test('is possible until the old one ends, as long as the new one was never used', async () => {
    const { world, person, token, old, fresh } = await rotatedOnce()
    world.clock.pass(2 * graceMs - 1)
    assert.equal((await cancelRotation(world.ports, person, token.id)).rotation, null)
    world.clock.pass(graceMs)
    assert.deepEqual([await verify(world, old), await verify(world, fresh)], ['valid', 'unknown'])
  })

  test('brings back no expiry that was changed meanwhile', async () => {
    const { world, person, token } = await rotatedOnce()
    await changeToken(world.ports, person, token.id, { expiresAt: startAt + minuteMs })
    assert.equal((await cancelRotation(world.ports, person, token.id)).expiresAt, startAt + minuteMs)
  })

  test('races the first use of the new secret, and one of them wins', async () => {
    const { world, person, token, old, fresh } = await rotatedOnce()
    const [code, cancelled] = await Promise.all([
      verify(world, fresh),
      cancelRotation(world.ports, person, token.id).then(
        () => true,
        () => false,
      ),
    ])
    assert.equal(code, cancelled ? 'unknown' : 'valid')
    assert.equal(await verify(world, old), 'valid')
    assert.equal((await reread(world, token)).rotation === null, cancelled)
  })
})

describe('a token that renews itself', () => {
  const lifeMs = hourMs
  const life = { lifetimeSeconds: lifeMs / 1_000 }

  async function renewable(untilMs = 3 * hourMs) {
    const world = makeWorld()
    const person = await makePerson(world)
    const asked = { life, renewableUntil: startAt + untilMs, scopes: ['data:read'] }
    const made = await makeToken(world, person, asked)
    return { world, person, ...made }
  }

  test('needs no scope for it, and lives its first lifetime once more', async () => {
    const { world, caller, token } = await renewable()
    world.clock.pass(30 * minuteMs)
    const renewed = await renewSelf(world.ports, caller, graceSeconds)
    assert.equal(renewed.token.id, token.id)
    assert.equal(renewed.token.expiresAt, startAt + 30 * minuteMs + lifeMs)
    assert.equal(await verify(world, textOf(renewed)), 'valid')
  })

  test('never lives beyond renewable_until, however often it does', async () => {
    const { world, caller } = await renewable()
    let current = caller
    for (let times = 0; times < 10; times += 1) {
      world.clock.pass(20 * minuteMs)
      if (world.clock.now() >= startAt + 3 * hourMs) break
      const renewed = await renewSelf(world.ports, current, 0)
      current = { ...current, token: renewed.token }
      assert.ok(renewed.token.expiresAt! <= startAt + 3 * hourMs)
    }
    world.clock.pass(hourMs)
    await refuses('not-permitted', () => renewSelf(world.ports, current, 0))
  })

  test('lengthens the life of its new secret alone', async () => {
    const { world, text, caller } = await renewable()
    world.clock.pass(59 * minuteMs)
    const renewed = textOf(await renewSelf(world.ports, caller, graceSeconds))
    world.clock.pass(minuteMs)
    assert.equal(await verify(world, text), 'revoked')
    assert.equal(await verify(world, renewed), 'valid')
  })

  test('may do it again with its old secret while the new one is unused, as when the answer was lost', async () => {
    for (const passed of [minuteMs, graceMs + minuteMs]) {
      const { world, text, caller, token } = await renewable()
      const lost = await renewSelf(world.ports, caller, graceSeconds)
      world.clock.pass(passed)
      const again = await renewSelf(world.ports, { ...caller, token: lost.token, secret: 'old' }, graceSeconds)
      assert.equal(again.token.expiresAt, startAt + passed + lifeMs)
      assert.equal(again.token.rotation?.oldExpiresAt, token.expiresAt)
      assert.equal(await verify(world, textOf(lost)), 'unknown')
      assert.deepEqual([await verify(world, text), await verify(world, textOf(again))], ['valid', 'valid'])
    }
  })

  test('never lives beyond renewable_until when its old secret asks, and the old one never beyond its expiry', async () => {
    const { world, text, caller } = await renewable(lifeMs + minuteMs)
    let { token } = await renewSelf(world.ports, caller, graceSeconds)
    for (let times = 0; times < 5; times += 1) {
      world.clock.pass(11 * minuteMs)
      token = (await renewSelf(world.ports, { ...caller, token, secret: 'old' }, graceSeconds)).token
      assert.equal(token.expiresAt, startAt + lifeMs + minuteMs)
    }
    world.clock.pass(5 * minuteMs)
    assert.equal(await verify(world, text), 'revoked')
    await refuses('not-permitted', () => renewSelf(world.ports, { ...caller, token, secret: 'old' }))
  })

  test('does nothing with its old secret once the new one was used, however late', async () => {
    for (const passed of [0, graceMs]) {
      const { world, caller, token } = await renewable()
      const renewed = await renewSelf(world.ports, caller, graceSeconds)
      world.clock.pass(passed)
      const unused = { ...caller, token: renewed.token, secret: 'old' } as const
      await verify(world, textOf(renewed))
      const used = await reread(world, token)
      await refuses('not-permitted', () => renewSelf(world.ports, { ...unused, token: used }))
      await refuses('not-permitted', () => renewSelf(world.ports, unused))
    }
  })

  test('is told to look first when another secret became the old one while it asked', async () => {
    const { world, person, caller, token } = await renewable()
    const renewed = await renewSelf(world.ports, caller, graceSeconds)
    await verify(world, textOf(renewed))
    await rotateToken(world.ports, person, token.id, graceSeconds)
    const overtaken = { ...caller, token: renewed.token, secret: 'old' } as const
    await refuses('changed-meanwhile', () => renewSelf(world.ports, overtaken, graceSeconds))
  })

  test('is back at its former expiry when the renewal is taken back', async () => {
    const { world, person, caller, token } = await renewable()
    world.clock.pass(30 * minuteMs)
    await renewSelf(world.ports, caller, graceSeconds)
    assert.equal((await cancelRotation(world.ports, person, token.id)).expiresAt, token.expiresAt)
  })

  test('was made for it: others may not, nor may people', async () => {
    const { world, person } = await renewable()
    const { caller } = await makeToken(world, person)
    await refuses('not-permitted', () => renewSelf(world.ports, caller))
    await refuses('not-permitted', () => renewSelf(world.ports, person))
  })

  test('cannot be made to renew itself in no time, or where it never expires', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const make = (ask: object) => makeToken(world, person, { renewableUntil: startAt + hourMs, ...ask })
    for (const ask of [{ life: { permanent: true } }, { life }, { life: { lifetimeSeconds: 7_200 } }]) {
      const { fields } = await refuses('invalid-request', () => make(ask))
      assert.deepEqual(
        fields.map(({ pointer }) => pointer),
        ['/renewable_until'],
      )
    }
  })

  test('has nothing to renew once it was made permanent', async () => {
    const { world, person, caller, token } = await renewable()
    const permanent = await changeToken(world.ports, person, token.id, { expiresAt: null })
    assert.deepEqual([permanent.renewableUntil, permanent.firstLifetimeMs], [null, null])
    await refuses('not-permitted', () => renewSelf(world.ports, { ...caller, token: permanent }))
  })
})

describe('the use of an old secret', () => {
  test('is noted apart from that of the new one', async () => {
    const { world, token, old, fresh } = await rotatedOnce()
    const uses = new UseRecorder()
    const use = async (text: string, ip: string) => {
      const { known } = await world.verifier.verify(text, {})
      uses.record(known!, world.clock.now(), ip, null)
    }
    await use(old, '192.0.2.7')
    world.clock.pass(minuteMs)
    await use(fresh, '192.0.2.8')
    await world.ports.tokens.recordUses(uses.take())
    const { use: observed } = await reread(world, token)
    assert.deepEqual(
      [observed.lastAt, observed.lastIp, observed.oldLastAt, observed.oldLastIp, observed.count],
      [startAt + minuteMs, '192.0.2.8', startAt, '192.0.2.7', 2],
    )
  })

  test('whose end has come is told of each time, whether or not it was remembered', async () => {
    for (const isRemembered of [true, false]) {
      const { world, token, old, fresh } = await rotatedOnce()
      await verify(world, fresh)
      if (isRemembered) await verify(world, old)
      world.clock.pass(graceMs)
      for (let times = 0; times < 3; times += 1) await verify(world, old)
      assert.deepEqual(
        world.retiredUses.map(({ token: { id }, peer: from }) => [id, from]),
        Array.from({ length: 3 }, () => [token.id, peer]),
      )
    }
  })

  test('is in the log once for each of the first addresses of an hour, and counts what came since', async () => {
    const { world, token } = await rotatedOnce()
    const retired = new RetiredUses()
    const note = (ip: string) => retired.note(world.ports, token, { ip, client: null })
    const entries = () =>
      world.store.entries
        .filter(({ action }) => action === 'token.retired_secret_used')
        .map(({ actor, subject, details }) => [actor.ip, subject.id, details.count])
    for (let times = 0; times < 3; times += 1) await note('198.51.100.1')
    await note('203.0.113.9')
    const ofFirstHour = [
      ['198.51.100.1', token.id, 1],
      ['203.0.113.9', token.id, 3],
    ]
    assert.deepEqual(entries(), ofFirstHour, 'a second address is not hidden by the first')
    await Promise.all(Array.from({ length: 10 }, (_, index) => note(`198.51.100.${index}`)))
    assert.equal(entries().length, 4)
    world.clock.pass(hourMs)
    await note('198.51.100.1')
    assert.equal(entries().length, 5)
    const told = entries().reduce((sum, [, , count]) => sum + Number(count), 0)
    assert.equal(told, 15, 'every use is counted once')
  })

  test('is counted all the same when the log cannot take it', async () => {
    const log = { isFull: false }
    const world = makeWorld({
      log: (own) => ({
        ...own,
        commit: (changes, once) => (log.isFull ? Promise.reject(new Error('full')) : own.commit(changes, once)),
      }),
    })
    const { token } = await rotatedOnce(world)
    const retired = new RetiredUses()
    const note = () => retired.note(world.ports, token, { ip: '198.51.100.1', client: null })
    log.isFull = true
    await assert.rejects(note())
    log.isFull = false
    await note()
    assert.deepEqual(world.store.entries.at(-1)?.details, { count: 2 })
  })
})

test('either secret of a rotation moves to the current master key when it is presented', async () => {
  const former = KeyRing.generate(randomFrom(7))
  const store = new ModelStore()
  const before = await rotatedOnce(makeWorld({ ring: former, store }))
  await verify(before.world, before.fresh)
  const ring = former.withNewCurrent(randomFrom(8))
  const world = makeWorld({ ring, store })
  for (const text of [before.old, before.fresh]) {
    assert.equal(await verify(world, text), 'valid')
    const { token, presented } = world.oldDigests.at(-1)!
    await rekey(world.ports, token, presented)
  }
  const moved = await reread(world, before.token)
  const { keys } = world.ports
  assert.deepEqual([keys.isCurrent(moved.digest), keys.isCurrent(moved.rotation!.oldDigest)], [true, true])
  assert.deepEqual([await verify(world, before.old), await verify(world, before.fresh)], ['valid', 'valid'])
  assert.equal(world.oldDigests.length, 2)
})
