import type { Caller } from '../domain/caller.ts'
import { callerName } from './commit.ts'
import { Failure } from '../domain/failure.ts'
import type { Once, OnceRecord, Ports } from '../ports.ts'
import type { EpochMs } from '../domain/time.ts'

/** An idempotency key with the whole request in its one spelling; of the request only a keyed hash is kept. */
export interface OnceAsk {
  readonly key: string
  readonly request: string
}

const runningMax = 10_000

/**
 * Lets one request for each idempotency key run at a time in this process. Across processes the commit itself decides:
 * the key is written in the transaction of the change, and can be written once.
 */
export class OnceGate {
  readonly #running = new Set<string>()

  /** @throws `idempotency-running` while the first request with this key runs. */
  async pass<T>(caller: Caller, once: OnceAsk | undefined, run: () => Promise<T>): Promise<T> {
    if (once === undefined) return run()
    const name = `${callerName(caller)} ${once.key}`
    if (this.#running.has(name) || this.#running.size >= runningMax) {
      throw new Failure(
        'idempotency-running',
        'The first request with this Idempotency-Key still runs. Ask again soon.',
        {
          retryAfterSeconds: 1,
        },
      )
    }
    this.#running.add(name)
    try {
      return await run()
    } finally {
      this.#running.delete(name)
    }
  }
}

export function onceOf(ports: Ports, caller: Caller, ask: OnceAsk, at: EpochMs): Once {
  return {
    caller: callerName(caller),
    key: ask.key,
    fingerprint: ports.keys.mac('idempotency', ask.request),
    at,
  }
}

/**
 * Makes something for an idempotency key, or tells what the same key made before.
 * @param make without a key it simply runs.
 * @param again is given the id of what was made, and when.
 * @throws `idempotency-running`, `idempotency-key-reused` when the key was for another request, and what `make` throws.
 */
export async function makeOnce<Made>(
  ports: Ports,
  caller: Caller,
  ask: OnceAsk | undefined,
  make: () => Promise<Made>,
  again: (subjectId: string, at: EpochMs) => Promise<Made>,
): Promise<Made> {
  return ports.onceGate.pass(caller, ask, async () => {
    const first = ask && (await ports.once.find(callerName(caller), ask.key, ports.clock.now()))
    if (ask === undefined || first === undefined) return make()
    requireSameRequest(ports, first, ask)
    return again(first.subjectId, first.at)
  })
}

/** @throws `idempotency-key-reused`. */
export function requireSameRequest(ports: Ports, first: OnceRecord, ask: OnceAsk): void {
  if (ports.keys.macMatches('idempotency', ask.request, first.fingerprint)) return
  throw new Failure(
    'idempotency-key-reused',
    'This Idempotency-Key was used for a different request. Make a new key for each thing you want to happen.',
  )
}
