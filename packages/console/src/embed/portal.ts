import { ChatelaineProblem, createClient, Secret, type Client } from '@chatelaine/sdk'
import { words } from '../words/words.ts'

/** How it stands with the session. */
export interface PortalStanding {
  /** `awaited`: no session was given yet. `ended`: the server does not accept it any more. */
  readonly is: 'awaited' | 'open' | 'ended'
  /** How many sessions there have been. */
  readonly turn: number
}

/** A portal session as it comes, ends and is renewed, and the client that asks with it. It is kept in memory alone. */
export class Portal {
  readonly api: Client
  readonly #onEnded: () => void
  readonly #listeners = new Set<() => void>()
  #session: Secret | undefined
  #standing: PortalStanding = { is: 'awaited', turn: 0 }

  /** @param onEnded Told once of each session that ends. */
  constructor(server: string, onEnded: () => void) {
    this.#onEnded = onEnded
    this.api = createClient({
      url: server,
      token: Object.assign(this.#read, { again: this.#read }),
      fetch: this.#ask,
    })
  }

  /** What is asked from now on is asked with this session. */
  renew(session: string): void {
    this.#session = new Secret(session)
    this.#become({ is: 'open', turn: this.#standing.turn + 1 })
  }

  readonly standing = (): PortalStanding => this.#standing

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** With a session that has ended nobody is asked any more. */
  readonly #read = (): Secret => {
    if (this.#session === undefined || this.#standing.is !== 'open') {
      throw new ChatelaineProblem('credential-rejected', words.embed.ended)
    }
    return this.#session
  }

  readonly #ask: typeof fetch = async (input, init) => {
    const asking = this.#session
    const response = await fetch(input, init)
    // Where it was renewed meanwhile, the client asks again with the new one.
    if (response.status === 401 && asking === this.#session && this.#standing.is === 'open') {
      this.#become({ ...this.#standing, is: 'ended' })
      this.#onEnded()
    }
    return response
  }

  #become(standing: PortalStanding): void {
    this.#standing = standing
    for (const listener of this.#listeners) listener()
  }
}
