import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { Instances, InstanceState } from '@chatelaine/core'

export interface InstancesSubject {
  readonly one: Instances
  readonly other: Instances
  /** Keeps the table as it is now; what it answers puts it back. */
  readonly backUp: () => Promise<() => Promise<void>>
}

/** Opens an empty table, as two instances see it; closed and removed when the test ends. */
export type OpenInstances = (context: TestContext) => Promise<InstancesSubject>

/** The promises of `Instances`. */
export function describeInstances(open: OpenInstances): void {
  describe('Instances', () => {
    test('whoever has joined is seen by all with everything it says of itself', async (context) => {
      const { one, other } = await open(context)
      assert.deepEqual(await other.list(), [])
      const alone = sampleState('a')
      const reader = sampleState('b', { verifiers: { count: 3, lowestSeq: 7, longestLeaseMs: 60_000 } })
      await one.join(alone)
      await one.join(reader)
      assert.deepEqual(byId(await other.list()), [alone, reader])
      assert.deepEqual(byId(await one.list()), [alone, reader])
    })

    test('joining again replaces what was said, since the first answer may have been lost', async (context) => {
      const { one, other } = await open(context)
      await one.join(sampleState('a'))
      const again = sampleState('a', { beat: 2, applied: { epoch: 'second', seq: 0 } })
      await one.join(again)
      assert.deepEqual(await other.list(), [again])
    })

    test('an update is seen by whoever lists after it was answered', async (context) => {
      const { one, other } = await open(context)
      await one.join(sampleState('a'))
      for (let beat = 2; beat <= 20; beat += 1) {
        const state = sampleState('a', { beat, applied: { epoch: 'first', seq: Math.floor(beat / 2) } })
        assert.equal(await one.update(state, beat - 1), true)
        assert.deepEqual(await other.list(), [state])
      }
    })

    test('an update changes no other instance', async (context) => {
      const { one, other } = await open(context)
      const still = sampleState('a')
      await one.join(still)
      await other.join(sampleState('b'))
      const moved = sampleState('b', { beat: 2 })
      await other.update(moved, 1)
      assert.deepEqual(byId(await one.list()), [still, moved])
    })

    test('an update of an instance that is not there says so and adds nothing', async (context) => {
      const { one, other } = await open(context)
      assert.equal(await one.update(sampleState('a'), 1), false)
      assert.deepEqual(await other.list(), [])
    })

    test('an instance is removed only as it was last seen', async (context) => {
      const { one, other } = await open(context)
      await one.join(sampleState('a'))
      const alive = sampleState('a', { beat: 2 })
      await one.update(alive, 1)
      await other.remove('a', 1)
      assert.deepEqual(await other.list(), [alive])
      await other.remove('a', 2)
      assert.deepEqual(await other.list(), [])
      assert.equal(await one.update(sampleState('a', { beat: 3 }), 1), false)
    })

    test('an update is refused where the row is older than it was told', async (context) => {
      const { one, other, backUp } = await open(context)
      await one.join(sampleState('a', { beat: 1 }))
      const putBack = await backUp()
      assert.equal(await one.update(sampleState('a', { beat: 3 }), 1), true)
      await putBack()
      assert.equal(await one.update(sampleState('a', { beat: 4 }), 3), false)
      assert.deepEqual(await other.list(), [sampleState('a', { beat: 1 })])
    })

    test('removing an instance that is gone does nothing', async (context) => {
      const { one } = await open(context)
      await one.remove('a', 1)
      assert.deepEqual(await one.list(), [])
    })
  })
}

function sampleState(id: string, fields: Partial<InstanceState> = {}): InstanceState {
  return {
    id,
    applied: { epoch: 'first', seq: 0 },
    beat: 1,
    verifiers: { count: 0, lowestSeq: null, longestLeaseMs: 0 },
    ...fields,
  }
}

function byId(states: readonly InstanceState[]): InstanceState[] {
  return states.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
