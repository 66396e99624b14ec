import type { Remembered } from '../freshness/memory.ts'
import type { ObservedUse } from '../ports.ts'
import { dayMs, hourMs, type EpochMs } from '../domain/time.ts'
import { hourOf } from './usage.ts'

/** Uses of so many tokens and addresses are held between two writings; of more, the rest is not observed. */
export const pendingUsesMax = 100_000

/** Observed uses that are written at once, so that no commit waits long behind them. */
export const usesTakenMax = 500

/** So many addresses are told apart for each token and hour; uses from further ones are counted together. */
export const addressesPerHourMax = 64

/** How long it is kept from which addresses a token was used: less than counts, since addresses tell of people. */
export const addressesKeptMs = 7 * dayMs

const clientLengthMax = 64

/** Uses of a token within one hour that are not written yet, apart by address. */
export interface PendingUses {
  readonly hourAt: EpochMs
  /** The count that the last use went to: that of its address, or `ofSeveral`. */
  last: PendingUse
  /** By address, once there is more than one. */
  byIp: Map<string | null, PendingUse> | undefined
  /** Those from addresses beyond the first `addressesPerHourMax`. */
  ofSeveral: PendingUse | undefined
}

type PendingUse = { -readonly [Field in keyof ObservedUse]: ObservedUse[Field] }

/** Gathers who used which token when and from where, off the path that answers. */
export class UseRecorder {
  /** Those that go on. */
  #pending: PendingUse[] = []
  #holders: Remembered<unknown>[] = []
  /** Those that go on no more and wait to be taken. */
  #ended: ObservedUse[] = []

  /** Notes one accepted use. Costs nanoseconds for a token that was used from the same address since the last writing. */
  record(remembered: Remembered<unknown>, at: EpochMs, ip: string | null, client: string | null): void {
    const pending = remembered.pendingUses
    const goesOn = pending !== undefined && pending.last.lastIp === ip && isWithin(pending, at)
    const use = goesOn ? pending.last : this.#turnTo(remembered, at, ip)
    if (use === undefined) return
    use.lastAt = at
    use.lastClient = client
    use.count += 1
  }

  /** What was gathered since it was taken last, to be written: at most `usesTakenMax` at once. */
  take(): ObservedUse[] {
    if (this.#ended.length < usesTakenMax) {
      for (const holder of this.#holders) holder.pendingUses = undefined
      this.#ended = [...this.#ended, ...this.#pending]
      this.#pending = []
      this.#holders = []
    }
    return this.#ended.splice(0, usesTakenMax)
  }

  /** Takes back what could not be written, as far as there is room. */
  giveBack(uses: readonly ObservedUse[]): void {
    this.#ended = [...this.#ended, ...uses.slice(0, pendingUsesMax - this.#size)]
  }

  get #size(): number {
    return this.#pending.length + this.#ended.length
  }

  /** The count of an hour and address that were not those of the last use; `undefined` when there is no room for it. */
  #turnTo(remembered: Remembered<unknown>, at: EpochMs, ip: string | null): PendingUse | undefined {
    const pending = remembered.pendingUses
    if (pending === undefined || !isWithin(pending, at)) {
      const first = this.#begin(remembered, at, ip)
      if (first === undefined) return undefined
      if (pending === undefined) this.#holders.push(remembered)
      remembered.pendingUses = { hourAt: hourOf(at), last: first, byIp: undefined, ofSeveral: undefined }
      return first
    }
    pending.byIp ??= new Map([[pending.last.lastIp, pending.last]])
    const use = pending.byIp.get(ip) ?? this.#beginBeside(pending, pending.byIp, remembered, at, ip)
    if (use !== undefined) pending.last = use
    return use
  }

  #beginBeside(
    pending: PendingUses,
    byIp: Map<string | null, PendingUse>,
    remembered: Remembered<unknown>,
    at: EpochMs,
    ip: string | null,
  ): PendingUse | undefined {
    if (byIp.size < addressesPerHourMax) {
      const begun = this.#begin(remembered, at, ip)
      if (begun !== undefined) byIp.set(ip, begun)
      return begun
    }
    const ofSeveral = (pending.ofSeveral ??= this.#begin(remembered, at, ip))
    if (ofSeveral === undefined) return undefined
    ofSeveral.isOfSeveral = true
    ofSeveral.lastIp = ip
    return ofSeveral
  }

  #begin({ token, secret }: Remembered<unknown>, at: EpochMs, ip: string | null): PendingUse | undefined {
    if (this.#size >= pendingUsesMax) return undefined
    const begun = { tokenId: token.id, secret, firstAt: at, lastAt: at, lastIp: ip, lastClient: null, count: 0 }
    this.#pending.push(begun)
    return begun
  }
}

function isWithin({ hourAt }: PendingUses, at: EpochMs): boolean {
  return at >= hourAt && at - hourAt < hourMs
}

/** What a client calls itself: the first product of its User-Agent (RFC 9110 §10.1.5), printable and short. */
export function clientName(userAgent: string | undefined): string | null {
  const product = userAgent?.match(/^[\x21-\x7e]{1,256}/)?.[0].slice(0, clientLengthMax)
  return product ?? null
}
