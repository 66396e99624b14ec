import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  admit,
  isNoMore,
  MemoryRates,
  type RateBucket,
  type RateLimit,
  type RateOutcome,
  type RateState,
} from '@chatelaine/core'
import * as fc from 'fast-check'
import { startAt } from './world.ts'

const rates: fc.Arbitrary<RateLimit> = fc.record({
  limit: fc.integer({ min: 1, max: 12 }),
  windowSeconds: fc.integer({ min: 1, max: 3 }),
})

interface Attempt {
  readonly afterMs: number
  readonly cost: number
}

const attempts: fc.Arbitrary<Attempt[]> = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.constantFrom(0, 1, 999, 1_000), fc.integer({ min: 0, max: 4_000 })),
    cost: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 14 })),
  }),
  { maxLength: 40 },
)

/**
 * A bucket that leaks, one millisecond after the other, in whole numbers: it holds `limit` × window, each cost of 1 pours
 * in one window, and each millisecond lets `limit` out.
 */
class SlowBucket {
  readonly #rate: RateLimit
  #level = 0n
  #now: number

  constructor(rate: RateLimit, now: number) {
    this.#rate = rate
    this.#now = now
  }

  get #windowMs(): bigint {
    return BigInt(this.#rate.windowSeconds * 1_000)
  }

  waitUntil(now: number): void {
    for (; this.#now < now; this.#now += 1) {
      this.#level -= BigInt(this.#rate.limit)
      if (this.#level < 0n) this.#level = 0n
    }
  }

  take(cost: number): boolean {
    const level = this.#level + BigInt(cost) * this.#windowMs
    if (level > BigInt(this.#rate.limit) * this.#windowMs) return false
    this.#level = level
    return true
  }

  get remaining(): number {
    return Number((BigInt(this.#rate.limit) * this.#windowMs - this.#level) / this.#windowMs)
  }
}

const bucketOf = (rate: RateLimit, key = 'tok_a'): RateBucket => ({ key, rate })

function takeOf(rates: MemoryRates, buckets: readonly RateBucket[], cost: number, now: number): RateOutcome {
  return rates.take(buckets, cost, now)
}

describe('a rate', () => {
  test('admits exactly what a bucket admits that leaks one millisecond after the other', () => {
    fc.assert(
      fc.property(rates, attempts, (rate, steps) => {
        const counter = new MemoryRates(10)
        const slow = new SlowBucket(rate, startAt)
        let now = startAt
        for (const { afterMs, cost } of steps) {
          now += afterMs
          slow.waitUntil(now)
          const outcome = takeOf(counter, [bucketOf(rate)], cost, now)
          assert.equal(outcome.admitted, slow.take(cost))
          assert.equal(outcome.standing.remaining, slow.remaining)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('admits its whole limit at once, and less than twice the limit in any window', () => {
    fc.assert(
      fc.property(rates, attempts, (rate, steps) => {
        const counter = new MemoryRates(10)
        const admitted: { at: number; cost: number }[] = []
        let now = startAt
        for (const { afterMs, cost } of [{ afterMs: 0, cost: rate.limit }, ...steps]) {
          now += afterMs
          const outcome = takeOf(counter, [bucketOf(rate)], cost, now)
          if (outcome.admitted) admitted.push({ at: now, cost })
        }
        assert.equal(admitted[0]?.cost, rate.limit)
        for (const { at } of admitted) {
          const inWindow = admitted.filter((one) => one.at >= at && one.at < at + rate.windowSeconds * 1_000)
          assert.ok(inWindow.reduce((sum, { cost }) => sum + cost, 0) < 2 * rate.limit)
        }
      }),
    )
  })

  test('says to within one second when the same cost is admitted, and that the whole limit is there no earlier', () => {
    fc.assert(
      fc.property(rates, attempts, (rate, steps) => {
        const counter = new MemoryRates(10)
        let now = startAt
        for (const { afterMs, cost } of steps) {
          now += afterMs
          const outcome = takeOf(counter, [bucketOf(rate)], cost, now)
          if (outcome.admitted) continue
          const { retryAfterSeconds, standing } = outcome
          if (retryAfterSeconds === null) {
            assert.ok(cost > rate.limit)
            continue
          }
          assert.ok(standing.resetSeconds >= retryAfterSeconds)
          if (retryAfterSeconds > 1) {
            assert.equal(
              takeOf(counter, [bucketOf(rate)], cost, now + (retryAfterSeconds - 1) * 1_000 - 1).admitted,
              false,
            )
          }
          now += retryAfterSeconds * 1_000
          assert.equal(takeOf(counter, [bucketOf(rate)], cost, now).admitted, true)
        }
      }),
    )
  })

  test('never admits a cost beyond the limit, and names no time for it', () => {
    const outcome = takeOf(new MemoryRates(1), [bucketOf({ limit: 3, windowSeconds: 1 })], 4, startAt)
    assert.deepEqual(outcome, {
      admitted: false,
      retryAfterSeconds: null,
      standing: { rate: { limit: 3, windowSeconds: 1 }, remaining: 3, resetSeconds: 0 },
    })
  })

  test('counts time that goes back as time that stands still', () => {
    const rate = { limit: 2, windowSeconds: 10 }
    const counter = new MemoryRates(1)
    assert.equal(takeOf(counter, [bucketOf(rate)], 2, startAt).admitted, true)
    assert.equal(takeOf(counter, [bucketOf(rate)], 1, startAt - 3_600_000).admitted, false)
    assert.equal(takeOf(counter, [bucketOf(rate)], 1, startAt + 4_999).admitted, false)
    assert.equal(takeOf(counter, [bucketOf(rate)], 1, startAt + 5_000).admitted, true)
  })

  test('that is changed goes on from what was admitted: it neither lets in nor locks out', () => {
    const counter = new MemoryRates(1)
    const hourly = { limit: 1_000, windowSeconds: 3_600 }
    assert.equal(takeOf(counter, [bucketOf(hourly)], 1_000, startAt).admitted, true)
    const lowered = takeOf(counter, [bucketOf({ limit: 10, windowSeconds: 1 })], 1, startAt)
    assert.deepEqual([lowered.admitted, lowered.standing.remaining, lowered.standing.resetSeconds], [false, 0, 1])
    const back = takeOf(counter, [bucketOf(hourly)], 1_000, startAt + 1)
    assert.equal(back.admitted, false)
  })

  test('that its holder lowers again and again admits no more than it did', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), (limit) => {
        const counter = new MemoryRates(1)
        let admitted = 0
        for (let lowered = limit; lowered >= 1; lowered -= 1) {
          while (takeOf(counter, [bucketOf({ limit: lowered, windowSeconds: 60 })], 1, startAt).admitted) admitted += 1
        }
        assert.equal(admitted, limit)
      }),
    )
  })

  test('that is given back at once was never taken', () => {
    fc.assert(
      fc.property(rates, attempts, (rate, steps) => {
        const [counter, untouched] = [new MemoryRates(1), new MemoryRates(1)]
        const buckets = [bucketOf(rate)]
        let now = startAt
        for (const { afterMs, cost } of steps) {
          now += afterMs
          if (takeOf(counter, buckets, cost, now).admitted) counter.giveBack(buckets, cost, now, now)
          assert.deepEqual(takeOf(counter, buckets, 1, now), takeOf(untouched, buckets, 1, now))
        }
      }),
    )
  })

  test('that is given back late admits nothing that it would have refused, had nothing been taken', () => {
    const taken = fc.record({ cost: fc.integer({ min: 1, max: 14 }), takenAfter: fc.nat(10), backAfter: fc.nat(30) })
    fc.assert(
      fc.property(rates, attempts, taken, (rate, steps, { cost: lent, takenAfter, backAfter }) => {
        const [counter, untouched] = [new MemoryRates(1), new MemoryRates(1)]
        const buckets = [bucketOf(rate)]
        let now = startAt
        let takenAt: number | undefined
        for (const [index, { afterMs, cost }] of steps.entries()) {
          now += afterMs
          if (index === takenAfter && takeOf(counter, buckets, lent, now).admitted) takenAt = now
          if (index === takenAfter + backAfter && takenAt !== undefined) {
            counter.giveBack(buckets, lent, takenAt, now)
          }
          const isAdmitted = takeOf(counter, buckets, cost, now).admitted
          // What one counter refuses, the other is spared, so that both have admitted the same.
          if (isAdmitted) assert.equal(takeOf(untouched, buckets, cost, now).admitted, true)
        }
      }),
    )
  })

  test('that was changed since is given nothing back, as what was counted under the former one is only roughly known', () => {
    const counter = new MemoryRates(1)
    const former = [bucketOf({ limit: 1, windowSeconds: 60 })]
    const wider = [bucketOf({ limit: 2, windowSeconds: 60 })]
    takeOf(counter, former, 1, startAt)
    takeOf(counter, wider, 1, startAt)
    counter.giveBack(former, 1, startAt, startAt)
    assert.equal(takeOf(counter, wider, 1, startAt).admitted, false)
  })

  test('at its largest is counted in whole numbers', () => {
    const rate = { limit: 1_000_000, windowSeconds: 31 * 86_400 }
    let state: RateState | undefined
    for (let taken = 0; taken < 1_000_000; taken += 1_000) {
      const admission = admit(rate, state, 1_000, startAt)
      assert.ok(admission.admitted && Number.isSafeInteger(admission.state.debt))
      state = admission.state
    }
    assert.equal(admit(rate, state, 1, startAt).admitted, false)
  })
})

describe('several rates', () => {
  const narrow = bucketOf({ limit: 1, windowSeconds: 60 }, 'tok_child')
  const wide = bucketOf({ limit: 3, windowSeconds: 10 }, 'tok_parent')

  test('are taken from together or not at all', () => {
    const counter = new MemoryRates(10)
    assert.equal(takeOf(counter, [narrow, wide], 1, startAt).admitted, true)
    for (let tries = 0; tries < 20; tries += 1) {
      assert.equal(takeOf(counter, [narrow, wide], 1, startAt).admitted, false)
    }
    assert.equal(takeOf(counter, [wide], 2, startAt).admitted, true, 'the refusals took nothing from the wide one')
    assert.equal(takeOf(counter, [wide], 1, startAt).admitted, false)
  })

  test('show the one that refuses for longest, and of those that admit the one with least left', () => {
    const counter = new MemoryRates(10)
    const admitted = takeOf(counter, [wide, narrow], 1, startAt)
    assert.deepEqual([admitted.standing.rate, admitted.standing.remaining], [narrow.rate, 0])
    takeOf(counter, [wide], 2, startAt)
    const refused = takeOf(counter, [wide, narrow], 1, startAt)
    assert.ok(!refused.admitted)
    assert.deepEqual([refused.retryAfterSeconds, refused.standing.rate], [60, narrow.rate])
  })

  test('beyond the bound begin anew, the one begun longest ago first', () => {
    const counter = new MemoryRates(2)
    const one = { limit: 1, windowSeconds: 60 }
    for (const key of ['a', 'b', 'c']) assert.equal(takeOf(counter, [bucketOf(one, key)], 1, startAt).admitted, true)
    assert.equal(counter.size, 2)
    assert.equal(takeOf(counter, [bucketOf(one, 'c')], 1, startAt).admitted, false)
    assert.equal(takeOf(counter, [bucketOf(one, 'a')], 1, startAt).admitted, true)
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
