import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deployment, Freshness, type LogEntry, type Subject } from '@chatelaine/core'
import { isPending } from './world.ts'

const account: Subject = { type: 'account', id: 'acc_a' }
const token: Subject = { type: 'token', id: 'tok_a' }

function entry(seq: number, subject: Subject = token, epoch = 'one'): LogEntry {
  const actor = { type: 'operator', accountId: null, tokenId: null, ip: null, client: null } as const
  return { epoch, seq, at: 0, actor, action: 'token.updated', effect: 'takes', subject, details: {} }
}

function watched() {
  const forgotten: string[] = []
  const memory = { forget: ({ id }: Subject) => void forgotten.push(id), forgetAll: () => void forgotten.push('all') }
  return { forgotten, freshness: new Freshness({ epoch: 'one', seq: 5 }, memory) }
}

test('the subject of every entry is forgotten, in order, whatever its effect', () => {
  const { freshness, forgotten } = watched()
  freshness.applied([entry(6, token), entry(7, account), { ...entry(8, token), effect: 'none' }])
  assert.deepEqual(forgotten, ['tok_a', 'acc_a', 'tok_a'])
  assert.deepEqual(freshness.position, { epoch: 'one', seq: 8 })
})

test('the barrier lets through at once what was applied, and all others when their entry is', async () => {
  const { freshness } = watched()
  assert.equal(await isPending(freshness.reach(0)), false)
  assert.equal(await isPending(freshness.reach(5)), false)
  const sixth = freshness.reach(6)
  const alsoSixth = freshness.reach(6)
  const eighth = freshness.reach(8)
  assert.deepEqual([await isPending(sixth), await isPending(eighth)], [true, true])
  freshness.applied([entry(6), entry(7)])
  assert.deepEqual([await isPending(sixth), await isPending(alsoSixth), await isPending(eighth)], [false, false, true])
  freshness.applied([entry(8)])
  assert.equal(await isPending(eighth), false)
})

test('the barrier lets nobody through before the memory has forgotten', async () => {
  const order: string[] = []
  const memory = { forget: () => void order.push('forgotten'), forgetAll: () => void order.push('all forgotten') }
  const freshness = new Freshness({ epoch: 'one', seq: 0 }, memory)
  const passed = Promise.all([1, 2].map(async (seq) => order.push((await freshness.reach(seq), `passed ${seq}`))))
  freshness.applied([entry(1)])
  await isPending(passed)
  freshness.reset({ epoch: 'one', seq: 0 })
  await passed
  assert.deepEqual(order, ['forgotten', 'passed 1', 'all forgotten', 'passed 2'])
})

test('when the memory begins anew everything is forgotten, and whoever waits goes on wherever it begins', async () => {
  const { freshness, forgotten } = watched()
  const waiting = freshness.reach(1_000)
  freshness.reset({ epoch: 'one', seq: 3 })
  assert.deepEqual(forgotten, ['all'])
  assert.deepEqual(freshness.position, { epoch: 'one', seq: 3 })
  await waiting
})

test('in another epoch nobody knows whether what is waited for is in force, so nobody is told that it is', async () => {
  const { freshness, forgotten } = watched()
  const waiting = freshness.reach(6)
  freshness.reset({ epoch: 'two', seq: 9 })
  assert.deepEqual(forgotten, ['all'])
  await assert.rejects(waiting, { key: 'unavailable', retryAfterSeconds: 1 })
})

test('an entry of another epoch is another one, whatever its number, and is waited for until that epoch is heard of', async () => {
  const { freshness } = watched()
  const [lower, higher] = [freshness.reach(3, 'two'), freshness.reach(6, 'two')]
  freshness.applied([entry(6)])
  assert.deepEqual([await isPending(lower), await isPending(higher)], [true, true])
  freshness.reset({ epoch: 'two', seq: 3 })
  await Promise.all([lower, higher])
  const gone = freshness.reach(2, 'one')
  freshness.reset({ epoch: 'three', seq: 3 })
  await assert.rejects(gone, { key: 'unavailable' })
})

test('what is withheld passes no barrier though it was applied, whoever waits is refused, and all pass when it is safe', async () => {
  const { freshness, forgotten } = watched()
  const [seventh, ninth] = [freshness.reach(7), freshness.reach(9)]
  freshness.withheld(8)
  await assert.rejects(ninth, { key: 'unavailable', retryAfterSeconds: 1 })
  freshness.applied([entry(6), entry(7), entry(8, account)])
  await seventh
  assert.deepEqual(forgotten, ['tok_a', 'tok_a', 'acc_a'], 'the memory forgets at once')
  await assert.rejects(freshness.reach(8), { key: 'unavailable' })
  freshness.withheld(undefined)
  await freshness.reach(8)
})

test('a log that begins anew lets through nobody who waits for what is withheld', async () => {
  const { freshness } = watched()
  const [waiting, withheld] = [freshness.reach(6), freshness.reach(7)]
  freshness.withheld(7)
  freshness.reset({ epoch: 'one', seq: 9 })
  await waiting
  await assert.rejects(withheld, { key: 'unavailable' })
})

test('a read is fresh unless its token, owner or project changed while it ran', () => {
  const { freshness } = watched()
  const early = freshness.beginReading()
  freshness.applied([entry(6, token)])
  const late = freshness.beginReading()
  freshness.applied([entry(7, account)])
  assert.deepEqual([early.position.seq, late.position.seq], [5, 6])
  assert.equal(early.isFresh(['tok_a', null]), false)
  assert.equal(early.isFresh(['tok_b', 'acc_a', null]), false)
  assert.equal(early.isFresh(['tok_b', 'acc_b', null]), true)
  assert.equal(late.isFresh(['tok_a', 'acc_b', null]), true)
  assert.equal(late.isFresh(['tok_b', 'acc_a', null]), false)
})

test('no read is fresh that began before a change of the whole deployment, or before the log began anew', () => {
  const { freshness } = watched()
  const first = freshness.beginReading()
  freshness.applied([entry(6, deployment)])
  const second = freshness.beginReading()
  freshness.reset({ epoch: 'two', seq: 0 })
  assert.deepEqual([first.isFresh(['tok_b']), second.isFresh(['tok_b'])], [false, false])
  assert.equal(freshness.beginReading().isFresh(['tok_b']), true)
})

test('a read during which very much changed counts as overtaken, so that noting the changes is bounded', () => {
  const { freshness } = watched()
  const reading = freshness.beginReading()
  freshness.applied(
    Array.from({ length: 1_000 }, (_, index) => entry(6 + index, { type: 'token', id: `tok_${index}` })),
  )
  assert.equal(reading.isFresh(['tok_x']), true)
  freshness.applied([entry(1_006, { type: 'token', id: 'tok_1000' })])
  assert.equal(reading.isFresh(['tok_x']), false)
})

test('a read that has ended is told nothing more', () => {
  const { freshness } = watched()
  const reading = freshness.beginReading()
  assert.equal(freshness.readingCount, 1)
  reading.end()
  freshness.applied([entry(6, token)])
  assert.equal(freshness.readingCount, 0)
  assert.equal(reading.isFresh(['tok_a']), true)
})
