import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alternate, ratiosOf, spreadOf } from '../../bench/rounds.ts'

test('the median of an odd number of values is the middle one, of an even number the mean of the middle two', () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 })
  assert.deepEqual(spreadOf([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4 })
})

test('a spread of nothing is refused', () => {
  assert.throws(() => spreadOf([]), RangeError)
})

test('ratios compare what was measured in the same round, so that a slow round cancels out', () => {
  assert.deepEqual(ratiosOf([90, 45, 9], [100, 50, 10]), { median: 0.9, min: 0.9, max: 0.9 })
  assert.throws(() => ratiosOf([1, 2], [1]), RangeError)
})

test('every contender is measured once a round, one after the other, and each comes first in turn', async () => {
  const order: string[] = []
  let isMeasuring = false
  const contender = (name: string) => async () => {
    assert.equal(isMeasuring, false)
    isMeasuring = true
    await Promise.resolve()
    isMeasuring = false
    return order.push(name)
  }
  const results = await alternate(3, { a: contender('a'), b: contender('b'), c: contender('c') })
  assert.equal(order.join(''), 'abcbcacab')
  assert.deepEqual(results, { a: [1, 6, 8], b: [2, 4, 9], c: [3, 5, 7] })
})
