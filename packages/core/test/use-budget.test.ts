import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Failure, UseBudget, type TokenId } from '@chatelaine/core'
import { refuses } from './failures.ts'

const id: TokenId = 'tok_0000000000000001'

/** The stored number of uses of one token, and how it was reserved. */
function storeWith(left: number) {
  const state = { left, reservations: [] as number[], fails: false }
  return {
    state,
    async reserveUses(_id: TokenId, count: number) {
      state.reservations.push(count)
      await Promise.resolve()
      if (state.fails) throw new Failure('unavailable', 'The disk is full.')
      const reserved = Math.min(count, state.left)
      state.left -= reserved
      return { reserved, left: state.left }
    },
    async returnUses(_id: TokenId, count: number) {
      state.left += count
    },
  }
}

async function spendAtOnce(budget: UseBudget, times: number): Promise<number> {
  const spent = await Promise.all(Array.from({ length: times }, async () => budget.spend(id)))
  return spent.filter(Boolean).length
}

describe('a number of uses', () => {
  for (const left of [0, 1, 7, 199, 200]) {
    test(`is spent exactly: of 200 at once ${left} succeed where ${left} are left`, async () => {
      const store = storeWith(left)
      assert.equal(await spendAtOnce(new UseBudget(store), 200), left)
      assert.equal(store.state.left, 0)
    })
  }

  test('is spent exactly over many rounds, from a plenty down to none', async () => {
    const store = storeWith(3_000)
    const budget = new UseBudget(store)
    let spent = 0
    for (let round = 0; round < 60; round += 1) spent += await spendAtOnce(budget, 53)
    assert.equal(spent, 3_000)
    assert.equal(store.state.left, 0)
  })

  test('is reserved in blocks only while more than 1 000 are left, so that little is lost by a crash', async () => {
    const store = storeWith(1_300)
    const budget = new UseBudget(store)
    let spent = 0
    let lostMax = 0
    while (await budget.spend(id)) {
      spent += 1
      const lost = 1_300 - store.state.left - spent
      lostMax = Math.max(lostMax, lost)
      if (store.state.left <= 1_000) assert.equal(lost, 0)
    }
    assert.equal(spent, 1_300)
    assert.ok(lostMax > 0 && lostMax < 100, `${lostMax}`)
  })

  test('is reserved for all who ask together by one write', async () => {
    const store = storeWith(500)
    const budget = new UseBudget(store)
    await spendAtOnce(budget, 200)
    assert.deepEqual(store.state.reservations, [1, 199])
  })

  test('has a use that was given back to give again', async () => {
    const store = storeWith(1)
    const budget = new UseBudget(store)
    assert.equal(await budget.spend(id), true)
    budget.takeBack(id)
    assert.equal(await spendAtOnce(budget, 200), 1)
  })

  test('gets back what is reserved and unspent at an orderly end', async () => {
    const store = storeWith(2_000)
    const budget = new UseBudget(store)
    await spendAtOnce(budget, 5)
    await spendAtOnce(budget, 5)
    await budget.close()
    assert.equal(store.state.left, 1_990)
    assert.equal(await budget.spend(id), true)
  })

  test('is neither spent nor exceeded while the store cannot say', async () => {
    const store = storeWith(1)
    const budget = new UseBudget(store)
    store.state.fails = true
    await refuses('unavailable', () => budget.spend(id))
    store.state.fails = false
    assert.equal(await budget.spend(id), true)
    assert.equal(await budget.spend(id), false)
  })
})
