import assert from 'node:assert/strict'
import { dayMs, hourMs, type AccountId, type TokenId, type UsageCount, type UsageExtent } from '@chatelaine/core'
import { describePort, type OpenStorage, type SuiteOptions } from './suite.ts'

const midnight = Date.parse('2026-11-22T00:00:00.000Z')
const [ada, bob]: AccountId[] = ['acc_0000000000000001', 'acc_0000000000000002']
const [one, two, three]: TokenId[] = ['tok_0000000000000001', 'tok_0000000000000002', 'tok_0000000000000003']

const wide: UsageExtent = { by: 'hour', from: midnight - 10 * dayMs, until: midnight + 10 * dayMs }

function counted(count: number, more: Partial<UsageCount> = {}): UsageCount {
  return { hourAt: midnight, tokenId: one!, ownerId: ada!, code: 'valid', count, ...more }
}

/** The promises of `UsageStore`. */
export function describeUsageStore(open: OpenStorage, options: SuiteOptions): void {
  describePort('UsageStore', open, options, (promise) => {
    promise('counts are added to what is there, and leave no entry in the log', async ({ usage, source }) => {
      await usage.add([counted(2), counted(3)])
      await usage.add([counted(4)])
      assert.deepEqual(await usage.sum({ tokenId: one! }, wide), [{ at: midnight, code: 'valid', count: 9 }])
      assert.equal(source.position().seq, 0)
    })

    promise('a sum is of one token, of one owner or of everything', async ({ usage }) => {
      await usage.add([
        counted(1),
        counted(10, { tokenId: two! }),
        counted(100, { tokenId: three!, ownerId: bob! }),
        counted(1_000, { tokenId: three!, ownerId: null }),
        counted(10_000, { tokenId: null, ownerId: null }),
      ])
      const sumOf = async (scope: Parameters<typeof usage.sum>[0]) =>
        (await usage.sum(scope, wide)).map(({ count }) => count)
      assert.deepEqual(await sumOf({ tokenId: two! }), [10])
      assert.deepEqual(await sumOf({ ownerId: ada! }), [11])
      assert.deepEqual(await sumOf('all'), [11_111])
      assert.deepEqual(await sumOf({ ownerId: 'prj_0000000000000009' }), [])
    })

    promise('sums are by code and hour, in the order of time, and only of the time asked for', async ({ usage }) => {
      await usage.add([
        counted(1, { hourAt: midnight + 2 * hourMs }),
        counted(2, { hourAt: midnight + hourMs, code: 'expired' }),
        counted(3, { hourAt: midnight + hourMs }),
        counted(4, { hourAt: midnight }),
        counted(5, { hourAt: midnight + 3 * hourMs }),
      ])
      const extent: UsageExtent = { by: 'hour', from: midnight + hourMs, until: midnight + 3 * hourMs }
      assert.deepEqual(await usage.sum('all', extent), [
        { at: midnight + hourMs, code: 'expired', count: 2 },
        { at: midnight + hourMs, code: 'valid', count: 3 },
        { at: midnight + 2 * hourMs, code: 'valid', count: 1 },
      ])
    })

    promise('by day the hours of a day of UTC are summed up', async ({ usage }) => {
      await usage.add([
        counted(1),
        counted(2, { hourAt: midnight + 23 * hourMs }),
        counted(4, { hourAt: midnight + dayMs }),
        counted(8, { hourAt: midnight - 9 * dayMs }),
        counted(16, { hourAt: midnight + 9 * dayMs + hourMs }),
      ])
      assert.deepEqual(await usage.sum('all', { ...wide, by: 'day' }), [
        { at: midnight - 9 * dayMs, code: 'valid', count: 8 },
        { at: midnight, code: 'valid', count: 3 },
        { at: midnight + dayMs, code: 'valid', count: 4 },
        { at: midnight + 9 * dayMs, code: 'valid', count: 16 },
      ])
    })

    promise('the tokens verified most come first, with how many were accepted', async ({ usage }) => {
      await usage.add([
        counted(1),
        counted(5, { code: 'rate_limited', hourAt: midnight + dayMs }),
        counted(3, { tokenId: two! }),
        counted(9, { tokenId: three!, ownerId: bob! }),
        counted(99, { tokenId: null, ownerId: null }),
      ])
      const tokensOf = async (scope: Parameters<typeof usage.topTokens>[0], limit = 10) =>
        (await usage.topTokens(scope, wide, limit)).tokens
      const [first, second, third] = [
        { tokenId: three!, total: 9, valid: 9 },
        { tokenId: one!, total: 6, valid: 1 },
        { tokenId: two!, total: 3, valid: 3 },
      ]
      assert.deepEqual(await tokensOf('all'), [first, second, third])
      assert.deepEqual(await tokensOf('all', 2), [first, second])
      assert.deepEqual(await tokensOf({ ownerId: ada! }), [second, third])
      assert.deepEqual(await tokensOf({ tokenId: two! }), [third])
    })

    promise('of many tokens in one hour and in many hours none is passed over', async ({ usage }) => {
      const idOf = (index: number): TokenId => `tok_${String(index).padStart(16, '0')}`
      const many = Array.from({ length: 4_500 }, (_, index) =>
        counted(1, { tokenId: idOf(index), hourAt: midnight + (index < 4_100 ? 0 : (index % 7) * hourMs) }),
      )
      for (let at = 0; at < many.length; at += 1_000) await usage.add(many.slice(at, at + 1_000))
      const { from, tokens } = await usage.topTokens('all', wide, many.length)
      assert.equal(from, wide.from)
      assert.deepEqual(
        tokens.map(({ tokenId }) => tokenId),
        many.map(({ tokenId }) => tokenId),
      )
    })

    promise('sums of hours that began before an instant are removed, and no others', async ({ usage, source }) => {
      const old = Array.from({ length: 700 }, (_, index) => counted(1, { hourAt: midnight - (index + 1) * hourMs }))
      await usage.add([...old, counted(8)])
      await usage.forgetBefore(midnight)
      const everything: UsageExtent = { ...wide, from: midnight - 1_000 * hourMs }
      assert.deepEqual(await usage.sum('all', everything), [{ at: midnight, code: 'valid', count: 8 }])
      assert.equal((await usage.topTokens('all', everything, 10)).tokens[0]?.total, 8)
      assert.equal(source.position().seq, 0)
    })
  })
}
