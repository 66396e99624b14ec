import { networkOf } from '../domain/address.ts'
import { hourMs, minuteMs, secondMs, type EpochMs } from '../domain/time.ts'

/** How many attempts within the window are let pass, and after which time they are forgiven. */
export interface AttemptLimit {
  readonly attemptsMax: number
  readonly windowMs: number
}

/** Failures by account name: enough for a forgetful person, too few for guessing. */
export const byNameLimit: AttemptLimit = { attemptsMax: 10, windowMs: 15 * minuteMs }
/** Failures by address: many people may share one. */
export const byAddressLimit: AttemptLimit = { attemptsMax: 50, windowMs: 15 * minuteMs }
/** Reports of leaked tokens by address. */
export const leakReportLimit: AttemptLimit = { attemptsMax: 60, windowMs: hourMs }

/** Devices that ask, by address. */
export const deviceLimit: AttemptLimit = { attemptsMax: 30, windowMs: 10 * minuteMs }
/** Codes of devices that were typed wrong, by account and by address: far too few for guessing one of eight letters. */
export const userCodeLimit: AttemptLimit = { attemptsMax: 10, windowMs: 10 * minuteMs }
/** Questions of one device; a little shorter than the interval that it is told, since networks are not even. */
export const pollLimit: AttemptLimit = { attemptsMax: 1, windowMs: 4 * secondMs }

const subjectsMax = 100_000

/** Under which name attempts from an address are counted. */
export function addressSubject(ip: string | null): string {
  return (ip === null ? undefined : networkOf(ip)) ?? 'unknown'
}

/**
 * Counts attempts in fixed windows, in bounded memory: of more subjects than fit, the one counted first is forgotten.
 * It may forget, and never concerns tokens.
 */
export class Attempts {
  readonly #limit: AttemptLimit
  readonly #counted = new Map<string, { attempts: number; readonly since: EpochMs }>()

  constructor(limit: AttemptLimit) {
    this.#limit = limit
  }

  /** Seconds to wait before the next attempt; 0: go on. */
  waitSeconds(subject: string, now: EpochMs): number {
    const counted = this.#counted.get(subject)
    if (counted === undefined || counted.attempts < this.#limit.attemptsMax) return 0
    return Math.max(0, Math.ceil((counted.since + this.#limit.windowMs - now) / 1_000))
  }

  count(subject: string, now: EpochMs): void {
    const counted = this.#counted.get(subject)
    if (counted !== undefined && now < counted.since + this.#limit.windowMs) {
      counted.attempts += 1
      return
    }
    this.#counted.delete(subject)
    if (this.#counted.size >= subjectsMax) {
      for (const oldest of this.#counted.keys()) {
        this.#counted.delete(oldest)
        break
      }
    }
    this.#counted.set(subject, { attempts: 1, since: now })
  }

  /** Takes back one that was counted before it was known to succeed. */
  takeBack(subject: string): void {
    const counted = this.#counted.get(subject)
    if (counted !== undefined && counted.attempts > 0) counted.attempts -= 1
  }

  forgive(subject: string): void {
    this.#counted.delete(subject)
  }
}

/** Everything that the use cases count attempts of, in this process. */
export interface AttemptCounters {
  readonly byName: Attempts
  readonly byAddress: Attempts
  readonly devices: Attempts
  readonly userCodes: Attempts
  readonly polls: Attempts
}

export function attemptCounters(): AttemptCounters {
  return {
    byName: new Attempts(byNameLimit),
    byAddress: new Attempts(byAddressLimit),
    devices: new Attempts(deviceLimit),
    userCodes: new Attempts(userCodeLimit),
    polls: new Attempts(pollLimit),
  }
}
