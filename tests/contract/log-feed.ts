import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { LogEntry, LogFeed, LogPlace, Position } from '@chatelaine/core'

export interface FeedSubject {
  /** The feed as an instance reads it. */
  readonly feed: LogFeed
  /** Commits so many entries in one transaction, as another instance would, and answers them. */
  readonly commit: (count: number) => Promise<readonly LogEntry[]>
  /** Keeps the log as it is now; what it answers puts it back. */
  readonly backUp: () => Promise<() => Promise<void>>
  /** How often it was asked for that this process takes away again what it knows to have been. */
  readonly mended: () => number
}

/** Opens a new log, which is closed and removed when the test ends. */
export type OpenFeed = (context: TestContext) => Promise<FeedSubject>

/** The promises of `LogFeed`. */
export function describeLogFeed(open: OpenFeed): void {
  describe('LogFeed', () => {
    test('reads what was committed behind a place, in order, none twice, none left out', async (context) => {
      const { feed, commit } = await open(context)
      const { position: start } = await feed.readEnd()
      const entries = [...(await commit(3)), ...(await commit(2))]
      assert.deepEqual(await entriesAfter(feed, start), entries)
      assert.deepEqual(await entriesAfter(feed, { ...start, seq: start.seq + 3 }), entries.slice(3))
    })

    test('says whether there is more than was asked for', async (context) => {
      const { feed, commit } = await open(context)
      const { position: start } = await feed.readEnd()
      const entries = await commit(3)
      const some = await feed.readAfter(start, 2)
      assert.ok(some.outcome === 'entries' && some.isMore)
      assert.deepEqual(some.entries, entries.slice(0, 2))
      const all = await feed.readAfter(start, 3)
      assert.ok(all.outcome === 'entries' && !all.isMore)
    })

    test('ends where the last commit left the log', async (context) => {
      const { feed, commit } = await open(context)
      const { position: start } = await feed.readEnd()
      const entries = await commit(4)
      const { position: end } = await feed.readEnd()
      assert.deepEqual(end, { epoch: start.epoch, seq: start.seq + 4 })
      assert.deepEqual(end, { epoch: entries.at(-1)?.epoch, seq: entries.at(-1)?.seq })
    })

    test('finds nothing new at its end, and no way on from a place ahead of it', async (context) => {
      const { feed, commit } = await open(context)
      await commit(1)
      const { position: end, chain } = await feed.readEnd()
      assert.deepEqual(await entriesAfter(feed, end), [])
      assert.deepEqual(await entriesAfter(feed, { ...end, chain }), [])
      const ahead = await feed.readAfter({ ...end, seq: end.seq + 5 }, 10)
      assert.deepEqual(ahead, { outcome: 'resync', isPutBack: false })
    })

    test('tells with entries the chain at the last of them, by which it knows the place again', async (context) => {
      const { feed, commit } = await open(context)
      const start = await feed.readEnd()
      const entries = await commit(3)
      const page = await feed.readAfter({ ...start.position, chain: start.chain }, 2)
      assert.ok(page.outcome === 'entries')
      const place = { ...start.position, seq: start.position.seq + 2, chain: page.chain }
      assert.deepEqual(await entriesAfter(feed, place), entries.slice(2))
      assert.equal((await feed.readEnd()).chain, (await chainAfter(feed, place)) ?? 'none')
    })

    test('says to whoever gives its chain that the log does not hold the place, be it shorter or another', async (context) => {
      const { feed, commit, backUp, mended } = await open(context)
      await commit(1)
      const putBack = await backUp()
      await commit(2)
      const { position, chain } = await feed.readEnd()
      await putBack()
      const place = { ...position, chain }
      assert.deepEqual(await feed.readAfter(place, 10), { outcome: 'resync', isPutBack: true })
      assert.deepEqual(await feed.readAfter(position, 10), { outcome: 'resync', isPutBack: false })
      await commit(3)
      assert.deepEqual(await feed.readAfter(place, 10), { outcome: 'resync', isPutBack: true })
      assert.equal(mended(), 0)
      await feed.readEnd()
      assert.equal(mended(), 1)
    })

    test('has no way on from a place of another epoch', async (context) => {
      const { feed, commit } = await open(context)
      await commit(2)
      for (const place of [
        { epoch: 'another', seq: 1 },
        { epoch: '', seq: 0 },
      ]) {
        assert.deepEqual(await feed.readAfter(place, 10), { outcome: 'resync', isPutBack: false })
      }
    })

    test('tells a time that never goes back', async (context) => {
      const { feed } = await open(context)
      const { position, authorityAt: first } = await feed.readEnd()
      const page = await feed.readAfter(position, 10)
      assert.ok(page.outcome === 'entries')
      assert.ok(Number.isInteger(first) && page.authorityAt >= first, `${page.authorityAt} after ${first}`)
      assert.ok((await feed.readEnd()).authorityAt >= page.authorityAt)
    })

    test('hints that there may be something new', async (context) => {
      const { feed, commit } = await open(context)
      const { promise: hinted, resolve } = Promise.withResolvers<void>()
      feed.onHint(resolve)
      const { position } = await feed.readEnd()
      const entries = await commit(1)
      await hinted
      assert.deepEqual(await entriesAfter(feed, position), entries)
    })
  })
}

async function chainAfter(feed: LogFeed, place: LogPlace): Promise<string | undefined> {
  const page = await feed.readAfter(place, 100)
  return page.outcome === 'entries' ? page.chain : undefined
}

async function entriesAfter(feed: LogFeed, position: Position | LogPlace): Promise<readonly LogEntry[]> {
  const page = await feed.readAfter(position, 100)
  assert.ok(page.outcome === 'entries')
  return page.entries
}
