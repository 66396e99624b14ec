import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sabotages } from './sabotages.ts'
import { simulate } from './simulate.ts'

const seeds = 100

/** A sabotage that was noticed under none of so many seeds goes unnoticed. */
const seedsPerSabotageMax = 1_000

test(`whatever happens to ${seeds} small deployments, nothing is accepted after it was taken away, and nobody waits for long`, async () => {
  const sums = { verifications: 0, accepted: 0, takingsAnswered: 0, healthy: 0 }
  for (let seed = 1; seed <= seeds; seed += 1) {
    const run = await simulate({ seed })
    assert.deepEqual(run.violations, [], `seed ${seed}; npm run sim -- --seed ${seed} repeats it`)
    sums.verifications += run.verifications
    sums.accepted += run.accepted
    sums.takingsAnswered += run.takingsAnswered
    sums.healthy += run.isHealthy ? 1 : 0
  }
  // That nothing went wrong says something only if much happened.
  assert.ok(sums.accepted > 100 * seeds, JSON.stringify(sums))
  assert.ok(sums.takingsAnswered > 10 * seeds, JSON.stringify(sums))
  assert.ok(sums.healthy > seeds / 20 && sums.healthy < seeds / 4, JSON.stringify(sums))
})

test('a seed replays the same, to the last event', async () => {
  for (const seed of [3, 1_234]) assert.deepEqual(await simulate({ seed }), await simulate({ seed }))
  assert.notEqual((await simulate({ seed: 3 })).trace, (await simulate({ seed: 4 })).trace)
})

describe('the simulation notices that', () => {
  for (const sabotage of sabotages) {
    test(sabotage.what, async () => {
      let seed = sabotage.noticedAt
      for (let next = 1; next <= seedsPerSabotageMax; next += 1) {
        if ((await simulate({ seed, sabotage })).staleAccepted > 0) return
        seed = next
      }
      assert.fail('nothing stale was accepted under any seed')
    })
  }
})
