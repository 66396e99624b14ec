import { actorOf, type Peer } from './caller.ts'
import type { Change } from './change.ts'
import { commit } from './commit.ts'
import type { TokenId } from './id.ts'
import type { Ports } from './ports.ts'
import { hourMs, type EpochMs } from './time.ts'
import type { Token } from './token.ts'

const countedMax = 10_000

/**
 * Puts into the log that somebody still presents a secret whose rotation is over: a client that was forgotten, or a
 * thief. At most once for each token and hour, with how often it was since.
 */
export class RetiredUses {
  readonly #counted = new Map<TokenId, { notedAt: EpochMs; sinceThen: number }>()

  /** Resolves when it is written, or at once when it is only counted. */
  async note(ports: Ports, token: Token, peer: Peer): Promise<void> {
    const now = ports.clock.now()
    const counted = this.#counted.get(token.id)
    if (counted !== undefined && now - counted.notedAt < hourMs) {
      counted.sinceThen += 1
      return
    }
    if (this.#counted.size >= countedMax) this.#counted.clear()
    this.#counted.set(token.id, { notedAt: now, sinceThen: 0 })
    try {
      await commit(ports, [retiredUse(token.id, peer, 1 + (counted?.sinceThen ?? 0), now)])
    } catch (error) {
      this.#counted.delete(token.id)
      throw error
    }
  }
}

function retiredUse(id: TokenId, peer: Peer, count: number, at: EpochMs): Change {
  return {
    at,
    actor: actorOf({ type: 'anonymous', peer }),
    action: 'token.retired_secret_used',
    effect: 'none',
    subject: { type: 'token', id },
    details: { count },
    write: { put: 'nothing' },
    guards: [],
  }
}
