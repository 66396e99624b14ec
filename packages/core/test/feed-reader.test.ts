import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import * as fc from 'fast-check'
import {
  AuthorityTime,
  FeedReader,
  Lease,
  type Asking,
  type Caller,
  type Clock,
  type FeedAnswer,
  type Poll,
  type Position,
} from '@chatelaine/core'
import { HandLog } from './feed-log.ts'
import { HandClock, makeManager, makeWorld } from './world.ts'

const leaseMs = 5_000

let manager: Caller

before(async () => {
  manager = (await makeManager(makeWorld(), { scopes: ['chatelaine.tokens:verify'] })).caller
})

/** The machine of the verifier: its monotonic clock runs as time does, its wall clock is set now and then. */
class SetClock implements Clock {
  readonly #time: HandClock
  #wallAheadMs = -3_600_000

  constructor(time: HandClock) {
    this.#time = time
  }

  now(): number {
    return this.#time.now() + this.#wallAheadMs
  }

  monotonicMs(): number {
    return this.#time.monotonicMs()
  }

  set(wallAheadMs: number): void {
    this.#wallAheadMs += wallAheadMs
  }
}

/** What is known of a token, and since which change. */
interface Known {
  readonly tokenId: string
  readonly version: number
}

const tokenIds = ['tok_a', 'tok_b']
/** Both tokens are this account's, so that changing it changes both. */
const accountId = 'acc_a'

type Spoiler = (answer: FeedAnswer) => FeedAnswer

/** A question and a poll that are answered, so that there is something to be wrong about. */
interface Exchange {
  readonly tokenId: string
  readonly changedBefore: readonly string[]
  readonly changedMeanwhile: readonly string[]
  readonly tookMs: number
  readonly spoilt: Spoiler
  readonly restMs: number
}

/** A deployment, a verifier that follows it, and the messages between them, which the test loses, repeats and delays. */
class Scene {
  readonly time = new HandClock()
  readonly log = new HandLog(this.time)
  readonly clock = new SetClock(this.time)
  readonly reader = new FeedReader<Known>({
    clock: this.clock,
    leaseMs,
    rememberedMax: 100,
    subjectIdsOf: ({ tokenId }) => [tokenId, accountId],
  })
  /** When each version of each token ended, and with which entry. */
  readonly #ended = new Map<string, { at: number; position: Position }>()
  readonly #versions = new Map(tokenIds.map((id) => [id, 0]))
  readonly #polls: { readonly poll: Poll; answer?: FeedAnswer }[] = []
  readonly #askings: { readonly asking: Asking; readonly tokenId: string; answer?: Known & { position: Position } }[] =
    []
  /** How far the log was heard of in each epoch. */
  readonly #heardOf = new Map<string, number>()
  #epochs = 0

  change(subjectId: string): void {
    const subject = { type: subjectId === accountId ? 'account' : 'token', id: subjectId } as const
    const { seq } = this.log.append(subject)
    const touched = subjectId === accountId ? tokenIds : [subjectId]
    for (const id of touched) this.#renew(id, { ...this.log.position, seq })
  }

  restore(): void {
    this.#epochs += 1
    this.log.restore(`epoch${this.#epochs}`)
    for (const id of tokenIds) this.#renew(id, this.log.position)
  }

  #renew(tokenId: string, position: Position): void {
    const version = this.#versions.get(tokenId)!
    this.#ended.set(`${tokenId} ${version}`, { at: this.time.now(), position })
    this.#versions.set(tokenId, version + 1)
  }

  poll(): void {
    this.#polls.push({ poll: this.reader.beginPoll() })
  }

  async answerPoll(which: number): Promise<void> {
    const one = this.#polls.at(which % this.#polls.length)
    if (one === undefined) return
    one.answer = await this.log.feed.read(manager, { verifierId: 'one', since: one.poll.since, leaseMs, waitMs: 0 })
  }

  hearPoll(which: number, spoilt: Spoiler = (answer) => answer): void {
    const { poll, answer } = this.#polls.at(which % this.#polls.length) ?? {}
    if (poll === undefined || answer === undefined) return
    this.reader.heard(poll, spoilt(answer))
    const { cursor } = this.reader
    if (cursor !== undefined)
      this.#heardOf.set(cursor.epoch, Math.max(cursor.seq, this.#heardOf.get(cursor.epoch) ?? 0))
    const now = this.reader.now()
    if (now !== undefined) assert.ok(now <= this.time.now(), 'the time is ahead of the deployment')
  }

  async exchange({ tokenId, changedBefore, changedMeanwhile, tookMs, spoilt, restMs }: Exchange): Promise<void> {
    this.ask(tokenId)
    this.answerAsking(-1)
    this.hearAsking(-1)
    for (const id of changedBefore) this.change(id)
    this.poll()
    await this.answerPoll(-1)
    for (const id of changedMeanwhile) this.change(id)
    this.time.pass(tookMs)
    this.hearPoll(-1, spoilt)
    this.recall(tokenId)
    this.time.pass(restMs)
  }

  ask(tokenId: string): void {
    this.#askings.push({ asking: this.reader.beginAsking(), tokenId })
  }

  answerAsking(which: number): void {
    const one = this.#askings.at(which % this.#askings.length)
    if (one === undefined) return
    one.answer = { tokenId: one.tokenId, version: this.#versions.get(one.tokenId)!, position: this.log.position }
  }

  hearAsking(which: number): void {
    const [one] = this.#askings.splice(which % this.#askings.length, 1)
    if (one === undefined) return
    if (one.answer === undefined) return this.reader.abandon(one.asking)
    const { position, ...known } = one.answer
    const arrival = this.reader.settle(one.asking, position, [known.tokenId, accountId], {
      name: known.tokenId,
      value: known,
    })
    if (arrival === 'ask-again') return
    // Whoever uses it may not know better already: a good token would be refused, or a revoked one accepted.
    const ended = this.#ended.get(`${known.tokenId} ${known.version}`)
    const isKnown = ended !== undefined && ended.position.seq <= (this.#heardOf.get(ended.position.epoch) ?? -1)
    assert.ok(!isKnown, 'an answer was used after its end had been heard of')
  }

  recall(tokenId: string): void {
    const known = this.reader.recall(tokenId)
    if (known === undefined) return
    const ended = this.#ended.get(`${tokenId} ${known.version}`)
    if (ended === undefined) return
    assert.ok(this.time.now() - ended.at < leaseMs, `answered ${this.time.now() - ended.at} ms after its end`)
  }
}

const which = fc.nat(6)
const subjects = fc.constantFrom(...tokenIds, accountId)

/** Answers that a faulty proxy might make of one: with an entry too few, at either end. */
const spoilers = fc.constantFrom<Spoiler>(
  (answer) => answer,
  (answer) => answer,
  (answer) => ({ ...answer, entries: answer.entries.slice(1) }),
  (answer) => ({ ...answer, entries: answer.entries.slice(0, -1) }),
  // With nothing left it would be the answer of an earlier moment, which nobody can tell from one that is true.
  (answer) => (answer.entries.length < 2 ? answer : { ...answer, ...withoutFirst(answer) }),
)

function withoutFirst({ entries, position }: FeedAnswer): Pick<FeedAnswer, 'entries' | 'position'> {
  return { entries: entries.slice(1), position: { ...position, seq: position.seq - 1 } }
}

const exchanges: fc.Arbitrary<Exchange> = fc.record({
  tokenId: fc.constantFrom(...tokenIds),
  changedBefore: fc.array(subjects, { maxLength: 2 }),
  changedMeanwhile: fc.array(subjects, { maxLength: 1 }),
  tookMs: fc.nat(3_000),
  spoilt: spoilers,
  restMs: fc.nat(5_000),
})
const steps = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.constantFrom(...tokenIds, accountId).map((id) => async (scene: Scene) => scene.change(id)),
  },
  { weight: 3, arbitrary: fc.constant(async (scene: Scene) => scene.poll()) },
  { weight: 4, arbitrary: which.map((n) => async (scene: Scene) => scene.answerPoll(n)) },
  { weight: 4, arbitrary: which.map((n) => async (scene: Scene) => scene.hearPoll(n)) },
  { weight: 8, arbitrary: exchanges.map((one) => async (scene: Scene) => scene.exchange(one)) },
  { weight: 3, arbitrary: fc.constantFrom(...tokenIds).map((id) => async (scene: Scene) => scene.ask(id)) },
  { weight: 4, arbitrary: which.map((n) => async (scene: Scene) => scene.answerAsking(n)) },
  { weight: 4, arbitrary: which.map((n) => async (scene: Scene) => scene.hearAsking(n)) },
  { weight: 6, arbitrary: fc.constantFrom(...tokenIds).map((id) => async (scene: Scene) => scene.recall(id)) },
  { weight: 2, arbitrary: fc.nat(3_000).map((ms) => async (scene: Scene) => scene.time.pass(ms)) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: -8_000, max: 8_000 }).map((ms) => async (scene: Scene) => scene.clock.set(ms)),
  },
  { weight: 1, arbitrary: fc.constant(async (scene: Scene) => scene.restore()) },
)

test('whatever becomes of the messages, nothing is answered from memory beyond its lease, and nothing used that is known to be over', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 120, size: 'max' }), async (taken) => {
      const scene = new Scene()
      for (const step of taken) {
        await step(scene)
        for (const id of tokenIds) scene.recall(id)
      }
    }),
    { numRuns: 400 },
  )
})

describe('a verifier that follows the log', () => {
  const answerAt = (seq: number, more: Partial<FeedAnswer> = {}): FeedAnswer => ({
    isResync: false,
    entries: [],
    position: { epoch: 'one', seq },
    leaseMs,
    answeredAt: 1_000,
    ...more,
  })

  function following(options: { leaseMs?: number } = {}) {
    const clock = new HandClock()
    const subjectIdsOf = (id: string) => [id, accountId] as const
    const reader = new FeedReader<string>({
      clock,
      leaseMs,
      rememberedMax: 10,
      subjectIdsOf: (id) => [...subjectIdsOf(id)],
      ...options,
    })
    const heard = (answer: FeedAnswer) => reader.heard(reader.beginPoll(), answer)
    heard(answerAt(3, { isResync: true }))
    const settle = (asking: Asking, seq: number) =>
      reader.settle(asking, { epoch: 'one', seq }, ['tok_a', accountId], { name: 'name', value: 'tok_a' })
    return { clock, reader, heard, settle }
  }

  const touch = (seq: number, subjectId: string) =>
    ({ seq, subjectType: subjectId === accountId ? 'account' : 'token', subjectId, effect: 'takes' }) as const

  test('remembers an answer that has reached its cursor, until something of what it hangs on changes', () => {
    const { reader, heard, settle } = following()
    assert.equal(settle(reader.beginAsking(), 3), 'remembered')
    assert.equal(reader.recall('name'), 'tok_a')
    assert.equal(heard(answerAt(4, { entries: [touch(4, 'tok_b')] })), 'applied')
    assert.equal(reader.recall('name'), 'tok_a')
    assert.equal(heard(answerAt(5, { entries: [touch(5, accountId)] })), 'applied')
    assert.equal(reader.recall('name'), undefined)
  })

  test('uses once what has not reached its cursor, and asks again where that has changed', () => {
    const { reader, heard, settle } = following()
    const [untouched, touched, caughtUp] = [reader.beginAsking(), reader.beginAsking(), reader.beginAsking()]
    heard(answerAt(4, { entries: [touch(4, 'tok_b')] }))
    assert.equal(settle(untouched, 3), 'once')
    heard(answerAt(5, { entries: [touch(5, 'tok_a')] }))
    assert.equal(settle(touched, 3), 'ask-again')
    assert.equal(settle(caughtUp, 5), 'remembered')
  })

  test('asks no older answer than it knows of already', () => {
    const { reader } = following()
    assert.deepEqual(reader.beginAsking().atLeast, { epoch: 'one', seq: 3 })
  })

  test('says nothing from memory from the end of its lease on, counted from when the poll was sent', () => {
    const { reader, clock, settle } = following()
    settle(reader.beginAsking(), 3)
    const poll = reader.beginPoll()
    clock.pass(2_000)
    reader.heard(poll, answerAt(3))
    clock.pass(2_999)
    assert.equal(reader.recall('name'), 'tok_a')
    clock.pass(1)
    assert.equal(reader.recall('name'), undefined)
    reader.heard(reader.beginPoll(), answerAt(3))
    assert.equal(reader.recall('name'), 'tok_a', 'a new lease finds what was remembered')
  })

  test('a gap empties its memory and gives no lease', () => {
    const { reader, heard, settle } = following()
    settle(reader.beginAsking(), 3)
    assert.equal(heard(answerAt(5, { entries: [touch(5, 'tok_b')] })), 'emptied')
    assert.deepEqual([reader.size, reader.isLeased, reader.cursor], [0, false, undefined])
  })

  test('an answer that comes a second time, or to a poll that was overtaken, changes nothing', () => {
    const { reader } = following()
    const [overtaken, poll] = [reader.beginPoll(), reader.beginPoll()]
    const answer = answerAt(4, { entries: [touch(4, 'tok_b')] })
    assert.equal(reader.heard(overtaken, answer), 'passed-over')
    assert.equal(reader.heard(poll, answer), 'applied')
    assert.equal(reader.heard(poll, answer), 'passed-over')
  })

  test('with a lease of 0 it remembers nothing', () => {
    const { reader, settle } = following({ leaseMs: 0 })
    assert.equal(settle(reader.beginAsking(), 3), 'once')
    assert.equal(reader.isLeased, false)
  })

  test('of a machine that slept for less than its lease nothing is answered from memory before the next poll', () => {
    const time = new HandClock()
    const clock = new SetClock(time)
    const reader = new FeedReader<string>({ clock, leaseMs, rememberedMax: 10, subjectIdsOf: (id) => [id] })
    const poll = (answeredAt: number) => reader.heard(reader.beginPoll(), answerAt(3, { answeredAt }))
    reader.heard(reader.beginPoll(), answerAt(3, { isResync: true }))
    const remember = { name: 'name', value: 'tok_a' }
    reader.settle(reader.beginAsking(), { epoch: 'one', seq: 3 }, ['tok_a'], remember)
    // While it sleeps its wall clock goes on, and its monotonic clock does not.
    const asleepDuring = reader.beginPoll()
    clock.set(3_000)
    assert.equal(reader.recall('name'), undefined)
    reader.heard(asleepDuring, answerAt(3))
    assert.equal(reader.recall('name'), undefined)
    poll(4_000)
    assert.equal(reader.recall('name'), 'tok_a')
    assert.equal(reader.now(), 4_000)
  })

  test('a poll that it began before it closed gives it no lease', () => {
    const { reader } = following()
    const poll = reader.beginPoll()
    reader.close()
    assert.equal(reader.isLeased, false)
    assert.equal(reader.heard(poll, answerAt(3)), 'passed-over')
    assert.equal(reader.isLeased, false)
  })
})

describe('a lease', () => {
  const at = (monotonicMs: number, wallAt: number) => ({ monotonicMs, wallAt })
  const lease = new Lease()
  lease.confirm(at(1_000, 50_000), 2_000)

  for (const [words, now, holds] of [
    ['holds from the moment it was confirmed for', at(1_000, 50_000), true],
    ['holds while both clocks say so', at(2_999, 51_999), true],
    ['is over when the monotonic clock says so', at(3_000, 50_001), false],
    ['is over when the wall clock says so', at(1_001, 52_000), false],
    ['is over when the wall clock went back', at(1_001, 49_999), false],
    ['is over when the monotonic clock went back', at(999, 50_001), false],
  ] as const) {
    test(words, () => assert.equal(lease.holds(now), holds))
  }
})

describe("the deployment's time from afar", () => {
  const at = (ms: number) => ({ monotonicMs: ms, wallAt: ms })
  const between = (beganMs: number, arrivedMs: number) => ({ began: at(beganMs), arrived: at(arrivedMs) })

  test('is what was heard last and the time since, whatever was lost on the way', () => {
    const time = new AuthorityTime()
    assert.equal(time.at(0), undefined)
    time.heard(10_000, between(100, 150))
    assert.equal(time.at(250), 10_100)
    time.heard(11_000, between(1_000, 4_000))
    assert.equal(time.at(4_000), 13_850, 'an answer that was held up does not set it back')
  })

  test('is moved when it lies outside of what an answer leaves possible', () => {
    const time = new AuthorityTime()
    time.heard(10_000, between(0, 0))
    time.heard(5_000, between(1_000, 1_010))
    assert.equal(time.at(1_010), 5_010)
    time.heard(20_000, between(2_000, 2_010))
    assert.equal(time.at(2_010), 20_000)
  })

  test('is not taken from an answer during which the machine slept, and is not certain until the next', () => {
    const time = new AuthorityTime()
    time.heard(10_000, between(0, 0))
    // The monotonic clock stood still for the three seconds that the wall clock counted.
    const awake = { monotonicMs: 1_000, wallAt: 4_000 }
    time.heard(10_900, { began: at(900), arrived: awake })
    assert.equal(time.isCertain(awake), false)
    time.heard(14_100, { began: awake, arrived: { monotonicMs: 1_100, wallAt: 4_100 } })
    assert.equal(time.isCertain({ monotonicMs: 1_200, wallAt: 4_200 }), true)
    assert.equal(time.at(1_200), 14_200)
  })
})
