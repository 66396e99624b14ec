import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { admit, isNoMore, MemoryRates, ShareRates, type RateLimit, type RateState } from '@chatelaine/core'
import { startAt } from './world.ts'

// What every counter promises is in tests/contract/rate-counter.ts.

test('a rate at its largest is counted in whole numbers', () => {
  const rate = { limit: 1_000_000, windowSeconds: 31 * 86_400 }
  let state: RateState | undefined
  for (let taken = 0; taken < 1_000_000; taken += 1_000) {
    const admission = admit(rate, state, 1_000, startAt)
    assert.ok(admission.admitted && Number.isSafeInteger(admission.state.debt))
    state = admission.state
  }
  assert.equal(admit(rate, state, 1, startAt).admitted, false)
})

test('counters in memory beyond the bound begin anew, the one begun longest ago first', () => {
  const counter = new MemoryRates(2)
  const rate = { limit: 1, windowSeconds: 60 }
  for (const key of ['a', 'b', 'c']) assert.equal(counter.take([{ key, rate }], 1, startAt).admitted, true)
  assert.equal(counter.countAt(startAt), 2)
  assert.equal(counter.take([{ key: 'c', rate }], 1, startAt).admitted, false)
  assert.equal(counter.take([{ key: 'a', rate }], 1, startAt).admitted, true)
})

describe('shares of a rate', () => {
  const rate = { limit: 100, windowSeconds: 3_600 }
  const bucket = { key: 'tok_a', rate }

  test('admit together no more than the limit, and one each where there are more instances than that', () => {
    for (const [instances, admittedEach] of [
      [1, 100],
      [3, 33],
      [100, 1],
      [250, 1],
    ] as const) {
      const shares = new ShareRates(10, () => instances)
      let admitted = 0
      while (shares.take([bucket], 1, startAt).admitted) admitted += 1
      assert.equal(admitted, admittedEach, `of ${instances}`)
    }
  })

  test('shrink and grow with the number of instances, from what was admitted before', () => {
    let instances = 2
    const shares = new ShareRates(10, () => instances)
    for (let taken = 0; taken < 30; taken += 1) shares.take([bucket], 1, startAt)
    instances = 4
    assert.equal(shares.take([bucket], 1, startAt).admitted, false, '30 are more than 25')
    instances = 2
    let admitted = 0
    while (shares.take([bucket], 1, startAt).admitted) admitted += 1
    assert.equal(admitted, 20)
  })

  test('ask to come back for what is within the limit and beyond the share, and never for what is beyond both', () => {
    const shares = new ShareRates(10, () => 4)
    const retryOf = (cost: number): number | null | undefined => {
      const outcome = shares.take([bucket], cost, startAt)
      return outcome.admitted ? undefined : outcome.retryAfterSeconds
    }
    assert.equal(retryOf(26), 5)
    assert.equal(retryOf(101), null)
  })

  test('tell what was admitted once, and no more of it than has not drained', () => {
    const shares = new ShareRates(10, () => 4)
    const windowMs = 3_600_000
    shares.take([bucket], 10, startAt)
    const first = shares.untold(startAt)
    assert.deepEqual(
      first.map(({ key, rate: whole, debt }) => ({ key, whole, debt })),
      [{ key: 'tok_a', whole: rate, debt: 10 * windowMs }],
    )
    shares.told(first)
    assert.deepEqual(shares.untold(startAt), [])
    shares.take([bucket], 3, startAt + 60_000)
    assert.equal(shares.untold(startAt + 60_000)[0]?.debt, 3 * windowMs)
    assert.deepEqual(shares.untold(startAt + 2 * windowMs), [])
  })
})

test('a rate is no more than another exactly when it admits no more at once and over time', () => {
  const rate = (limit: number, windowSeconds: number): RateLimit => ({ limit, windowSeconds })
  assert.equal(isNoMore(null, null), true)
  assert.equal(isNoMore(null, rate(1, 1)), false)
  assert.equal(isNoMore(rate(1, 1), null), true)
  assert.equal(isNoMore(rate(10, 60), rate(10, 60)), true)
  assert.equal(isNoMore(rate(10, 59), rate(10, 60)), false)
  assert.equal(isNoMore(rate(5, 30), rate(10, 60)), true)
  assert.equal(isNoMore(rate(11, 6_000), rate(10, 60)), false)
})

test('a counter that has drained is forgotten, also while nobody asks how many there are', () => {
  const counter = new MemoryRates(500)
  const minutely = (key: string) => [{ key, rate: { limit: 1, windowSeconds: 60 } }]
  const hourly = [{ key: 'hourly', rate: { limit: 1, windowSeconds: 3_600 } }]
  counter.take(hourly, 1, startAt)
  for (let taken = 0; taken < 2_000; taken += 1) counter.take(minutely(`a${taken}`), 1, startAt + taken * 1_000)
  assert.equal(counter.countAt(startAt + 2_000_000), 60, 'those of the last minute, and the one of an hour')
  assert.equal(counter.take(hourly, 1, startAt + 2_000_000).admitted, false, 'it did not have to give way')
  assert.equal(counter.countAt(startAt + 3_600_000), 0)
})
