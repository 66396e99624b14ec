import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  addressesKeptMs,
  dayMs,
  hourMs,
  minuteMs,
  pendingUsageMax,
  readTokenUsage,
  readUsage,
  rotateToken,
  UsageRecorder,
  usagePointsMax,
  usageTakenMax,
  type Remembered,
  type TokenId,
  type UsageCount,
  type VerificationCode,
} from '@chatelaine/core'
import * as fc from 'fast-check'
import { standingOf, tokenLike } from './examples.ts'
import { refuses } from './failures.ts'
import { makeManager, makePerson, makeToken, makeWorld, startAt } from './world.ts'

function remembered(id: string): Remembered<null> {
  return {
    ...standingOf(tokenLike({ id: `tok_${id}` })),
    position: { epoch: 'e', seq: 1 },
    prepared: null,
    askedProjectId: null,
    ancestorIds: [],
    pendingUses: undefined,
    pendingUsage: undefined,
  }
}

function takeAll(usage: UsageRecorder): UsageCount[] {
  const taken: UsageCount[] = []
  for (let some = usage.take(); some.length > 0; some = usage.take()) taken.push(...some)
  return taken
}

function sumOf(counts: readonly UsageCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0)
}

describe('usage', () => {
  test('is counted by token, code and hour', () => {
    const usage = new UsageRecorder()
    const token = remembered('a')
    usage.count(token, 'valid', startAt)
    usage.count(token, 'valid', startAt + hourMs - 1)
    usage.count(token, 'valid', startAt + hourMs)
    usage.count(token, 'rate_limited', startAt)
    const { id: tokenId, accountId: ownerId } = token.token
    assert.deepEqual(usage.take(), [
      { hourAt: startAt, tokenId, ownerId, code: 'valid', count: 2 },
      { hourAt: startAt + hourMs, tokenId, ownerId, code: 'valid', count: 1 },
      { hourAt: startAt, tokenId, ownerId, code: 'rate_limited', count: 1 },
    ])
    assert.deepEqual(usage.take(), [])
  })

  test('of what is no token of ours is counted by code and hour', () => {
    const usage = new UsageRecorder()
    for (const code of ['malformed', 'unknown', 'unknown'] as const) usage.count(undefined, code, startAt + 5)
    assert.deepEqual(usage.take(), [
      { hourAt: startAt, tokenId: null, ownerId: null, code: 'malformed', count: 1 },
      { hourAt: startAt, tokenId: null, ownerId: null, code: 'unknown', count: 2 },
    ])
  })

  test('is counted exactly, whatever comes in which order and however often writing fails', () => {
    const step = fc.oneof(
      fc.record({ of: fc.constantFrom('a', 'b', undefined), code: fc.constantFrom('valid', 'expired', 'unknown') }),
      fc.constantFrom('write', 'fail'),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (plan) => {
        const usage = new UsageRecorder()
        const tokens = new Map(['a', 'b'].map((id) => [id, remembered(id)]))
        const written: UsageCount[] = []
        const wanted = new Map<VerificationCode, number>()
        for (const [index, done] of plan.entries()) {
          if (done === 'write') written.push(...usage.take())
          else if (done === 'fail') usage.giveBack(usage.take())
          else {
            const code = done.code as VerificationCode
            usage.count(done.of === undefined ? undefined : tokens.get(done.of), code, startAt + index * 600_000)
            wanted.set(code, (wanted.get(code) ?? 0) + 1)
          }
        }
        written.push(...usage.take())
        for (const [code, count] of wanted) {
          assert.equal(sumOf(written.filter((one) => one.code === code)), count)
          assert.equal(usage.totals().get(code), count)
        }
        assert.equal(sumOf(written), plan.length - plan.filter((done) => typeof done === 'string').length)
      }),
    )
  })

  test('is bounded: of more tokens than there is room for, the codes are still counted exactly', () => {
    const usage = new UsageRecorder()
    for (let index = 0; index < pendingUsageMax + 10; index += 1) usage.count(remembered(`${index}`), 'valid', startAt)
    const taken = takeAll(usage)
    assert.equal(taken.length, pendingUsageMax + 1)
    assert.deepEqual(
      taken.filter(({ tokenId }) => tokenId === null).map(({ count }) => count),
      [10],
    )
  })

  test('is taken in portions', () => {
    const usage = new UsageRecorder()
    for (let index = 0; index <= usageTakenMax; index += 1) usage.count(remembered(`${index}`), 'valid', startAt)
    assert.equal(usage.take().length, usageTakenMax)
    assert.equal(usage.take().length, 1)
  })
})

describe('reading usage', () => {
  async function filled() {
    const world = makeWorld()
    const ada = await makePerson(world)
    const bob = await makePerson(world)
    const adas = await makeToken(world, ada, { label: 'laptop' })
    const bobs = await makeToken(world, bob)
    const manager = await makeManager(world, { scopes: ['chatelaine.tokens:read'] })
    const counted = (tokenId: TokenId | null, hoursAgo: number, code: VerificationCode, count: number): UsageCount => {
      const ownerId = tokenId === adas.token.id ? ada.account.id : tokenId === null ? null : bob.account.id
      return { hourAt: startAt - hoursAgo * hourMs, tokenId, ownerId, code, count }
    }
    await world.ports.usage.add([
      counted(adas.token.id, 2, 'valid', 5),
      counted(adas.token.id, 0, 'expired', 1),
      counted(bobs.token.id, 2, 'valid', 7),
      counted(null, 1, 'malformed', 3),
    ])
    return { world, ada, bob, adas, bobs, manager }
  }

  test('gives every hour its point, with the same codes in each and 0 where there was nothing', async () => {
    const { world, ada } = await filled()
    const usage = await readUsage(world.ports, ada, { by: 'hour' })
    assert.equal(usage.points.length, 24)
    assert.deepEqual(
      usage.points.slice(-3).map(({ at, total, codes }) => ({ at, total, codes })),
      [
        { at: startAt - 2 * hourMs, total: 5, codes: { valid: 5, expired: 0 } },
        { at: startAt - hourMs, total: 0, codes: { valid: 0, expired: 0 } },
        { at: startAt, total: 1, codes: { valid: 0, expired: 1 } },
      ],
    )
    assert.deepEqual([usage.total, usage.codes], [6, { valid: 5, expired: 1 }])
  })

  test('sums up the hours of a day', async () => {
    const { world, manager } = await filled()
    const usage = await readUsage(world.ports, manager.caller, { by: 'day' })
    assert.equal(usage.points.length, 30)
    assert.equal(usage.points.at(-1)?.at, startAt - (startAt % dayMs))
    assert.equal(usage.points.at(-1)?.total, 16)
  })

  test('of the whole deployment counts what was presented in vain, and nobody else hears of it', async () => {
    const { world, ada, manager } = await filled()
    assert.equal((await readUsage(world.ports, manager.caller, { by: 'hour' })).codes.malformed, 3)
    assert.equal((await readUsage(world.ports, ada, { by: 'hour' })).codes.malformed, undefined)
  })

  test('names the tokens that were verified most, as they are now', async () => {
    const { world, manager, adas, bobs } = await filled()
    const { topTokens } = await readUsage(world.ports, manager.caller, { by: 'hour' })
    assert.deepEqual(
      topTokens.map(({ token, ...counted }) => ({ ...counted, label: token?.label, accountId: token?.accountId })),
      [
        { tokenId: bobs.token.id, label: bobs.token.label, accountId: bobs.token.accountId, total: 7, valid: 7 },
        { tokenId: adas.token.id, label: 'laptop', accountId: adas.token.accountId, total: 6, valid: 5 },
      ],
    )
  })

  test('is within reach: one sees the own tokens, and another account and its tokens are not found', async () => {
    const { world, ada, bob, bobs, adas } = await filled()
    const others = [{ accountId: bob.account.id }, { tokenId: bobs.token.id }]
    for (const filter of others) {
      await refuses('not-found', () => readUsage(world.ports, ada, { by: 'hour', ...filter }))
    }
    await refuses('not-found', () => readTokenUsage(world.ports, ada, bobs.token.id, { by: 'hour' }))
    const own = await readTokenUsage(world.ports, ada, adas.token.id, { by: 'hour' })
    assert.equal(own.total, 6)
  })

  test('of one token says from where it was accepted, no longer ago than addresses are kept', async () => {
    const { world, ada, adas } = await filled()
    const { tokenId, used } = {
      tokenId: adas.token.id,
      used: { lastClient: null, count: 1, secret: 'newest' } as const,
    }
    const at = (hoursAgo: number, lastIp: string | null) => {
      const usedAt = startAt - hoursAgo * hourMs
      return { tokenId, firstAt: usedAt, lastAt: usedAt, lastIp, ...used }
    }
    const agos = [0, 1, 1, 30, 7 * 24 - 1, 7 * 24 + 1]
    await world.ports.tokens.recordUses(agos.map((hoursAgo) => at(hoursAgo, `192.0.2.${hoursAgo}`)))
    world.clock.pass(1)
    const lately = await readTokenUsage(world.ports, ada, tokenId, { by: 'hour' })
    assert.deepEqual(
      lately.usedFrom.addresses.map(({ ip, count }) => [ip, count]),
      [
        ['192.0.2.1', 2],
        ['192.0.2.0', 1],
      ],
    )
    assert.equal(lately.usedFromSince, lately.from)
    const month = await readTokenUsage(world.ports, ada, tokenId, { by: 'day' })
    assert.deepEqual([month.usedFrom.addressCount, month.usedFrom.elsewhere], [4, 0])
    assert.equal(month.usedFromSince, startAt - addressesKeptMs + hourMs)
    const longAgo = { from: startAt - 30 * dayMs, until: startAt - 20 * dayMs }
    assert.equal((await readTokenUsage(world.ports, ada, tokenId, { by: 'day', ...longAgo })).usedFrom.addressCount, 0)
  })

  test('tells of an old secret only within its own rotation', async () => {
    const { world, ada, adas } = await filled()
    const { token } = adas
    const use = { tokenId: token.id, secret: 'old', lastClient: null, count: 1 } as const
    const usedAgain = async (lastIp: string) => {
      const at = world.clock.now()
      await world.ports.tokens.recordUses([{ ...use, firstAt: at, lastAt: at, lastIp }])
    }
    const oldUses = async () => {
      const { usedFrom } = await readTokenUsage(world.ports, ada, token.id, { by: 'hour' })
      return usedFrom.addresses.map(({ ip, oldLastAt }) => [ip, oldLastAt])
    }
    await usedAgain('192.0.2.1')
    assert.deepEqual(await oldUses(), [['192.0.2.1', null]])
    world.clock.pass(minuteMs)
    await rotateToken(world.ports, ada, token.id)
    await usedAgain('192.0.2.2')
    assert.deepEqual(await oldUses(), [
      ['192.0.2.1', null],
      ['192.0.2.2', startAt + minuteMs],
    ])
  })

  test('is refused for a time or filters that make no sense', async () => {
    const { world, ada, manager, adas } = await filled()
    for (const ask of [
      { from: startAt, until: startAt },
      { from: startAt + 2 * hourMs },
      { from: startAt - (usagePointsMax + 1) * hourMs },
      { accountId: ada.account.id, tokenId: adas.token.id },
    ]) {
      await refuses('invalid-request', () => readUsage(world.ports, manager.caller, { by: 'hour', ...ask }))
    }
    const widest = { from: startAt - (usagePointsMax - 1) * hourMs, until: startAt + 1 }
    assert.equal((await readUsage(world.ports, ada, { by: 'hour', ...widest })).points.length, usagePointsMax)
  })
})
