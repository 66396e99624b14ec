import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { RateBucket, RateCounter, RateLimit } from '@chatelaine/core'
import * as fc from 'fast-check'

/** Opens a counter whose time is the caller's, closed when the test ends. */
export type OpenRates = (context: TestContext) => Promise<RateCounter>

/** In the future, so that what a counter forgets by its own clock is there until the test ends. */
const startAt = Date.parse('2126-11-22T10:00:00.000Z')

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

let bucketsMade = 0

/** A bucket that nobody has taken from. */
function newBucket(rate: RateLimit): RateBucket {
  bucketsMade += 1
  return { key: `tok_${bucketsMade}`, rate }
}

/** The promises of `RateCounter` while it counts. */
export function describeRateCounter(open: OpenRates, { skip }: { readonly skip: string | false }): void {
  const promise = (title: string, body: (counter: RateCounter) => Promise<void>): void => {
    test(title, { skip }, async (context) => body(await open(context)))
  }

  describe('RateCounter', () => {
    promise('admits exactly what a bucket admits that leaks one millisecond after the other', async (counter) => {
      await fc.assert(
        fc.asyncProperty(rates, attempts, async (rate, steps) => {
          const bucket = newBucket(rate)
          const slow = new SlowBucket(rate, startAt)
          let now = startAt
          for (const { afterMs, cost } of steps) {
            now += afterMs
            slow.waitUntil(now)
            const outcome = await counter.take([bucket], cost, now)
            assert.equal(outcome.admitted, slow.take(cost))
            assert.equal(outcome.standing.remaining, slow.remaining)
          }
        }),
        { numRuns: 60 },
      )
    })

    promise('admits its whole limit at once, and less than twice the limit in any window', async (counter) => {
      await fc.assert(
        fc.asyncProperty(rates, attempts, async (rate, steps) => {
          const bucket = newBucket(rate)
          const admitted: { at: number; cost: number }[] = []
          let now = startAt
          for (const { afterMs, cost } of [{ afterMs: 0, cost: rate.limit }, ...steps]) {
            now += afterMs
            const outcome = await counter.take([bucket], cost, now)
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

    promise('says to within one second when the same cost is admitted', async (counter) => {
      await fc.assert(
        fc.asyncProperty(rates, attempts, async (rate, steps) => {
          const bucket = newBucket(rate)
          let now = startAt
          for (const { afterMs, cost } of steps) {
            now += afterMs
            const outcome = await counter.take([bucket], cost, now)
            if (outcome.admitted) continue
            const { retryAfterSeconds, standing } = outcome
            if (retryAfterSeconds === null) {
              assert.ok(cost > rate.limit)
              continue
            }
            assert.ok(standing.resetSeconds >= retryAfterSeconds, 'the whole limit is there no earlier')
            if (retryAfterSeconds > 1) {
              const early = await counter.take([bucket], cost, now + (retryAfterSeconds - 1) * 1_000 - 1)
              assert.equal(early.admitted, false)
            }
            now += retryAfterSeconds * 1_000
            assert.equal((await counter.take([bucket], cost, now)).admitted, true)
          }
        }),
      )
    })

    promise('never admits a cost beyond the limit, and names no time for it', async (counter) => {
      assert.deepEqual(await counter.take([newBucket({ limit: 3, windowSeconds: 1 })], 4, startAt), {
        admitted: false,
        retryAfterSeconds: null,
        standing: { rate: { limit: 3, windowSeconds: 1 }, remaining: 3, resetSeconds: 0 },
      })
    })

    promise('counts time that goes back as time that stands still', async (counter) => {
      const bucket = newBucket({ limit: 2, windowSeconds: 10 })
      const isAdmitted = async (cost: number, at: number) => (await counter.take([bucket], cost, at)).admitted
      assert.equal(await isAdmitted(2, startAt), true)
      assert.equal(await isAdmitted(1, startAt - 3_600_000), false)
      assert.equal(await isAdmitted(1, startAt + 4_999), false)
      assert.equal(await isAdmitted(1, startAt + 5_000), true)
    })

    promise(
      'goes on from what was admitted when a rate is changed: it neither lets in nor locks out',
      async (counter) => {
        const { key } = newBucket({ limit: 1, windowSeconds: 1 })
        const hourly = { key, rate: { limit: 1_000, windowSeconds: 3_600 } }
        assert.equal((await counter.take([hourly], 1_000, startAt)).admitted, true)
        const lowered = await counter.take([{ key, rate: { limit: 10, windowSeconds: 1 } }], 1, startAt)
        assert.deepEqual([lowered.admitted, lowered.standing.remaining, lowered.standing.resetSeconds], [false, 0, 1])
        assert.equal((await counter.take([hourly], 1_000, startAt + 1)).admitted, false)
      },
    )

    promise('admits no more than the limit to whoever lowers it again and again', async (counter) => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 2, max: 30 }), async (limit) => {
          const { key } = newBucket({ limit, windowSeconds: 60 })
          let admitted = 0
          for (let lowered = limit; lowered >= 1; lowered -= 1) {
            const bucket = { key, rate: { limit: lowered, windowSeconds: 60 } }
            while ((await counter.take([bucket], 1, startAt)).admitted) admitted += 1
          }
          assert.equal(admitted, limit)
        }),
        { numRuns: 20 },
      )
    })

    promise('counts the largest rate in whole numbers', async (counter) => {
      const bucket = newBucket({ limit: 1_000_000, windowSeconds: 31 * 86_400 })
      for (let taken = 1_000; taken <= 1_000_000; taken += 1_000) {
        const outcome = await counter.take([bucket], 1_000, startAt)
        assert.deepEqual([outcome.admitted, outcome.standing.remaining], [true, 1_000_000 - taken])
      }
      assert.equal((await counter.take([bucket], 1, startAt)).admitted, false)
      // One admission of this rate drains in 2 678.4 ms.
      assert.equal((await counter.take([bucket], 1, startAt + 2_678)).admitted, false)
      assert.equal((await counter.take([bucket], 1, startAt + 2_679)).admitted, true)
    })

    promise('never took what is given back at once', async (counter) => {
      await fc.assert(
        fc.asyncProperty(rates, attempts, async (rate, steps) => {
          const [bucket, untouched] = [newBucket(rate), newBucket(rate)]
          let now = startAt
          for (const { afterMs, cost } of steps) {
            now += afterMs
            const taken = await counter.take([bucket], cost, now)
            if (taken.admitted) await counter.giveBack([bucket], cost, now, now)
            assert.deepEqual(await counter.take([bucket], 1, now), await counter.take([untouched], 1, now))
          }
        }),
      )
    })

    promise('given back late, admits nothing that it would have refused had nothing been taken', async (counter) => {
      const taken = fc.record({ cost: fc.integer({ min: 1, max: 14 }), takenAfter: fc.nat(10), backAfter: fc.nat(30) })
      await fc.assert(
        fc.asyncProperty(rates, attempts, taken, async (rate, steps, { cost: lent, takenAfter, backAfter }) => {
          const [bucket, untouched] = [newBucket(rate), newBucket(rate)]
          let now = startAt
          let takenAt: number | undefined
          for (const [index, { afterMs, cost }] of steps.entries()) {
            now += afterMs
            if (index === takenAfter && (await counter.take([bucket], lent, now)).admitted) takenAt = now
            if (index === takenAfter + backAfter && takenAt !== undefined) {
              await counter.giveBack([bucket], lent, takenAt, now)
            }
            const { admitted } = await counter.take([bucket], cost, now)
            // What one bucket refuses, the other is spared, so that both have admitted the same.
            if (admitted) assert.equal((await counter.take([untouched], cost, now)).admitted, true)
          }
        }),
      )
    })

    promise(
      'gives nothing back of a rate that was changed since, as what was counted under the former one is only roughly known',
      async (counter) => {
        const former = newBucket({ limit: 1, windowSeconds: 60 })
        const wider = { ...former, rate: { limit: 2, windowSeconds: 60 } }
        await counter.take([former], 1, startAt)
        await counter.take([wider], 1, startAt)
        await counter.giveBack([former], 1, startAt, startAt)
        assert.equal((await counter.take([wider], 1, startAt)).admitted, false)
      },
    )

    promise('takes from several buckets together or not at all', async (counter) => {
      const narrow = newBucket({ limit: 1, windowSeconds: 60 })
      const wide = newBucket({ limit: 3, windowSeconds: 10 })
      assert.equal((await counter.take([narrow, wide], 1, startAt)).admitted, true)
      for (let tries = 0; tries < 20; tries += 1) {
        assert.equal((await counter.take([narrow, wide], 1, startAt)).admitted, false)
      }
      assert.equal((await counter.take([wide], 2, startAt)).admitted, true, 'the refusals took nothing of the wide one')
      assert.equal((await counter.take([wide], 1, startAt)).admitted, false)
    })

    promise(
      'shows the bucket that refuses for longest, and of those that admit the one with least left',
      async (counter) => {
        const narrow = newBucket({ limit: 1, windowSeconds: 60 })
        const wide = newBucket({ limit: 3, windowSeconds: 10 })
        const admitted = await counter.take([wide, narrow], 1, startAt)
        assert.deepEqual([admitted.standing.rate, admitted.standing.remaining], [narrow.rate, 0])
        await counter.take([wide], 2, startAt)
        const refused = await counter.take([wide, narrow], 1, startAt)
        assert.ok(!refused.admitted)
        assert.deepEqual([refused.retryAfterSeconds, refused.standing.rate], [60, narrow.rate])
      },
    )
  })
}
