import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Caller, FeedAsk, InstanceState } from '@chatelaine/core'
import { HandLog } from './feed-log.ts'
import { HandClock, isPending, makeManager, makeWorld } from './world.ts'

let manager: Caller

before(async () => {
  manager = (await makeManager(makeWorld(), { scopes: ['chatelaine.tokens:verify'] })).caller
})

function opened(others: () => InstanceState[] = () => []) {
  const clock = new HandClock()
  const log = new HandLog(clock, { others: async () => others() })
  const read = (verifierId: string, ask: Partial<FeedAsk> = {}) =>
    log.feed.read(manager, { verifierId, since: undefined, leaseMs: 5_000, waitMs: 0, ...ask })
  const later = (ms: number) => {
    clock.pass(ms)
    log.feed.tick()
  }
  return { clock, log, feed: log.feed, read, later }
}

test('without verifiers nobody waits', async () => {
  const { feed } = opened()
  assert.deepEqual(await feed.settle(), { acknowledged: 0, lapsed: 0, outstanding: 0, tookMs: 0 })
})

test('a verifier has acknowledged once it asks for what comes after', async () => {
  const { log, feed, read, later } = opened()
  await read('a')
  await read('b')
  log.append()
  const settled = feed.settle()
  await read('a', { since: { epoch: 'one', seq: 0 } })
  later(40)
  await read('a', { since: log.position })
  assert.equal(await isPending(settled), true, 'one is not all')
  await read('b', { since: log.position })
  assert.deepEqual(await settled, { acknowledged: 2, lapsed: 0, outstanding: 0, tookMs: 40 })
})

test('a verifier that is silent is waited for until its lease has run out', async () => {
  const { log, feed, read, later } = opened()
  await read('silent', { leaseMs: 3_000 })
  later(500)
  log.append()
  const settled = feed.settle()
  later(2_499)
  assert.equal(await isPending(settled), true)
  later(1)
  assert.deepEqual(await settled, { acknowledged: 0, lapsed: 1, outstanding: 0, tookMs: 2_500 })
})

test('who said that it answers nothing from memory any more is not waited for', async () => {
  const { log, feed, read } = opened()
  await read('leaving')
  await read('leaving', { leaseMs: 0, since: log.position })
  log.append()
  assert.deepEqual(await feed.settle(), { acknowledged: 0, lapsed: 0, outstanding: 0, tookMs: 0 })
})

test('while this instance cannot know how far the log has come, no acknowledgement counts, and leases have to run out', async () => {
  const { log, feed, read, later } = opened()
  await read('quick')
  await read('quick', { since: log.position })
  log.isLeased = false
  const settled = feed.settle()
  later(4_999)
  assert.equal(await isPending(settled), true)
  later(1)
  assert.deepEqual(await settled, { acknowledged: 0, lapsed: 1, outstanding: 0, tookMs: 5_000 })
})

test('after ten seconds it is told how many are still out', async () => {
  const { log, feed, read, later } = opened()
  await read('slow', { leaseMs: 60_000 })
  await read('quick')
  log.append()
  const settled = feed.settle()
  await read('quick', { since: log.position })
  later(9_999)
  assert.equal(await isPending(settled), true)
  later(1)
  assert.deepEqual(await settled, { acknowledged: 1, lapsed: 0, outstanding: 1, tookMs: 10_000 })
})

function instance(seq: number, verifiers: InstanceState['verifiers']): InstanceState {
  return { id: 'other', applied: { epoch: 'one', seq }, beat: 1, verifiers }
}

test('the verifiers of another instance count when the last of them has acknowledged', async () => {
  let other = instance(0, { count: 0, lowestSeq: null, longestLeaseMs: 0 })
  const { log, feed, later } = opened(() => [other])
  log.append()
  const settled = feed.settle()
  assert.equal(await isPending(settled), true, 'it may have verifiers that it has not told of')
  other = instance(1, { count: 3, lowestSeq: 0, longestLeaseMs: 5_000 })
  later(50)
  assert.equal(await isPending(settled), true)
  other = instance(1, { count: 3, lowestSeq: 1, longestLeaseMs: 5_000 })
  later(50)
  assert.deepEqual(await settled, { acknowledged: 3, lapsed: 0, outstanding: 0, tookMs: 100 })
})

test('when an instance vanished the leases that it gave are waited for', async () => {
  const others = [instance(0, { count: 2, lowestSeq: 0, longestLeaseMs: 4_000 })]
  const { log, feed, later } = opened(() => others)
  feed.watch(others)
  others.pop()
  log.append()
  const settled = feed.settle()
  later(3_999)
  assert.equal(await isPending(settled), true)
  later(1)
  assert.deepEqual(await settled, { acknowledged: 0, lapsed: 2, outstanding: 0, tookMs: 4_000 })
})

test('while nothing can be heard of the others it waits, and then tells of those that it knows', async () => {
  const { log, feed, later } = opened(() => {
    throw new Error('the database is away')
  })
  log.append()
  const settled = feed.settle()
  assert.equal(await isPending(settled), true)
  later(10_000)
  assert.equal((await settled).tookMs, 10_000)
})
