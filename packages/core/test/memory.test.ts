import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deployment, Memory, type AccountId, type Remembered, type Subject, type TokenId } from '@chatelaine/core'
import * as fc from 'fast-check'
import { standingOf, tokenLike } from './examples.ts'

const tokenIds = ['tok_a', 'tok_b', 'tok_c', 'tok_d'] as const
const accountIds = ['acc_a', 'acc_b'] as const
const names = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'] as const

function remembered(tokenId: TokenId, accountId: AccountId | null): Remembered<null> {
  const token = tokenLike({ id: tokenId, accountId, kind: accountId === null ? 'manager' : 'account' })
  return {
    ...standingOf(token),
    position: { epoch: 'e', seq: 1 },
    prepared: null,
    askedProjectId: null,
    ancestorIds: [],
    pendingUses: undefined,
    pendingUsage: undefined,
  }
}

/** What the memory promises, in the plainest way: a list, the one remembered longest ago first. */
class ModelMemory {
  readonly #max: number
  #items: { name: string; item: Remembered<null> }[] = []

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#items.length
  }

  recall(name: string): Remembered<null> | undefined {
    return this.#items.find((one) => one.name === name)?.item
  }

  remember(name: string, item: Remembered<null>): void {
    this.#items = [...this.#items.filter((one) => one.name !== name), { name, item }].slice(-this.#max)
  }

  forget({ type, id }: Subject): void {
    this.#items = this.#items.filter(({ item }) => {
      return type !== 'deployment' && item.token.id !== id && item.token.accountId !== id
    })
  }

  forgetAll(): void {
    this.#items = []
  }
}

interface Pair {
  readonly model: ModelMemory
  readonly real: Memory<null>
}

type Step = fc.Command<Pair, Pair>

function step(title: string, run: (memory: ModelMemory | Memory<null>) => unknown): Step {
  return {
    check: () => true,
    run: (model, real) => {
      assert.deepEqual(run(real.real), run(model.model))
      assert.equal(real.real.size, model.model.size)
      for (const name of names) assert.equal(real.real.recall(name), model.model.recall(name))
    },
    toString: () => title,
  }
}

const rememberSteps = fc
  .tuple(fc.constantFrom(...names), fc.constantFrom(...tokenIds), fc.constantFrom(...accountIds, null))
  .map(([name, tokenId, accountId]) => {
    const item = remembered(tokenId, accountId)
    return step(`remember ${name} ${tokenId} of ${accountId}`, (memory) => memory.remember(name, item))
  })
const subjects = fc.oneof(
  fc.constantFrom(...tokenIds).map((id): Subject => ({ type: 'token', id })),
  fc.constantFrom(...accountIds).map((id): Subject => ({ type: 'account', id })),
  fc.constant(deployment),
)
const forgetSteps = subjects.map((subject) => step(`forget ${subject.id}`, (memory) => memory.forget(subject)))
const forgetAllSteps = fc.constant(step('forget all', (memory) => memory.forgetAll()))

test('the memory never holds more than its bound, and whatever is remembered, recalled and forgotten agrees with a list', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.commands([rememberSteps, rememberSteps, forgetSteps, forgetAllSteps], { maxCommands: 60 }),
      (max, steps) => {
        const pair = { model: new ModelMemory(max), real: new Memory<null>(max) }
        fc.modelRun(() => ({ model: pair, real: pair }), steps)
        assert.ok(pair.real.size <= max)
      },
    ),
    { numRuns: 300 },
  )
})

test('after a change of a token, its owner or the deployment nothing of it is left to be recalled', () => {
  const memory = new Memory<null>(10)
  memory.remember('one', remembered('tok_a', 'acc_a'))
  memory.remember('two', remembered('tok_b', 'acc_a'))
  memory.remember('three', remembered('tok_c', 'acc_b'))
  memory.forget({ type: 'token', id: 'tok_a' })
  assert.deepEqual([memory.recall('one')?.token.id, memory.size], [undefined, 2])
  memory.forget({ type: 'account', id: 'acc_a' })
  assert.deepEqual([memory.recall('two')?.token.id, memory.size], [undefined, 1])
  memory.forget(deployment)
  assert.equal(memory.size, 0)
})

test('the one remembered longest ago gives way, and remembering anew makes it the latest', () => {
  const memory = new Memory<null>(2)
  memory.remember('one', remembered('tok_a', null))
  memory.remember('two', remembered('tok_b', null))
  memory.remember('one', remembered('tok_a', null))
  memory.remember('three', remembered('tok_c', null))
  assert.deepEqual(
    ['one', 'two', 'three'].map((name) => memory.recall(name)?.token.id),
    ['tok_a', undefined, 'tok_c'],
  )
})
