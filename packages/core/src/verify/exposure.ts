import { parseToken } from '@chatelaine/token'
import { actorOf, type Caller } from '../domain/caller.ts'
import type { Change } from '../log/change.ts'
import { commit } from '../log/commit.ts'
import { secretAge } from '../domain/rotation.ts'
import type { TokenId } from '../domain/id.ts'
import type { Ports } from '../ports.ts'
import { hourMs, type EpochMs } from '../domain/time.ts'
import type { Token } from '../domain/token.ts'

const notedMax = 10_000

/** Puts into the log, at most once for each token and hour, that a genuine token was seen where it must not be. */
export class ExposureLog {
  readonly #noted = new Map<TokenId, EpochMs>()

  /**
   * @param where such as `url`; never the text around the token.
   * @returns the token, when the text was one of this deployment.
   */
  async note(ports: Ports, caller: Caller, presented: string, where: string): Promise<Token | undefined> {
    const id = parseToken(presented)?.id as TokenId | undefined
    const token = id === undefined ? undefined : await ports.tokens.find(id)
    if (token === undefined || secretAge(ports.keys, token, presented) === undefined) return undefined
    const now = ports.clock.now()
    if (this.#isNoted(token.id, now)) return token
    try {
      await commit(ports, [exposure(caller, token.id, where, now)])
    } catch (error) {
      this.#noted.delete(token.id)
      throw error
    }
    return token
  }

  #isNoted(id: TokenId, now: EpochMs): boolean {
    const last = this.#noted.get(id)
    if (last !== undefined && now - last < hourMs) return true
    if (this.#noted.size >= notedMax) this.#noted.clear()
    this.#noted.set(id, now)
    return false
  }
}

function exposure(caller: Caller, id: TokenId, where: string, at: EpochMs): Change {
  return {
    at,
    actor: actorOf(caller),
    action: 'token.exposed',
    effect: 'none',
    subject: { type: 'token', id },
    details: { where },
    write: { put: 'nothing' },
    guards: [],
  }
}
