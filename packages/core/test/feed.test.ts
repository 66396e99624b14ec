import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import {
  deployment,
  feedBacklogMax,
  followersPerCredentialMax,
  operatorCaller,
  type Caller,
  type FeedAsk,
} from '@chatelaine/core'
import { HandLog } from './feed-log.ts'
import { HandClock, isPending, makeManager, makePerson, makeToken, makeWorld } from './world.ts'

const world = makeWorld()
let manager: Caller

before(async () => {
  manager = (await makeManager(world, { scopes: ['chatelaine.tokens:verify'] })).caller
})

function opened() {
  const clock = new HandClock()
  const log = new HandLog(clock)
  const read = (ask: Partial<FeedAsk> = {}) =>
    log.feed.read(manager, { verifierId: 'verifier', since: undefined, leaseMs: 5_000, waitMs: undefined, ...ask })
  return { clock, log, feed: log.feed, read }
}

test('who comes without a place begins at the end of the log with an empty memory, and is given the lease it asked for', async () => {
  const { log, read, clock } = opened()
  log.append()
  assert.deepEqual(await read(), {
    isResync: true,
    entries: [],
    position: { epoch: 'one', seq: 1 },
    leaseMs: 5_000,
    answeredAt: clock.now(),
  })
})

test('everything behind a place is told at once, in order, with the deployment as everything', async () => {
  const { log, read } = opened()
  log.append()
  log.append({ type: 'account', id: 'acc_a' })
  log.append(deployment)
  const answer = await read({ since: { epoch: 'one', seq: 1 } })
  assert.deepEqual(answer.entries, [
    { seq: 2, subjectType: 'account', subjectId: 'acc_a', effect: 'takes' },
    { seq: 3, subjectType: 'all', subjectId: 'all', effect: 'takes' },
  ])
  assert.deepEqual([answer.isResync, answer.position], [false, { epoch: 'one', seq: 3 }])
})

test('who has everything waits for what is new, at most a quarter of its lease', async () => {
  const { log, read, clock, feed } = opened()
  const first = read({ since: log.position })
  assert.equal(await isPending(first), true)
  log.append()
  assert.deepEqual((await first).position.seq, 1)
  const second = read({ since: log.position, waitMs: 60_000 })
  clock.pass(1_249)
  feed.tick()
  assert.equal(await isPending(second), true)
  clock.pass(1)
  feed.tick()
  assert.deepEqual((await second).entries, [])
  assert.equal(await isPending(read({ since: log.position, leaseMs: 0 })), false)
})

test('a second poll of a verifier ends its first, and no other one', async () => {
  const { log, read } = opened()
  const first = read({ since: log.position })
  const other = read({ since: log.position, verifierId: 'another' })
  const second = read({ since: log.position })
  assert.deepEqual([await isPending(first), await isPending(other), await isPending(second)], [false, true, true])
})

test('what this memory has not kept is read from the store once for all, and joins what came since without a gap', async () => {
  const clock = new HandClock()
  const log = new HandLog(clock)
  for (let count = 0; count < 3; count += 1) log.write()
  log.feed.reset(log.position)
  log.append()
  const ask = { since: { epoch: 'one', seq: 1 }, leaseMs: 5_000, waitMs: undefined }
  const answers = await Promise.all(['a', 'b', 'c'].map((verifierId) => log.feed.read(manager, { ...ask, verifierId })))
  for (const { entries } of answers) {
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      [2, 3, 4],
    )
  }
  assert.equal(log.reads.length, 1)
})

test('a place of another epoch, and one too far behind, begin anew', async () => {
  const { log, read } = opened()
  const start = log.position
  for (let count = 0; count < 3 * feedBacklogMax; count += 1) log.append()
  assert.equal((await read({ since: start })).isResync, true)
  const near = { epoch: 'one', seq: log.position.seq - feedBacklogMax }
  assert.equal((await read({ since: near })).entries.length, feedBacklogMax)
  const waiting = read({ since: log.position })
  log.restore('two')
  assert.deepEqual([(await waiting).isResync, (await waiting).position.epoch], [true, 'two'])
})

test('a place ahead of this instance waits until it has come so far, and is refused when it has not', async () => {
  const { log, read, clock, feed } = opened()
  const entry = log.write()
  const reached = read({ since: log.position })
  log.write()
  const ahead = read({ since: log.position, verifierId: 'another' })
  feed.applied([entry])
  assert.deepEqual([await isPending(reached), await isPending(ahead)], [true, true])
  clock.pass(1_250)
  feed.tick()
  assert.equal((await reached).position.seq, 1)
  await assert.rejects(ahead, { key: 'unavailable' })
})

test('a place ahead of the log itself, which was put back, begins anew', async () => {
  const { log, read, clock, feed } = opened()
  log.append()
  log.append()
  const since = log.position
  feed.reset({ epoch: 'one', seq: 1 })
  log.putBack(1)
  const waiting = read({ since })
  const atOnce = read({ since, verifierId: 'impatient', waitMs: 0 })
  const { isResync, position } = await atOnce
  assert.deepEqual([isResync, position, log.reads], [true, { epoch: 'one', seq: 1 }, [since]])
  assert.equal(await isPending(waiting), true)
  clock.pass(1_250)
  feed.tick()
  assert.equal((await waiting).isResync, true)
  log.isLeased = false
  await assert.rejects(read({ since, waitMs: 0 }), { key: 'unavailable' })
})

test('without its own lease an instance tells nothing, and afterwards what it held back', async () => {
  const { log, read, clock, feed } = opened()
  const waiting = read({ since: log.position })
  const tooLong = read({ since: log.position, verifierId: 'impatient', waitMs: 100 })
  log.isLeased = false
  log.append()
  await assert.rejects(read({ verifierId: 'another' }), { key: 'unavailable', retryAfterSeconds: 1 })
  clock.pass(100)
  feed.tick()
  await assert.rejects(tooLong, { key: 'unavailable' })
  assert.equal(await isPending(waiting), true)
  log.isLeased = true
  feed.tick()
  assert.equal((await waiting).position.seq, 1)
})

test('a lease that runs out while verifiers are being told of news is no reason to leave some of them out', async () => {
  const clock = new HandClock()
  let times = Infinity
  const log = new HandLog(clock, { isLeased: () => (times -= 1) >= 0 })
  const ask = { since: log.position, leaseMs: 5_000, waitMs: undefined }
  const waiting = ['one', 'other'].map((verifierId) => log.feed.read(manager, { ...ask, verifierId }))
  times = 0
  log.append()
  times = 1
  log.feed.tick()
  for (const answer of await Promise.all(waiting)) assert.equal(answer.position.seq, 1)
})

test('a feed that closes answers all that wait, and nobody afterwards', async () => {
  const { log, read, feed } = opened()
  const waiting = read({ since: log.position })
  feed.close()
  assert.deepEqual((await waiting).entries, [])
  await assert.rejects(read({ since: log.position }), { key: 'unavailable' })
})

test('only a token that may verify throughout the deployment follows the log', async () => {
  const { feed } = opened()
  const person = await makePerson(world, { role: 'admin' })
  const own = await makeToken(world, person, { scopes: ['chatelaine.tokens:verify'] })
  const other = await makeManager(world, { scopes: ['chatelaine.tokens:read'] })
  const ask = { verifierId: 'verifier', since: undefined, leaseMs: 0, waitMs: 0 }
  await assert.rejects(feed.read(own.caller, ask), { key: 'not-permitted' })
  await assert.rejects(feed.read(other.caller, ask), { key: 'scope-missing' })
  await assert.rejects(feed.read(person, ask), { key: 'not-permitted' })
  await assert.rejects(feed.read(operatorCaller, ask), { key: 'not-permitted' })
})

test('verifiers are bounded for each credential, and those that fell silent make room', async () => {
  const { read, clock, feed } = opened()
  for (let count = 0; count < followersPerCredentialMax; count += 1) await read({ verifierId: `verifier${count}` })
  await assert.rejects(read({ verifierId: 'one-more' }), { key: 'too-many-attempts', retryAfterSeconds: 60 })
  const other = (await makeManager(world, { scopes: ['chatelaine.tokens:verify'] })).caller
  const ask = { verifierId: 'verifier0', since: undefined, leaseMs: 5_000, waitMs: undefined }
  await feed.read(other, ask)
  assert.equal(feed.state.count, followersPerCredentialMax + 1)
  clock.pass(120_000)
  await read({ verifierId: 'one-more' })
  assert.equal(feed.state.count, 1)
})

test('other instances are told of the lowest place that was acknowledged, and of the longest lease', async () => {
  const { log, read, clock, feed } = opened()
  assert.deepEqual(feed.state, { count: 0, lowestSeq: null, longestLeaseMs: 0 })
  await read({ verifierId: 'behind', leaseMs: 2_000 })
  log.append()
  await read({ verifierId: 'current' })
  assert.deepEqual(feed.state, { count: 2, lowestSeq: 0, longestLeaseMs: 5_000 })
  clock.pass(2_000)
  assert.deepEqual(feed.state, { count: 1, lowestSeq: 1, longestLeaseMs: 3_000 })
})
