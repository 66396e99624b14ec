import type { Position } from '../log/change.ts'
import type { Follower, Followers } from './followers.ts'
import type { InstanceState } from '../freshness/instances.ts'
import type { Clock } from '../ports.ts'
import { secondMs } from '../domain/time.ts'

/** However many are still out, nobody waits longer for verifiers. */
export const followerWaitMsMax = 10 * secondMs

/** So many wait for verifiers at once; others are told at once how it stands. */
const passingMax = 64

/** How the verifiers outside the server stand to a change. */
export interface Followed {
  /** Those that have applied it. */
  readonly acknowledged: number
  /** Those that did not, and whose lease ran out meanwhile: they cannot accept what was taken away. */
  readonly lapsed: number
  /** Those that may still accept it. Of another instance's verifiers all count until the last has applied it. */
  readonly outstanding: number
  readonly tookMs: number
}

export interface FollowerBarrierParts {
  readonly clock: Clock
  readonly others: () => Promise<readonly InstanceState[]>
}

/**
 * The barrier for verifiers that follow the log over the feed. Those that follow it here are known one by one; of each other
 * instance it is known how far the last of its verifiers is and how long its longest lease may hold.
 */
export class FollowerBarrier {
  readonly #followers: Followers
  readonly #parts: FollowerBarrierParts
  readonly #passings = new Set<Passing>()
  readonly #others = new Map<string, Other>()
  #isReading = false

  constructor(followers: Followers, parts: FollowerBarrierParts) {
    this.#followers = followers
    this.#parts = parts
  }

  /** How many wait now. */
  get passingCount(): number {
    return this.#passings.size
  }

  /** Resolves when nobody that follows the log can answer from before this place, or after `followerWaitMsMax`. */
  pass(position: Position): Promise<Followed> {
    const beganMs = this.#parts.clock.monotonicMs()
    const { promise, resolve } = Promise.withResolvers<Followed>()
    const out = new Set<Follower>()
    let acknowledged = 0
    for (const follower of this.#followers) {
      if (follower.leaseEndsMs <= beganMs) continue
      if (hasReached(follower.acknowledged, position)) acknowledged += 1
      else out.add(follower)
    }
    const passing: Passing = { position, beganMs, out, acknowledged, lapsed: 0, hasHeardOthers: false, resolve }
    if (this.#passings.size >= passingMax) {
      resolve(this.#standing(passing, beganMs))
      return promise
    }
    this.#passings.add(passing)
    void this.#readOthers()
    return promise
  }

  /** A verifier here has said how far it is. */
  acknowledged(follower: Follower): void {
    for (const passing of this.#passings) {
      if (!passing.out.has(follower) || !hasReached(follower.acknowledged, passing.position)) continue
      passing.out.delete(follower)
      passing.acknowledged += 1
      this.#finishIfOver(passing, this.#parts.clock.monotonicMs())
    }
  }

  /** An instance that is missing may have vanished, and then the leases that it gave still hold for as long as they may. */
  watch(others: readonly InstanceState[]): void {
    const nowMs = this.#parts.clock.monotonicMs()
    for (const [id, other] of this.#others) {
      if (other.leaseEndsMs <= nowMs) this.#others.delete(id)
      else this.#others.set(id, { ...other, isThere: false })
    }
    for (const { id, applied, verifiers } of others) {
      const leaseEndsMs = nowMs + verifiers.longestLeaseMs
      this.#others.set(id, { verifiers, applied, leaseEndsMs, isThere: true })
    }
  }

  /** Lets go of those whose time is over. */
  tick(): void {
    if (this.#passings.size === 0) return
    const nowMs = this.#parts.clock.monotonicMs()
    for (const passing of this.#passings) {
      for (const follower of passing.out) {
        if (follower.leaseEndsMs > nowMs) continue
        passing.out.delete(follower)
        passing.lapsed += 1
      }
      this.#finishIfOver(passing, nowMs)
    }
    if (this.#passings.size > 0) void this.#readOthers()
  }

  /** Tells all that wait how it stands. */
  close(): void {
    const nowMs = this.#parts.clock.monotonicMs()
    for (const passing of this.#passings) this.#finish(passing, nowMs)
  }

  /** What is read counts for those who waited when it began. Without an answer they wait on. */
  async #readOthers(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    const waiting = [...this.#passings]
    try {
      this.watch(await this.#parts.others())
      for (const passing of waiting) passing.hasHeardOthers = true
    } catch {
      // The database is away, and every passing has an end of its own.
    } finally {
      this.#isReading = false
    }
    const nowMs = this.#parts.clock.monotonicMs()
    for (const passing of waiting) this.#finishIfOver(passing, nowMs)
  }

  #finishIfOver(passing: Passing, nowMs: number): void {
    if (!this.#passings.has(passing)) return
    const isOver = passing.out.size === 0 && passing.hasHeardOthers && this.#elsewhere(passing, nowMs).isSettled
    if (isOver || nowMs - passing.beganMs >= followerWaitMsMax) this.#finish(passing, nowMs)
  }

  #finish(passing: Passing, nowMs: number): void {
    this.#passings.delete(passing)
    passing.resolve(this.#standing(passing, nowMs))
  }

  #standing(passing: Passing, nowMs: number): Followed {
    const { acknowledged, lapsed, outstanding } = this.#elsewhere(passing, nowMs)
    return {
      acknowledged: passing.acknowledged + acknowledged,
      lapsed: passing.lapsed + lapsed,
      outstanding: passing.out.size + outstanding,
      tookMs: nowMs - passing.beganMs,
    }
  }

  /** An instance that has not applied the change may have verifiers that it has not told of yet. */
  #elsewhere({ position }: Passing, nowMs: number): Omit<Followed, 'tookMs'> & { isSettled: boolean } {
    const standing = { acknowledged: 0, lapsed: 0, outstanding: 0, isSettled: true }
    for (const { applied, verifiers, leaseEndsMs, isThere } of this.#others.values()) {
      const hasApplied = hasReached(applied, position)
      const lowest = { epoch: applied.epoch, seq: verifiers.lowestSeq ?? applied.seq }
      if (hasApplied && hasReached(lowest, position)) standing.acknowledged += verifiers.count
      else if (leaseEndsMs <= nowMs && (hasApplied || !isThere)) standing.lapsed += verifiers.count
      else {
        standing.outstanding += verifiers.count
        standing.isSettled = false
      }
    }
    return standing
  }
}

/** One that waits. */
interface Passing {
  readonly position: Position
  readonly beganMs: number
  readonly out: Set<Follower>
  acknowledged: number
  lapsed: number
  hasHeardOthers: boolean
  readonly resolve: (followed: Followed) => void
}

/** Another instance, as it was seen last. */
interface Other extends Pick<InstanceState, 'applied' | 'verifiers'> {
  /** When the longest lease is over that it has given. */
  readonly leaseEndsMs: number
  /** Whether it was there when somebody looked last. */
  readonly isThere: boolean
}

function hasReached(acknowledged: Position | undefined, position: Position): boolean {
  return acknowledged?.epoch === position.epoch && acknowledged.seq >= position.seq
}
