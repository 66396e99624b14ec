import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import type { Client } from './client.ts'

/** Something that is accepted until it is taken away. */
export interface Watched {
  /** Asks the server once, over this connection, whether it is accepted. */
  readonly look: (connection: Client) => Promise<Look>
  /** Takes it away. Resolves to the moment, by the monotonic clock, from which on nobody may be told otherwise. */
  readonly take: () => Promise<number>
}

export interface Look {
  readonly isAccepted: boolean
  readonly sentAtMs: number
}

export interface Takings {
  readonly count: number
  /** The next one to be taken away, which is accepted when this resolves. */
  readonly prepare: (index: number) => Promise<Watched>
}

export interface Connections {
  /** Each asks again as soon as it is answered. */
  readonly watching: readonly Client[]
  /** Kept free, so that something is asked the moment that a taking is answered. */
  readonly idle: Client
}

/** How many are being watched and taken away at once. */
const takersCount = 12

/** One that is watched until every connection was refused it. */
interface Watch {
  readonly watched: Watched
  state: 'untouched' | 'being taken' | { readonly takenAtMs: number }
  readonly wasAccepted: PromiseWithResolvers<void>
  readonly connectionsToRefuse: Set<Client>
  readonly isRefused: PromiseWithResolvers<void>
}

/**
 * Takes one after the other away while every connection keeps looking at it. Fails when a look that was sent after the
 * taking was answered is still accepted. Each one is seen accepted before, and refused on every connection after.
 */
export async function takeAwayUnderWatch({ watching, idle }: Connections, takings: Takings): Promise<void> {
  const watches: Watch[] = []
  const indices = Array.from({ length: takings.count }, (_, index) => index).values()
  const over = new AbortController()

  async function takeOneAfterTheOther(): Promise<void> {
    for (const index of indices) {
      const watch = newWatch(await takings.prepare(index), watching)
      watches.push(watch)
      await watch.wasAccepted.promise
      watch.state = 'being taken'
      watch.state = { takenAtMs: await watch.watched.take() }
      judge(watch, idle, await watch.watched.look(idle))
      await watch.isRefused.promise
      watches.splice(watches.indexOf(watch), 1)
    }
  }

  async function keepLooking(connection: Client): Promise<void> {
    for (let turn = 0; !over.signal.aborted; turn += 1) {
      const watch = watches[turn % watches.length]
      if (watch === undefined) await setImmediate()
      else judge(watch, connection, await watch.watched.look(connection))
    }
  }

  const looking = Promise.all(watching.map(keepLooking))
  const taking = Promise.all(Array.from({ length: takersCount }, takeOneAfterTheOther))
  await Promise.race([taking, looking]).finally(() => over.abort())
  await looking
}

function newWatch(watched: Watched, connections: readonly Client[]): Watch {
  return {
    watched,
    state: 'untouched',
    wasAccepted: Promise.withResolvers(),
    connectionsToRefuse: new Set(connections),
    isRefused: Promise.withResolvers(),
  }
}

function judge(watch: Watch, connection: Client, { isAccepted, sentAtMs }: Look): void {
  const { state } = watch
  if (isAccepted) watch.wasAccepted.resolve()
  else assert.notEqual(state, 'untouched', 'refused before it was taken away')
  const sinceMs = typeof state === 'string' ? 0 : sentAtMs - state.takenAtMs
  if (sinceMs <= 0) return
  if (isAccepted) assert.fail(`accepted, although asked ${sinceMs.toFixed(2)} ms after the taking was answered`)
  watch.connectionsToRefuse.delete(connection)
  if (watch.connectionsToRefuse.size === 0) watch.isRefused.resolve()
}
