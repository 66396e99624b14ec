import {
  Freshness,
  instanceLeaseMs,
  Lease,
  leaseMarginMs,
  momentOf,
  type FeedPage,
  type Reading,
  type Instance,
  type InstanceState,
  type Moment,
  type Others,
  type Position,
  type SharedLog,
} from '@chatelaine/core'
import type { Machine } from './machine.ts'
import type { Sabotage } from './node.ts'

/** Each rule that the protocol hangs on, left out or turned round. The simulation has to notice every one. */
export const sabotages: readonly Sabotage[] = [
  {
    what: 'what takes away is answered without the barrier',
    noticedAt: 1,
    others: (instance) => othersLike(instance, { pass: async () => undefined }),
  },
  {
    what: 'memory is answered from whatever the lease says',
    noticedAt: 1,
    others: (instance) => othersLike(instance, { mayAnswer: () => true }),
  },
  {
    what: 'nobody is waited for longer than half a lease',
    noticedAt: 1,
    others: (instance) => othersLike(instance, passAfter(instance, instanceLeaseMs / 2 + leaseMarginMs)),
  },
  {
    what: 'the lease has no margin, though no two clocks go alike',
    noticedAt: 28,
    others: (instance) => othersLike(instance, passAfter(instance, leaseMarginMs)),
  },
  {
    what: 'the lease runs from the end of a read',
    noticedAt: 4,
    lease: ({ clock }) =>
      new (class extends Lease {
        override confirm(_: Moment, leaseMs: number): void {
          super.confirm(momentOf(clock), leaseMs)
        }
      })(),
  },
  {
    what: 'a lease that has run out is not noticed by a machine that slept',
    noticedAt: 33,
    lease: () =>
      new (class extends Lease {
        #wallAt = 0
        override confirm(began: Moment, leaseMs: number): void {
          this.#wallAt = began.wallAt
          super.confirm(began, leaseMs)
        }
        override holds({ monotonicMs }: Moment): boolean {
          return super.holds({ monotonicMs, wallAt: this.#wallAt })
        }
      })(),
  },
  {
    what: 'an instance says that it has applied what it has only read of',
    noticedAt: 1,
    forReader: (shared, machine) => {
      let told: InstanceState | undefined
      return {
        ...withInstances(shared, {
          update: (state, last) => ((told = state), shared.instances.update(state, last)),
        }),
        feed: {
          ...shared.feed,
          readAfter: async (place, limit) => {
            const page = await shared.feed.readAfter(place, limit)
            const last = page.outcome === 'entries' ? page.entries.at(-1) : undefined
            if (page.outcome === 'resync' || last === undefined || told === undefined) return page
            const applied = { epoch: last.epoch, seq: last.seq }
            await shared.instances.update({ ...told, applied }, told.beat)
            return new Promise((resolve) => void machine.timer.after(lateMs, () => resolve(page)))
          },
        },
      }
    },
  },
  {
    what: 'an instance whose row is gone answers on',
    noticedAt: 9,
    forReader: (shared) =>
      withInstances(shared, { update: async (...told) => (await shared.instances.update(...told), true) }),
  },
  {
    what: 'an instance answers before its row is there',
    noticedAt: 4,
    forReader: (shared, machine) => {
      let isIn = false
      let latest: InstanceState
      const { instances } = shared
      return withInstances(shared, {
        join: async (state) => {
          isIn = false
          latest = state
          machine.timer.after(lateMs, () => {
            const joined = () => void (isIn = true)
            instances.join(latest).then(joined, joined)
          })
        },
        update: async (state, last) => {
          latest = state
          return isIn ? instances.update(state, last) : true
        },
      })
    },
  },
  {
    what: 'a database in another epoch is read on as if it were the same',
    noticedAt: 15,
    forReader: (shared, machine) => ({
      ...shared,
      feed: {
        ...shared.feed,
        readAfter: async (place, limit) => {
          const page = await shared.feed.readAfter(place, limit)
          return page.outcome === 'resync' && !page.isPutBack ? nothingNew(place, machine) : page
        },
      },
    }),
  },
  {
    what: 'a log that was put back is read on as if nothing was new',
    noticedAt: 804,
    isOfPutBack: true,
    forReader: (shared, machine) => ({
      ...shared,
      feed: {
        ...shared.feed,
        readAfter: async (place, limit) => {
          const page = await shared.feed.readAfter(place, limit)
          return page.outcome === 'resync' && page.isPutBack ? nothingNew(place, machine) : page
        },
      },
    }),
  },
  {
    what: 'requests are told what a log holds that was put back',
    noticedAt: 1,
    isOfPutBack: true,
    leavesOut: 'reads prove the log',
  },
  {
    what: 'entries are written to a log that was put back',
    noticedAt: 288,
    isOfPutBack: true,
    leavesOut: 'writers prove the log',
  },
  {
    what: 'what was taken away is not taken away again after the log was put back',
    noticedAt: 1,
    isOfPutBack: true,
    leavesOut: 'journals are replayed',
  },
  {
    what: 'after the log was put back others are given no time to take away again what they know of',
    noticedAt: 134,
    isOfPutBack: true,
    leavesOut: 'the new epoch settles',
  },
  {
    what: 'the rows of others are believed though the own one is not as it was told',
    noticedAt: 43,
    isOfPutBack: true,
    trustsTable: true,
  },
  {
    what: 'an instance does not notice that the table of instances was put back',
    noticedAt: 40,
    isOfPutBack: true,
    leavesOut: 'rows prove themselves',
  },
  {
    what: 'the barrier looks at the others before what it waits for is committed',
    noticedAt: 412,
    forBarrier: (shared, { clock }) => {
      let before: { readonly states: readonly InstanceState[]; readonly atMs: number } | undefined
      return withInstances(shared, {
        list: async () => {
          const nowMs = clock.monotonicMs()
          if (before === undefined || nowMs - before.atMs > lateMs) {
            const states = await shared.instances.list()
            // As if they had just been read: that its own row is older than it should be would give it away.
            before = { states: states.map((state) => ({ ...state, beat: nowMs })), atMs: nowMs }
          }
          return before.states
        },
      })
    },
  },
  {
    what: 'the barrier looks past instances that have not applied yet',
    noticedAt: 1,
    forBarrier: (shared) =>
      withInstances(shared, {
        list: async () => {
          const states = await shared.instances.list()
          const newest = Math.max(...states.map(({ applied }) => applied.seq))
          return states.filter(({ applied }) => applied.seq === newest)
        },
      }),
  },
  {
    what: 'rows are removed of instances that may answer still',
    noticedAt: 2,
    forBarrier: (shared, machine) => {
      const seen = new Map<string, { beat: number; sinceMs: number }>()
      return withInstances(shared, {
        list: async () => {
          const states = await shared.instances.list()
          const nowMs = machine.clock.monotonicMs()
          for (const { id, beat } of states) {
            const known = seen.get(id)
            if (known?.beat !== beat) seen.set(id, { beat, sinceMs: nowMs })
            else if (nowMs - known.sinceMs > instanceLeaseMs / 2)
              void shared.instances.remove(id, beat).catch(() => undefined)
          }
          return states
        },
      })
    },
  },
  {
    what: 'nobody is held back when the database was replaced by one without the rows',
    noticedAt: 17,
    // That its own row is gone with the others would tell it too.
    trustsTable: true,
    forBarrier: (shared) => withInstances(shared, { onReconnect: () => undefined }),
  },
  {
    what: 'a read that a change has overtaken is given away and remembered',
    noticedAt: 25,
    Freshness: class extends Freshness {
      override beginReading(): Reading {
        const reading = super.beginReading()
        reading.isFresh = () => true
        return reading
      }
    },
  },
  {
    what: 'a read serves whoever joins it, though nobody knows what happened meanwhile',
    noticedAt: 63,
    Freshness: class extends Freshness {
      #isChecked = false
      override beginReading(): Reading {
        const reading = super.beginReading()
        const isFresh = reading.isFresh.bind(reading)
        reading.isFresh = (ids) => (this.#isChecked = isFresh(ids))
        return reading
      }
      override mayAnswer(): boolean {
        if (!this.#isChecked) return super.mayAnswer()
        this.#isChecked = false
        return true
      }
    },
  },
  {
    what: 'what was taken away before is told of at once',
    noticedAt: 9,
    Freshness: class extends Freshness {
      override async reach(seq: number): Promise<void> {
        if (this.position.seq > seq) return this.reachHere(seq)
        return super.reach(seq)
      }
    },
  },
]

function nothingNew(place: Position, { clock }: Machine): FeedPage {
  const chain = 'chain' in place ? String(place.chain) : ''
  return { outcome: 'entries', entries: [], isMore: false, chain, authorityAt: clock.now() }
}

/** Much later than it should be. */
const lateMs = 400

function othersLike(instance: Instance, instead: Partial<Others>): Others {
  return {
    mayAnswer: () => instance.mayAnswer(),
    knowsTime: () => instance.knowsTime(),
    hurry: () => instance.hurry(),
    onceSurelyOver: (call) => instance.onceSurelyOver(call),
    nowMs: () => instance.nowMs(),
    pass: (position, committedMs) => instance.pass(position, committedMs),
    ...instead,
  }
}

/** Counts from so long before the commit. */
function passAfter(instance: Instance, byMs: number): Partial<Others> {
  return { pass: (position, committedMs) => instance.pass(position, committedMs - byMs) }
}

function withInstances(shared: SharedLog, instead: Partial<SharedLog['instances']>): SharedLog {
  return { ...shared, instances: { ...shared.instances, ...instead } }
}
