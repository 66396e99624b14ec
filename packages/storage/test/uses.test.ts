import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UseBudget } from '@chatelaine/core'
import { KeyRing } from '@chatelaine/token/keys'
import { makePlace, random, within } from './opened.ts'
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
      while (asked.length < 250) {
        const isSpent = await budget.spend(id)
        if (isSpent) budget.keep(id)
        asked.push(isSpent)
      }
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
      for (let times = 0; times < 10; times += 1) {
        assert.equal(await budget.spend(id), true)
        budget.keep(id)
      }
      await budget.close()
      assert.equal((await storage.tokens.find(id))?.use.left, left)
    })
  }
})

test('whoever alters what is left, or removes it, gains nothing: none is, and the row is reported', async (context) => {
  const place = await makePlace(context)
  const alterations = [
    'UPDATE uses_left SET remaining = 5 WHERE token_id = ?',
    'DELETE FROM uses_left WHERE token_id = ?',
  ]
  for (const sql of alterations) {
    const { id } = await within(place, async (storage) => {
      const token = await storeToken(storage, sampleToken({ usesGranted: 5 }))
      await storage.tokens.reserveUses(token.id, 4)
      return token
    })
    place.tamper(sql, id)
    await within(place, async ({ tokens }) => {
      assert.deepEqual(await tokens.reserveUses(id, 1), { reserved: 0, left: 0 }, sql)
    })
  }
  assert.equal(place.damaged[0]?.table, 'uses_left')
})

test('what a list shows of the uses left decides nothing', async (context) => {
  const place = await makePlace(context)
  const { id } = await within(place, (storage) => storeToken(storage, sampleToken({ usesGranted: 5 })))
  place.tamper('UPDATE tokens SET uses_left = 1000 WHERE id = ?', id)
  await within(place, async ({ tokens }) => {
    assert.deepEqual(await tokens.reserveUses(id, 100), { reserved: 5, left: 0 })
    assert.equal((await tokens.find(id))?.use.left, 0)
  })
})

test('what is left outlives the master key that it was sealed under', async (context) => {
  const place = await makePlace(context)
  const { id } = await within(place, (storage) => storeToken(storage, sampleToken({ usesGranted: 5 })))
  const old = KeyRing.parse(place.ringText)
  const both = old.withNewCurrent(random)
  const between = await place.open({ ringText: both.toText().reveal() })
  await between.housekeeping.reseal()
  await between.close()
  const { tokens } = await place.open({ ringText: both.without(old.currentId).toText().reveal() })
  assert.deepEqual(await tokens.reserveUses(id, 1), { reserved: 1, left: 4 })
})
