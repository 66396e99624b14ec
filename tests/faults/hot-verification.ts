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

/** How many are being watched and taken away at once. */
const takersCount = 12

/** Each connection looks once more, after it is taken away, before it is let go. */
interface Watch {
  readonly watched: Watched
  takenAtMs: number
  readonly wasAccepted: PromiseWithResolvers<void>
  readonly connectionsToRefuse: Set<Client>
  readonly isRefused: PromiseWithResolvers<void>
}

/**
 * Takes one after the other away while every connection keeps looking at it. Fails when a look that was sent after the
 * taking was answered is still accepted. Each one is seen accepted before, and refused on every connection after.
 */
export async function takeAwayUnderWatch(connections: readonly Client[], takings: Takings): Promise<void> {
  const watches: Watch[] = []
  const indices = Array.from({ length: takings.count }, (_, index) => index).values()
  const over = new AbortController()

  async function takeOneAfterTheOther(): Promise<void> {
    for (const index of indices) {
      const watch = newWatch(await takings.prepare(index), connections)
      watches.push(watch)
      await watch.wasAccepted.promise
      watch.takenAtMs = await watch.watched.take()
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

  const looking = Promise.all(connections.map(keepLooking))
  const taking = Promise.all(Array.from({ length: takersCount }, takeOneAfterTheOther))
  await Promise.race([taking, looking]).finally(() => over.abort())
  await looking
}

function newWatch(watched: Watched, connections: readonly Client[]): Watch {
  return {
    watched,
    takenAtMs: Number.POSITIVE_INFINITY,
    wasAccepted: Promise.withResolvers(),
    connectionsToRefuse: new Set(connections),
    isRefused: Promise.withResolvers(),
  }
}

function judge(watch: Watch, connection: Client, { isAccepted, sentAtMs }: Look): void {
  const isAfter = sentAtMs > watch.takenAtMs
  if (isAfter && isAccepted) {
    assert.fail(
      `accepted although it was asked ${(sentAtMs - watch.takenAtMs).toFixed(2)} ms after the taking was answered`,
    )
  }
  if (isAccepted) watch.wasAccepted.resolve()
  if (!isAfter) return
  watch.connectionsToRefuse.delete(connection)
  if (watch.connectionsToRefuse.size === 0) watch.isRefused.resolve()
}
