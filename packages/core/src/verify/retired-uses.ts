import { actorOf, type Peer } from '../domain/caller.ts'
import type { Change } from '../log/change.ts'
import { commit } from '../log/commit.ts'
import type { TokenId } from '../domain/id.ts'
import type { Ports } from '../ports.ts'
import { hourMs, type EpochMs } from '../domain/time.ts'
import type { Token } from '../domain/token.ts'

/** So many addresses have an entry of their own for each token and hour. */
const addressesMax = 4
const countedMax = 10_000

/** What came of one token within an hour. */
interface Counted {
  readonly since: EpochMs
  readonly addresses: Set<string | null>
  /** Uses that no entry has told yet. */
  untold: number
}

/**
 * Puts into the log that somebody still presents a secret whose rotation is over: a client that was forgotten, or a
 * thief. For each token and hour the first few addresses have one entry each, so that neither hides behind the other;
 * what comes besides is counted in the next entry, whenever that is.
 */
export class RetiredUses {
  readonly #counted = new Map<TokenId, Counted>()

  /** Resolves when it is written, or at once when it is only counted. */
  async note(ports: Ports, token: Token, peer: Peer): Promise<void> {
    const now = ports.clock.now()
    const counted = this.#countedOf(token.id, now)
    counted.untold += 1
    const { addresses, untold: count } = counted
    if (addresses.has(peer.ip) || addresses.size >= addressesMax) return
    addresses.add(peer.ip)
    counted.untold = 0
    try {
      await commit(ports, [retiredUse(token.id, peer, count, now)])
    } catch (error) {
      addresses.delete(peer.ip)
      counted.untold += count
      throw error
    }
  }

  #countedOf(id: TokenId, now: EpochMs): Counted {
    const counted = this.#counted.get(id)
    if (counted !== undefined && now - counted.since < hourMs) return counted
    if (this.#counted.size >= countedMax) this.#counted.clear()
    const begun = { since: now, addresses: new Set<string | null>(), untold: counted?.untold ?? 0 }
    this.#counted.set(id, begun)
    return begun
  }
}

/** @param count how many uses there were since the entry before, this one among them */
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
