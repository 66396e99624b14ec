import type { Position } from '../log/change.ts'
import { Failure } from '../domain/failure.ts'
import type { TokenId } from '../domain/id.ts'
import type { VerifierState } from '../freshness/instances.ts'
import { minuteMs } from '../domain/time.ts'

/** A verifier outside the server that follows the log over the feed. */
export interface Follower {
  readonly credentialId: TokenId
  readonly name: string
  /** What it has applied, as it said last; `undefined` until it did. */
  acknowledged: Position | undefined
  /** When it was heard last, on the monotonic clock. */
  heardMs: number
  /** From when on it answers nothing from memory, unless it was given a lease since. */
  leaseEndsMs: number
}

/** So many verifiers follow one instance. */
export const followersMax = 10_000
/** And so many of them with one credential, so that nobody takes the places of others. */
export const followersPerCredentialMax = 5_000

/** A lease that a verifier may ask for; longer ones are not given. */
export const verifierLeaseMsMax = minuteMs

/** After so long without a word a verifier is gone, and its lease with it. */
const forgottenAfterMs = 2 * verifierLeaseMsMax

/** The verifiers that follow the log from here, the one that was silent longest first. */
export class Followers {
  readonly #byName = new Map<string, Follower>()
  readonly #countByCredential = new Map<TokenId, number>()

  get size(): number {
    return this.#byName.size
  }

  [Symbol.iterator](): Iterator<Follower> {
    return this.#byName.values()
  }

  /**
   * The verifier that has this id under this credential, which is a word from it.
   * @throws `too-many-attempts` when there is no place for another one.
   */
  hear(credentialId: TokenId, verifierId: string, nowMs: number): Follower {
    this.#forgetSilent(nowMs)
    const name = `${credentialId} ${verifierId}`
    const known = this.#byName.get(name)
    const follower = known ?? { credentialId, name, acknowledged: undefined, heardMs: nowMs, leaseEndsMs: nowMs }
    if (known === undefined) this.#countIn(credentialId)
    follower.heardMs = nowMs
    this.#byName.delete(name)
    this.#byName.set(name, follower)
    return follower
  }

  /** What this instance says of them to the others. Those whose lease is over cannot do wrong, and are left out. */
  state(epoch: string, nowMs: number): VerifierState {
    let count = 0
    let lowestSeq: number | null = null
    let longestLeaseMs = 0
    for (const follower of this) {
      if (follower.leaseEndsMs <= nowMs) continue
      const { acknowledged } = follower
      const seq = acknowledged?.epoch === epoch ? acknowledged.seq : 0
      count += 1
      lowestSeq = Math.min(lowestSeq ?? seq, seq)
      longestLeaseMs = Math.max(longestLeaseMs, follower.leaseEndsMs - nowMs)
    }
    return { count, lowestSeq, longestLeaseMs }
  }

  #countIn(credentialId: TokenId): void {
    const ofCredential = this.#countByCredential.get(credentialId) ?? 0
    if (this.#byName.size >= followersMax || ofCredential >= followersPerCredentialMax) {
      const message =
        'Too many verifiers follow the log here. Give each process one verifier, and come back in a minute.'
      throw new Failure('too-many-attempts', message, { retryAfterSeconds: 60 })
    }
    this.#countByCredential.set(credentialId, ofCredential + 1)
  }

  #forgetSilent(nowMs: number): void {
    for (const { name, credentialId, heardMs } of this.#byName.values()) {
      if (nowMs - heardMs < forgottenAfterMs) return
      this.#byName.delete(name)
      const left = (this.#countByCredential.get(credentialId) ?? 1) - 1
      if (left === 0) this.#countByCredential.delete(credentialId)
      else this.#countByCredential.set(credentialId, left)
    }
  }
}
