import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  Freshness,
  makeInstance,
  waitingMax,
  type Change,
  type Instance,
  type LogEntry,
  type Position,
  type Subject,
} from '@chatelaine/core'
import { SimulatedDatabase } from './simulation/database.ts'
import { Machine } from './simulation/machine.ts'
import { Chance, Schedule } from './simulation/schedule.ts'

interface Member {
  readonly machine: Machine
  readonly instance: Instance
  readonly freshness: Freshness
  /** What its memory was told to forget, in order. */
  readonly forgotten: string[]
}

/** After so long nobody is held back any more because it has only begun. */
const settledMs = 3_000

const leaseAndMarginMs = 2_250

/** Several instances on one simulated database, on which nothing goes wrong by itself. */
async function deployment(count: number, settleMs = settledMs) {
  const schedule = new Schedule()
  const chance = new Chance(1)
  const database = new SimulatedDatabase(schedule, chance)
  const members = Array.from({ length: count }, (_, index) => makeMember(`${index}`, schedule, chance, database))
  for (const { instance } of members) void instance.join()
  await schedule.runUntil(settleMs)

  /** Commits on this machine and goes through the barrier; how long that took once it was committed. */
  async function takeAway({ machine, freshness }: Member, id = 'tok_a'): Promise<number> {
    const outcome = await database.commit(machine, [change({ type: 'token', id })])
    assert.ok(outcome.outcome === 'committed')
    const committedMs = schedule.nowMs
    await freshness.reach(outcome.seq)
    return schedule.nowMs - committedMs
  }

  /** What a promise comes to while so much time passes. */
  async function within<T>(ms: number, promise: Promise<T>): Promise<T | 'still waiting'> {
    let isOver = false
    const end = (): void => void (isOver = true)
    promise.then(end, end)
    await schedule.runUntil(schedule.nowMs + ms)
    await new Promise(setImmediate)
    return isOver ? promise : 'still waiting'
  }
  return { schedule, database, members: members as [Member, Member, Member], takeAway, within }
}

function makeMember(id: string, schedule: Schedule, chance: Chance, database: SimulatedDatabase): Member {
  const machine = new Machine(schedule, chance, 1)
  const { clock, timer } = machine
  const instance = makeInstance({ id, shared: database.sharedLog(machine), clock, timer })
  const forgotten: string[] = []
  const memory = { forget: ({ id }: Subject) => void forgotten.push(id), forgetAll: () => void forgotten.push('all') }
  const freshness = new Freshness(instance.source.position(), memory, instance)
  instance.source.follow(freshness)
  return { machine, instance, freshness, forgotten }
}

function change(subject: Subject): Change {
  const actor = { type: 'operator', accountId: null, tokenId: null, ip: null, client: null } as const
  const what = { action: 'token.revoked', effect: 'takes', subject, details: {} } as const
  return { at: 0, actor, ...what, write: { put: 'nothing' }, guards: [] }
}

test('what was taken away is forgotten everywhere within milliseconds, and only then is it told', async () => {
  const { members, takeAway, within } = await deployment(3)
  const tookMs = await within(100, takeAway(members[0]))
  for (const { forgotten } of members) assert.deepEqual(forgotten, ['all', 'tok_a'])
  assert.ok(typeof tookMs === 'number' && tookMs < 30, String(tookMs))
})

test('an instance that is frozen is waited for until its lease is over, and then removed', async () => {
  const { members, takeAway, within, database } = await deployment(3)
  members[2].machine.stop(60_000)
  const tookMs = await within(2_400, takeAway(members[0]))
  assert.ok(typeof tookMs === 'number' && Math.abs(tookMs - leaseAndMarginMs) < 5, String(tookMs))
  await within(2_000, Promise.resolve())
  assert.equal(database.rows.length, 2)
  const nextMs = await within(100, takeAway(members[0]))
  assert.ok(typeof nextMs === 'number' && nextMs < 30, String(nextMs))
})

test('what only gives waits for the own memory and for nobody else', async () => {
  const { members, within, database } = await deployment(2)
  const [{ machine, freshness }, other] = members
  other.machine.stop(60_000)
  async function give(): Promise<void> {
    const outcome = await database.commit(machine, [{ ...change({ type: 'token', id: 'tok_a' }), effect: 'gives' }])
    assert.ok(outcome.outcome === 'committed')
    await freshness.reachHere(outcome.seq)
  }
  assert.equal(await within(100, give()), undefined)
})

test('what was taken away before is told once every memory has applied it, and then at once', async () => {
  const { members, takeAway, within } = await deployment(2)
  members[1].machine.stop(1_000)
  const first = takeAway(members[0])
  assert.equal(await within(500, first), 'still waiting')
  const again = members[0].freshness.reach(1)
  assert.equal(await within(300, again), 'still waiting')
  await within(400, Promise.all([first, again]))
  assert.equal(await within(1, members[0].freshness.reach(1)), undefined)
})

test('for one lease after it has begun, or was connected anew, an instance lets nobody pass early', async () => {
  const { members, takeAway, within } = await deployment(2, 100)
  const firstMs = await within(2_500, takeAway(members[0]))
  assert.ok(typeof firstMs === 'number' && firstMs > 2_000, String(firstMs))
  members[0].machine.cutOff(300)
  await within(600, Promise.resolve())
  const nextMs = await within(2_500, takeAway(members[0]))
  assert.ok(typeof nextMs === 'number' && nextMs > 1_500, String(nextMs))
})

test('a change that is committed passes within the lease and its margin though the database is gone since', async () => {
  const { members, takeAway, within, database } = await deployment(3)
  members[1].machine.stop(60_000)
  const taking = takeAway(members[0])
  await within(30, Promise.resolve())
  database.isDown = true
  const tookMs = await within(2_400, taking)
  assert.ok(typeof tookMs === 'number' && tookMs < leaseAndMarginMs + 5, String(tookMs))
})

test('an instance that stops in good order is not waited for, and does not answer from memory', async () => {
  const { members, takeAway, within, database } = await deployment(3)
  const [one, , leaving] = members
  const left = leaving.instance.leave()
  assert.equal(leaving.instance.mayAnswer(), false)
  await within(30, left)
  assert.deepEqual(database.rows.map(({ id }) => id).toSorted(), ['0', '1'])
  leaving.machine.stop(60_000)
  const tookMs = await within(100, takeAway(one))
  assert.ok(typeof tookMs === 'number' && tookMs < 30, String(tookMs))
})

test('an instance that stops in good order still finishes what it has begun', async () => {
  const { members, takeAway, within } = await deployment(2)
  await within(30, members[0].instance.leave())
  const tookMs = await within(100, takeAway(members[0]))
  assert.ok(typeof tookMs === 'number' && tookMs < 30, String(tookMs))
})

test('without its database an instance answers from memory for as long as its lease holds, and again when it is back', async () => {
  const { members, within } = await deployment(2)
  const [{ machine, instance }] = members
  assert.equal(instance.unreadyBecause(), undefined)
  machine.cutOff(4_000)
  await within(1_600, Promise.resolve())
  assert.equal(instance.mayAnswer(), true)
  await within(500, Promise.resolve())
  assert.equal(instance.mayAnswer(), false)
  assert.equal(instance.unreadyBecause(), 'the log of changes was not read to its end for two seconds')
  await within(2_700, Promise.resolve())
  assert.equal(instance.mayAnswer(), true)
})

test('an instance that others have given up forgets everything before it answers again', async () => {
  const { members, takeAway, within, database } = await deployment(2)
  const [one, other] = members
  other.machine.stop(5_000)
  await within(4_900, Promise.resolve())
  assert.deepEqual(
    database.rows.map(({ id }) => id),
    ['0'],
  )
  assert.ok(typeof (await within(90, takeAway(one))) === 'number')
  await within(300, Promise.resolve())
  assert.deepEqual(other.forgotten.slice(0, 1), ['all'])
  assert.ok(other.forgotten.lastIndexOf('all') > 0)
  assert.deepEqual([other.instance.mayAnswer(), database.rows.length], [true, 2])
})

test('every entry is applied once and in order, and another epoch begins with an empty memory', async () => {
  const { members, takeAway, within, database } = await deployment(2)
  const heard: (string | Position)[] = []
  members[1].instance.source.follow({
    applied: (entries: readonly LogEntry[]) => void heard.push(...entries.map(({ subject }) => subject.id)),
    reset: (position) => void heard.push(position),
    withheld: () => undefined,
  })
  const ids = Array.from({ length: 20 }, (_, index) => `tok_${index}`)
  await within(1_000, Promise.all(ids.map((id) => takeAway(members[0], id))))
  const committed = database.store.entries.map(({ subject }) => subject.id)
  assert.deepEqual([heard, committed.toSorted()], [committed, ids.toSorted()])
  database.replace({ withRows: true })
  await within(400, Promise.resolve())
  assert.deepEqual(heard.at(-1), { epoch: 'epoch 2', seq: 20 })
  assert.deepEqual(members[1].instance.source.position(), { epoch: 'epoch 2', seq: 20 })
})

test('the time is that of the database, and a machine that is half a second off is not ready', async () => {
  const { members, within, database } = await deployment(1)
  const [{ machine, instance }] = members
  machine.setWall(400)
  await within(300, Promise.resolve())
  assert.ok(Math.abs(instance.clock.now() - database.at) < 5)
  assert.equal(instance.unreadyBecause(), undefined)
  machine.setWall(-1_000)
  await within(300, Promise.resolve())
  assert.ok(Math.abs(instance.clock.now() - database.at) < 5)
  assert.match(
    instance.unreadyBecause() ?? '',
    /^the clock of this machine is (59\d|60\d) ms behind that of the database$/,
  )
})

test('a machine that has slept does not know the time until it has heard it anew', async () => {
  const { members, within, database } = await deployment(1)
  const [{ machine, instance }] = members
  machine.stop(1_000, true)
  await within(1_000, Promise.resolve())
  assert.deepEqual([instance.knowsTime(), instance.mayAnswer()], [false, false])
  await within(300, Promise.resolve())
  assert.deepEqual([instance.knowsTime(), instance.mayAnswer()], [true, true])
  assert.ok(Math.abs(instance.clock.now() - database.at) < 5)
})

test('beyond the bound of those who wait before the barrier the answer is unavailable', async () => {
  const { members } = await deployment(2)
  const [{ instance, machine }, other] = members
  other.machine.stop(60_000)
  const position = { epoch: 'first', seq: 1 }
  for (let count = 0; count < waitingMax; count += 1) void instance.pass(position, machine.clock.monotonicMs())
  await assert.rejects(instance.pass(position, machine.clock.monotonicMs()), { key: 'unavailable' })
})
