import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Failure, UseBudget, type TokenId } from '@chatelaine/core'
import { refuses } from './failures.ts'
import { isPending } from './world.ts'

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

/** Spends a use for what is accepted. */
async function use(budget: UseBudget): Promise<boolean> {
  const isSpent = await budget.spend(id)
  if (isSpent) budget.keep(id)
  return isSpent
}

async function useAtOnce(budget: UseBudget, times: number): Promise<number> {
  const used = await Promise.all(Array.from({ length: times }, () => use(budget)))
  return used.filter(Boolean).length
}

describe('a number of uses', () => {
  for (const left of [0, 1, 7, 199, 200]) {
    test(`is spent exactly: of 200 at once ${left} succeed where ${left} are left`, async () => {
      const store = storeWith(left)
      assert.equal(await useAtOnce(new UseBudget(store), 200), left)
      assert.equal(store.state.left, 0)
    })
  }

  test('is spent exactly over many rounds, from a plenty down to none', async () => {
    const store = storeWith(3_000)
    const budget = new UseBudget(store)
    let spent = 0
    for (let round = 0; round < 60; round += 1) spent += await useAtOnce(budget, 53)
    assert.equal(spent, 3_000)
    assert.equal(store.state.left, 0)
  })

  test('is reserved in blocks only while more than 1 000 are left, so that little is lost by a crash', async () => {
    const store = storeWith(1_300)
    const budget = new UseBudget(store)
    let spent = 0
    let lostMax = 0
    while (await use(budget)) {
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
    await useAtOnce(budget, 200)
    assert.deepEqual(store.state.reservations, [1, 199])
    assert.equal(store.state.left, 300)
  })

  test('has a use that was given back to give again', async () => {
    const store = storeWith(1)
    const budget = new UseBudget(store)
    assert.equal(await budget.spend(id), true)
    budget.takeBack(id)
    assert.equal(await useAtOnce(budget, 200), 1)
  })

  test('is not said to be used up while its last use may come back: whoever asks then waits for it', async () => {
    const budget = new UseBudget(storeWith(1))
    assert.equal(await budget.spend(id), true)
    const next = Promise.resolve(budget.spend(id))
    assert.ok(await isPending(next))
    budget.takeBack(id)
    assert.equal(await next, true)
    const last = Promise.all([budget.spend(id), budget.spend(id)])
    assert.ok(await isPending(last))
    budget.keep(id)
    assert.deepEqual(await last, [false, false])
  })

  test('of which every other is given back, whenever that is, is spent exactly', async () => {
    const store = storeWith(40)
    const budget = new UseBudget(store)
    let asked = 0
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, async () => {
        if (!(await budget.spend(id))) return 'used up'
        asked += 1
        const isRefused = asked % 2 === 0
        for (let turns = asked % 7; turns > 0; turns -= 1) await Promise.resolve()
        if (isRefused) budget.takeBack(id)
        else budget.keep(id)
        return isRefused ? 'refused' : 'accepted'
      }),
    )
    assert.equal(outcomes.filter((outcome) => outcome === 'accepted').length, 40)
    assert.equal(store.state.left, 0)
    assert.equal(await use(budget), false)
  })

  test('gets back what is reserved and unspent at an orderly end', async () => {
    const store = storeWith(2_000)
    const budget = new UseBudget(store)
    await useAtOnce(budget, 5)
    await useAtOnce(budget, 5)
    await budget.close()
    assert.equal(store.state.left, 1_990)
    assert.equal(await use(budget), true)
  })

  test('is neither spent nor exceeded while the store cannot say', async () => {
    const store = storeWith(1)
    const budget = new UseBudget(store)
    store.state.fails = true
    await refuses('unavailable', () => budget.spend(id))
    store.state.fails = false
    assert.equal(await use(budget), true)
    assert.equal(await use(budget), false)
  })
})
