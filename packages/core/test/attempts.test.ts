import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Attempts } from '@chatelaine/core'

const limit = { attemptsMax: 3, windowMs: 10_000 }

function countedAt(...times: readonly number[]): Attempts {
  const attempts = new Attempts(limit)
  for (const at of times) attempts.count('a', at)
  return attempts
}

describe('attempts', () => {
  test('up to the limit wait for nothing; beyond it, for the end of the window that the first one began', () => {
    assert.equal(countedAt(0, 100).waitSeconds('a', 200), 0)
    const full = countedAt(0, 100, 200)
    assert.equal(full.waitSeconds('a', 200), 10)
    assert.equal(full.waitSeconds('a', 9_001), 1)
    assert.equal(full.waitSeconds('a', 9_999), 1)
    assert.equal(full.waitSeconds('a', 10_000), 0)
  })

  test('of one subject do not concern another', () => {
    assert.equal(countedAt(0, 0, 0, 0).waitSeconds('b', 0), 0)
  })

  test('in a new window are counted from one', () => {
    const attempts = countedAt(0, 0, 0, 10_000, 10_001)
    assert.equal(attempts.waitSeconds('a', 10_001), 0)
    attempts.count('a', 10_002)
    assert.equal(attempts.waitSeconds('a', 10_002), 10)
  })

  test('that are forgiven never were, and one taken back leaves the others', () => {
    const attempts = countedAt(0, 0, 0)
    attempts.takeBack('a')
    assert.equal(attempts.waitSeconds('a', 0), 0)
    attempts.count('a', 0)
    assert.equal(attempts.waitSeconds('a', 0), 10)
    attempts.forgive('a')
    assert.equal(attempts.waitSeconds('a', 0), 0)
    attempts.takeBack('a')
    attempts.takeBack('never counted')
  })

  test('of very many subjects make the one counted first forgotten, so that memory is bounded', () => {
    const attempts = countedAt(0, 0, 0)
    for (let subject = 1; subject < 100_000; subject += 1) attempts.count(`s${subject}`, 1)
    assert.equal(attempts.waitSeconds('a', 1), 10)
    attempts.count('one more', 1)
    assert.equal(attempts.waitSeconds('a', 1), 0)
  })
})
