import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  addressesPerHourMax,
  clientName,
  hourMs,
  hourOf,
  pendingUsesMax,
  UseRecorder,
  usesTakenMax,
  type ObservedUse,
  type Remembered,
} from '@chatelaine/core'
import * as fc from 'fast-check'
import { standingOf, tokenLike } from './examples.ts'
import { makePerson, makeToken, makeWorld, reread } from './world.ts'

function remembered(id: string): Remembered<null> {
  const standing = standingOf(tokenLike({ id: `tok_${id}` }))
  return {
    ...standing,
    position: { epoch: 'e', seq: 1 },
    prepared: null,
    askedProjectId: null,
    ancestorIds: [],
    pendingUses: undefined,
    pendingUsage: undefined,
  }
}

function takeAll(uses: UseRecorder): ObservedUse[] {
  const taken: ObservedUse[] = []
  for (let some = uses.take(); some.length > 0; some = uses.take()) taken.push(...some)
  return taken
}

describe('uses', () => {
  test('of one token and address between two writings are one observation: first, last, and how many', () => {
    const uses = new UseRecorder()
    const token = remembered('a')
    uses.record(token, 10, '192.0.2.1', 'curl/8')
    uses.record(token, 20, '192.0.2.1', null)
    uses.record(token, 30, '192.0.2.1', 'node')
    assert.deepEqual(uses.take(), [
      {
        tokenId: 'tok_a',
        secret: 'newest',
        firstAt: 10,
        lastAt: 30,
        lastIp: '192.0.2.1',
        lastClient: 'node',
        count: 3,
      },
    ])
    assert.deepEqual(uses.take(), [])
    assert.equal(token.pendingUses, undefined)
  })

  test('from several addresses in turn are one observation for each, and one where the address is not known', () => {
    const uses = new UseRecorder()
    const token = remembered('a')
    for (const [at, ip] of ['192.0.2.1', null, '192.0.2.1', '192.0.2.2', null, '192.0.2.1'].entries()) {
      uses.record(token, at, ip, null)
    }
    assert.deepEqual(
      uses.take().map(({ lastIp, firstAt, lastAt, count }) => [lastIp, firstAt, lastAt, count]),
      [
        ['192.0.2.1', 0, 5, 3],
        [null, 1, 4, 2],
        ['192.0.2.2', 3, 3, 1],
      ],
    )
  })

  test('belong to their hour, whichever way the clock is set meanwhile', () => {
    const uses = new UseRecorder()
    const token = remembered('a')
    for (const at of [hourMs - 1, hourMs, hourMs + 1, 5]) uses.record(token, at, '192.0.2.1', null)
    const taken = uses.take()
    assert.deepEqual(
      taken.map(({ firstAt, lastAt, count }) => [hourOf(firstAt), hourOf(lastAt), count]),
      [
        [0, 0, 1],
        [hourMs, hourMs, 2],
        [0, 0, 1],
      ],
    )
  })

  test('from more addresses than are told apart within an hour come together, and the last of them is known', () => {
    const uses = new UseRecorder()
    const token = remembered('a')
    const everyAddress = Array.from({ length: addressesPerHourMax + 3 }, (_, index) => `192.0.2.${index}`)
    for (const time of [1, 2]) for (const ip of everyAddress) uses.record(token, time, ip, null)
    const [together, ...apart] = uses.take().toReversed()
    assert.deepEqual([together?.isOfSeveral, together?.count, together?.lastIp], [true, 6, everyAddress.at(-1)])
    assert.equal(apart.length, addressesPerHourMax)
    assert.ok(apart.every(({ count, isOfSeveral }) => count === 2 && isOfSeveral === undefined))
    uses.record(token, 3, everyAddress.at(-1)!, null)
    assert.equal(uses.take()[0]?.isOfSeveral, undefined)
  })

  test('after a writing are gathered anew', () => {
    const uses = new UseRecorder()
    const token = remembered('a')
    uses.record(token, 10, null, null)
    uses.take()
    uses.record(token, 20, null, null)
    assert.deepEqual(
      uses.take().map(({ firstAt, count }) => ({ firstAt, count })),
      [{ firstAt: 20, count: 1 }],
    )
  })

  test('that could not be written come back with the next writing, and no use is lost or counted twice', () => {
    const use = fc.record({ id: fc.constantFrom('a', 'b', 'c'), ip: fc.constantFrom('192.0.2.1', '192.0.2.2', null) })
    const steps = fc.array(fc.oneof(use, fc.constantFrom('fail', 'write')), { maxLength: 40 })
    fc.assert(
      fc.property(steps, (plan) => {
        const uses = new UseRecorder()
        const tokens = new Map(['a', 'b', 'c'].map((id) => [id, remembered(id)]))
        const written = new Map<string, number>()
        const write = (): void => {
          for (const { tokenId, lastIp, count } of uses.take()) {
            const name = `${tokenId} ${lastIp}`
            written.set(name, (written.get(name) ?? 0) + count)
          }
        }
        for (const [at, step] of plan.entries()) {
          if (step === 'write') write()
          else if (step === 'fail') uses.giveBack(uses.take())
          else uses.record(tokens.get(step.id)!, at, step.ip, null)
        }
        write()
        const recorded = plan.filter((step) => typeof step !== 'string').map(({ id, ip }) => `tok_${id} ${ip}`)
        assert.deepEqual(
          written,
          new Map([...Map.groupBy(recorded, (name) => name)].map(([name, all]) => [name, all.length])),
        )
      }),
    )
  })

  test('are bounded: of more tokens the rest is not observed, and what is held goes on being counted', () => {
    const uses = new UseRecorder()
    const first = remembered('first')
    uses.record(first, 1, null, null)
    for (let index = 1; index < pendingUsesMax + 10; index += 1) uses.record(remembered(`${index}`), 1, null, null)
    uses.record(first, 2, null, null)
    const taken = takeAll(uses)
    assert.deepEqual([taken.length, taken[0]?.count], [pendingUsesMax, 2])
    uses.giveBack([...taken, ...taken])
    assert.equal(takeAll(uses).length, pendingUsesMax)
  })

  test('are taken in portions, and what goes on meanwhile is taken with the next', () => {
    const uses = new UseRecorder()
    const last = remembered('last')
    for (let index = 1; index <= usesTakenMax; index += 1) uses.record(remembered(`${index}`), 1, null, null)
    uses.record(last, 1, null, null)
    assert.equal(uses.take().length, usesTakenMax)
    uses.record(last, 2, null, null)
    assert.deepEqual(
      uses.take().map(({ tokenId, lastAt }) => [tokenId, lastAt]),
      [
        ['tok_last', 1],
        ['tok_last', 2],
      ],
    )
  })

  test('that are added late leave the last use what it was', async () => {
    const world = makeWorld()
    const { token } = await makeToken(world, await makePerson(world))
    const observed = { tokenId: token.id, secret: 'newest', lastClient: null, count: 2 } as const
    await world.ports.tokens.recordUses([
      { ...observed, firstAt: 50, lastAt: 60, lastIp: '192.0.2.60' },
      { ...observed, firstAt: 30, lastAt: 40, lastIp: '192.0.2.40' },
      { ...observed, tokenId: 'tok_0000000000000000', firstAt: 1, lastAt: 1, lastIp: null },
    ])
    const { use, changedSeq } = await reread(world, token)
    const { firstAt, lastAt, lastIp, lastClient, count } = use
    assert.deepEqual([firstAt, lastAt, lastIp, lastClient, count], [30, 60, '192.0.2.60', null, 4])
    assert.equal(changedSeq, token.changedSeq)
  })
})

test('what a client calls itself is the first product of its User-Agent, short and printable', () => {
  assert.equal(clientName('curl/8.5.0 (x86_64) libcurl/8.5.0'), 'curl/8.5.0')
  assert.equal(clientName('Mozilla/5.0'), 'Mozilla/5.0')
  assert.equal(clientName('a'.repeat(1_000))?.length, 64)
  for (const none of [undefined, '', ' curl', '\u0000curl', 'é', '\ncurl']) assert.equal(clientName(none), null)
  assert.equal(clientName('curl\r\nSet-Cookie: x'), 'curl')
})
