import type { PendingUse, Remembered } from '../freshness/memory.ts'
import type { ObservedUse } from '../ports.ts'
import type { EpochMs } from '../domain/time.ts'

/** Uses of so many tokens are held between two writings; of more, the rest is not observed. */
export const pendingUsesMax = 100_000

const clientLengthMax = 64

/** Gathers who used which token when, off the path that answers. */
export class UseRecorder {
  #pending: PendingUse[] = []
  #holders: Remembered<unknown>[] = []

  /** Notes one accepted use. Costs nanoseconds for a token that was used since the last writing. */
  record(remembered: Remembered<unknown>, at: EpochMs, ip: string | null, client: string | null): void {
    const use = remembered.pendingUse
    if (use !== undefined) {
      use.lastAt = at
      use.lastIp = ip
      use.lastClient = client
      use.count += 1
      return
    }
    if (this.#pending.length >= pendingUsesMax) return
    const { token, secret } = remembered
    const first = { tokenId: token.id, secret, firstAt: at, lastAt: at, lastIp: ip, lastClient: client, count: 1 }
    remembered.pendingUse = first
    this.#pending.push(first)
    this.#holders.push(remembered)
  }

  /** Everything gathered since the last call, to be written. */
  take(): ObservedUse[] {
    const taken = this.#pending
    for (const holder of this.#holders) holder.pendingUse = undefined
    this.#pending = []
    this.#holders = []
    return taken
  }

  /** Takes back what could not be written, as far as there is room. */
  giveBack(uses: readonly ObservedUse[]): void {
    for (const use of uses.slice(0, pendingUsesMax - this.#pending.length)) this.#pending.push({ ...use })
  }
}

/** What a client calls itself: the first product of its User-Agent (RFC 9110 §10.1.5), printable and short. */
export function clientName(userAgent: string | undefined): string | null {
  const product = userAgent?.match(/^[\x21-\x7e]{1,256}/)?.[0].slice(0, clientLengthMax)
  return product ?? null
}
