import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { tokenSorts, type LogEntry, type TokenQuery } from '@chatelaine/core'
import * as fc from 'fast-check'
import { ModelStore } from '../../packages/core/test/model-store.ts'
import { commandArbitraries, type Pair } from './model-commands.ts'
import { allPages, noon, Notes } from '../../packages/storage/test/samples.ts'
import { ring, type OpenStorage, type Storage } from './suite.ts'

/** Whatever is done to a store, it answers as the model does, and both hold the same afterwards. */
export function describeAgainstModel(open: OpenStorage): void {
  describe('against the model', () => {
    test('any sequence of changes is answered and kept as the model answers and keeps it', async (context) => {
      const sequences = fc.commands([...commandArbitraries], { maxCommands: 40 })
      await fc.assert(
        fc.asyncProperty(sequences, async (commands) => {
          const pair = await openPair(await open(context, ring.toText().reveal()))
          await fc.asyncModelRun(
            () => ({ model: { accounts: [], tokens: [], projects: [], sessions: [] }, real: pair }),
            commands,
          )
          await assertSame(pair)
        }),
        { numRuns: 25 },
      )
    })
  })
}

async function openPair(store: Storage): Promise<Pair & { notes: Notes }> {
  const notes = new Notes()
  store.source.follow(notes)
  return { store, model: new ModelStore(store.source.position().epoch), notes }
}

async function assertSame({ store, model, notes }: Pair & { notes: Notes }): Promise<void> {
  const log = (one: Pair['store' | 'model']): Promise<LogEntry[]> =>
    allPages((after) => one.log.read({ limit: 7, ...(after && { after }) }))
  const expected = await log(model)
  assert.deepEqual(await log(store), expected)
  assert.deepEqual(notes.entries.toReversed(), expected)
  assert.deepEqual(store.source.position(), model.source.position())
  for (const now of [noon, noon + 60]) {
    for (const sort of tokenSorts) {
      const query: TokenQuery = { sort, descending: sort === 'label', now, limit: 200 }
      assert.deepEqual((await store.tokens.list(query)).items, (await model.tokens.list(query)).items, `by ${sort}`)
    }
    const statuses = ['active'] as const
    assert.equal(await store.tokens.count({ statuses, now }, 200), await model.tokens.count({ statuses, now }, 200))
  }
  assert.deepEqual((await store.accounts.list({ limit: 200 })).items, (await model.accounts.list({ limit: 200 })).items)
  assert.deepEqual((await store.projects.list({ limit: 200 })).items, (await model.projects.list({ limit: 200 })).items)
  assert.equal(await store.accounts.hasAdministrator(), await model.accounts.hasAdministrator())
}
