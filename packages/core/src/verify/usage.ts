import type { VerificationCode } from './decide.ts'
import type { AccountId, ProjectId, TokenId } from '../domain/id.ts'
import type { Remembered } from '../freshness/memory.ts'
import type { UsageCount } from '../ports.ts'
import { hourMs, type EpochMs } from '../domain/time.ts'

/** So many tokens, codes and hours are counted apart between two writings; of more, only the codes are. */
export const pendingUsageMax = 100_000

/** Counts that are written at once, so that no commit waits long behind them. */
export const usageTakenMax = 1_000

/** A count that goes on until it is taken to be written. */
export interface PendingUsage {
  readonly hourAt: EpochMs
  readonly tokenId: TokenId | null
  readonly ownerId: AccountId | ProjectId | null
  readonly code: VerificationCode
  count: number
  isTaken: boolean
}

/**
 * Counts how verifications ended, by token, code and hour, off the path that answers. Every one of them is counted, in
 * bounded memory: those that name no token of ours, and those for which there is no room, by code and hour alone.
 */
export class UsageRecorder {
  readonly #pending = new Map<string, PendingUsage>()
  readonly #taken = new Map<VerificationCode, number>()

  /** Counts one. Costs nanoseconds while a remembered token is answered alike within the hour. */
  count(known: Remembered<unknown> | undefined, code: VerificationCode, at: EpochMs): void {
    const pending = known?.pendingUsage
    if (pending !== undefined && goesOn(pending, code, at)) {
      pending.count += 1
      return
    }
    const counted = this.#add(hourOf(at), known, code, 1)
    if (known !== undefined) known.pendingUsage = counted
  }

  /** What was counted since it was taken last, to be written: at most `usageTakenMax` at once, the oldest first. */
  take(): UsageCount[] {
    const taken: UsageCount[] = []
    for (const [key, pending] of this.#pending) {
      if (taken.length === usageTakenMax) break
      const { hourAt, tokenId, ownerId, code, count } = pending
      this.#pending.delete(key)
      pending.isTaken = true
      this.#noteTaken(code, count)
      taken.push({ hourAt, tokenId, ownerId, code, count })
    }
    return taken
  }

  /** Takes back what could not be written. */
  giveBack(counts: readonly UsageCount[]): void {
    for (const { hourAt, tokenId, ownerId, code, count } of counts) {
      this.#noteTaken(code, -count)
      this.#addTo(hourAt, tokenId, ownerId, code, count)
    }
  }

  /** How many ended with each code since this process began. */
  totals(): Map<VerificationCode, number> {
    const totals = new Map(this.#taken)
    for (const { code, count } of this.#pending.values()) totals.set(code, (totals.get(code) ?? 0) + count)
    return totals
  }

  #noteTaken(code: VerificationCode, count: number): void {
    this.#taken.set(code, (this.#taken.get(code) ?? 0) + count)
  }

  #add(hourAt: EpochMs, known: Remembered<unknown> | undefined, code: VerificationCode, count: number): PendingUsage {
    if (known === undefined) return this.#addTo(hourAt, null, null, code, count)
    const { id, accountId, projectId } = known.token
    return this.#addTo(hourAt, id, accountId ?? projectId, code, count)
  }

  #addTo(
    hourAt: EpochMs,
    tokenId: TokenId | null,
    ownerId: AccountId | ProjectId | null,
    code: VerificationCode,
    count: number,
  ): PendingUsage {
    const key = `${hourAt} ${code} ${tokenId ?? ''}`
    const pending = this.#pending.get(key)
    if (pending !== undefined) {
      pending.count += count
      return pending
    }
    if (tokenId !== null && this.#pending.size >= pendingUsageMax) return this.#addTo(hourAt, null, null, code, count)
    const begun: PendingUsage = { hourAt, tokenId, ownerId, code, count, isTaken: false }
    this.#pending.set(key, begun)
    return begun
  }
}

/** The beginning of the hour of an instant, in UTC. */
export function hourOf(at: EpochMs): EpochMs {
  return at - (at % hourMs)
}

function goesOn({ isTaken, code: codeBefore, hourAt }: PendingUsage, code: VerificationCode, at: EpochMs): boolean {
  return !isTaken && codeBefore === code && at >= hourAt && at - hourAt < hourMs
}
