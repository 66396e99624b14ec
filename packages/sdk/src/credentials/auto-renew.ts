import type { TokenSource } from '../token-source.ts'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Secret } from '@chatelaine/token'
import { createClient, type Client } from '../client/client.ts'
import type { ClientSettings } from '../client/call.ts'
import type { Token } from '../contract.ts'
import { isProblem } from '../problem.ts'
import { CredentialError } from './credential-error.ts'
import { lockFile, lockTiming, type LockTiming } from './file-lock.ts'
import type { LoadedToken } from './load-token.ts'
import { placeOf, type TokenPlace } from './token-place.ts'

/** Of what is left of its life, how much goes by before a token is renewed. */
const renewAfterShare = 2 / 3
/** How often is looked whether another process has renewed the token. */
const lookAgainMs = 1_000
/** After how long a renewal that failed is tried again, at least. */
const retryDelayMs = 30_000
/** The longest that is waited in one go: timers of Node count no further than 24 days. */
const waitMsMax = 3_600_000

export interface AutoRenewSettings extends Omit<ClientSettings, 'token'> {
  /** From a file, the keyring or the store: there the new secret is kept too. */
  readonly token: LoadedToken
  /**
   * How long the old secret lives on once the new one is used: 0 to 604 800; 86 400. A program that is killed at the very
   * moment of a renewal has to be started again within that time, and other processes that share the place take the new
   * one up within a second. With 0 the old one dies at once, with every request that is under way.
   */
  readonly graceSeconds?: number | undefined
  readonly onRenewed?: ((token: Token) => void) | undefined
  /** Hears why a renewal failed. It is tried again. */
  readonly onProblem?: ((error: unknown) => void) | undefined
}

/** A token that renews itself until it is closed, or until its time for that is over. */
export interface Renewal {
  /** The secret that is good now; what `token` of `createClient` and `createVerifier` takes. */
  readonly token: () => Promise<Secret>
  /** When it ends, as things stand; `null` when it is permanent. */
  readonly expiresAt: string | null
  /** Renews at once, unless another process has just done so. Fails as calls of the client do. */
  renew(): Promise<void>
  close(): void
}

/**
 * Keeps a temporary token alive: before it lapses it is given a new secret and its first lifetime once more, within its
 * `renewable_until`. The new secret is kept where the old one came from before anybody uses it, so that a program which is
 * killed in between finds one that works. Several processes may share the place.
 *
 * @throws CredentialError for a token that has no place to be kept in, or that was not made to renew itself.
 * @throws ChatelaineProblem when the server cannot be asked, or the token is dead.
 *
 * @example
 * const renewal = await autoRenew({ url, token: await loadToken() })
 * const client = createClient({ url, token: renewal.token })
 */
export async function autoRenew(settings: AutoRenewSettings): Promise<Renewal> {
  return renewing(settings, lockTiming)
}

/** `autoRenew`, with locks that have a timing of their own. */
export async function renewing(settings: AutoRenewSettings, timing: LockTiming): Promise<Renewal> {
  const place = await placeOf(settings.token)
  const renewal = new Renewing(settings, place, timing)
  await renewal.begin()
  return renewal
}

class Renewing implements Renewal {
  readonly token = Object.assign(() => this.#current(), { again: () => this.#again() })
  readonly #settings: AutoRenewSettings
  readonly #place: TokenPlace
  readonly #timing: LockTiming
  readonly #client: Client
  readonly #closing = new AbortController()
  #secret: Secret
  #expiresAt: string | null = null
  /** When to renew, in milliseconds since the Unix epoch. */
  #dueAt = Infinity
  #lookedAtMs = -Infinity
  #timer: NodeJS.Timeout | undefined
  #renewal: Promise<void> | undefined

  constructor(settings: AutoRenewSettings, place: TokenPlace, timing: LockTiming) {
    this.#settings = settings
    this.#place = place
    this.#timing = timing
    this.#secret = settings.token
    this.#client = createClient({ ...settings, token: this.#held() })
  }

  get expiresAt(): string | null {
    return this.#expiresAt
  }

  async begin(): Promise<void> {
    await this.#takeUp()
    const token = await this.#client.tokens.getSelf({ signal: this.#closing.signal })
    if (token.renewable_until === null) {
      throw new CredentialError(
        'not-renewable',
        `The token ${token.start}… was not made to renew itself.`,
        'Make one with renewable_until, the instant until which it may.',
      )
    }
    this.#learn(token)
  }

  renew(): Promise<void> {
    this.#renewal ??= this.#renewLocked().finally(() => {
      this.#renewal = undefined
    })
    return this.#renewal
  }

  close(): void {
    this.#closing.abort()
    clearTimeout(this.#timer)
  }

  async #current(): Promise<Secret> {
    await this.#look()
    return this.#secret
  }

  /** What is held; and where that was refused, what others have kept since: they may have renewed the token twice. */
  #held(): TokenSource {
    const held = () => this.#secret
    return Object.assign(held, { again: () => this.#again() })
  }

  async #again(): Promise<Secret> {
    await this.#takeUp()
    return this.#secret
  }

  /** Another process may have renewed the token; what was kept since is better than what one holds. */
  async #look(): Promise<boolean> {
    if (performance.now() - this.#lookedAtMs < lookAgainMs) return false
    this.#lookedAtMs = performance.now()
    return this.#takeUp()
  }

  async #takeUp(): Promise<boolean> {
    const before = this.#secret
    const kept = await this.#place.read()
    // Renewed while it was read, so that what was read may be of the time before.
    if (this.#secret !== before) return false
    if (kept === undefined || kept.equals(this.#secret)) return false
    this.#secret = kept
    return true
  }

  async #renewLocked(): Promise<void> {
    const { signal } = this.#closing
    const { graceSeconds, onRenewed } = this.#settings
    await mkdir(dirname(this.#place.lockedBy), { recursive: true, mode: 0o700 })
    const lock = await lockFile(this.#place.lockedBy, signal, this.#timing)
    try {
      if (await this.#takeUp()) return this.#learn(await this.#client.tokens.getSelf({ signal }))
      const options = { signal, deadlineMs: this.#timing.holdMs / 2 }
      const { token: secret, ...token } = await this.#client.tokens.renewSelf({ grace_seconds: graceSeconds }, options)
      // Whoever took the lock over has replaced the new secret, which nobody has used.
      if (!lock.isHeld()) throw new Error('The renewal took so long that another process may have begun one.')
      await this.#place.write(secret)
      this.#secret = secret
      this.#learn(token)
      onRenewed?.(token)
    } finally {
      await lock.release()
    }
  }

  #learn({ expires_at: expiresAt, renewable_until: renewableUntil }: Token): void {
    this.#expiresAt = expiresAt
    const endsAt = expiresAt === null ? Infinity : Date.parse(expiresAt)
    const lastAt = renewableUntil === null ? -Infinity : Date.parse(renewableUntil)
    // What lives as long as it may cannot be renewed.
    this.#dueAt = endsAt < lastAt ? Date.now() + (endsAt - Date.now()) * renewAfterShare : Infinity
    this.#wait()
  }

  #wait(): void {
    clearTimeout(this.#timer)
    if (this.#dueAt === Infinity || this.#closing.signal.aborted) return
    const waitMs = Math.min(Math.max(0, this.#dueAt - Date.now()), waitMsMax)
    this.#timer = setTimeout(() => void this.#renewWhenDue(), waitMs)
    // A program that has nothing else to do may end.
    this.#timer.unref()
  }

  async #renewWhenDue(): Promise<void> {
    try {
      if (Date.now() >= this.#dueAt) await this.renew()
    } catch (error) {
      if (this.#closing.signal.aborted) return
      this.#settings.onProblem?.(error)
      // A dead token stays dead; whoever puts another one into its place is found by looking.
      const pausedMs = isProblem(error, 'credential-rejected') ? waitMsMax : retryDelayMs
      this.#dueAt = Date.now() + pausedMs
    }
    this.#wait()
  }
}
