import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UseBudget } from '@chatelaine/core'
import { makePlace, within } from './opened.ts'
import { sampleToken, storeToken } from './samples.ts'

test('a crash loses unused uses of a reserved block at most, and no use is ever spent twice', async (context) => {
  const place = await makePlace(context)
  const granted = 1_500
  const { id } = await within(place, (storage) => storeToken(storage, sampleToken({ usesGranted: granted })))
  let spent = 0
  let crashes = 0
  for (let fewer = false; !fewer; crashes += 1) {
    // The budget is not closed, as if the process had been killed.
    const answers = await within(place, async (storage) => {
      const budget = new UseBudget(storage.tokens)
      const asked: boolean[] = []
      while (asked.length < 250) asked.push(await budget.spend(id))
      return asked
    })
    spent += answers.filter(Boolean).length
    fewer = answers.includes(false)
  }
  assert.ok(spent <= granted && spent > granted - crashes * 100, `${spent} of ${granted} after ${crashes} crashes`)
})

test('an orderly end loses no use', async (context) => {
  const place = await makePlace(context)
  const { id } = await within(place, (storage) => storeToken(storage, sampleToken({ usesGranted: 1_500 })))
  for (const left of [1_490, 1_480]) {
    await within(place, async (storage) => {
      const budget = new UseBudget(storage.tokens)
      for (let times = 0; times < 10; times += 1) assert.equal(await budget.spend(id), true)
      await budget.close()
      assert.equal((await storage.tokens.find(id))?.use.left, left)
    })
  }
})

test('whoever alters what is left gains no more than was granted, and loses no other token', async (context) => {
  const place = await makePlace(context)
  const { id } = await within(place, (storage) => storeToken(storage, sampleToken({ usesGranted: 5 })))
  for (const [planted, reserved] of [
    [1_000_000, 5],
    [-7, 0],
  ] as const) {
    place.tamper('UPDATE tokens SET uses_left = ? WHERE id = ?', planted, id)
    await within(place, async ({ tokens }) => {
      assert.equal((await tokens.reserveUses(id, 100)).reserved, reserved)
      assert.equal((await tokens.find(id))?.use.left, 0)
    })
  }
})
