import type { Token, TokenId } from '@chatelaine/core'

/** Tokens that wait to be moved; of more, the rest is moved when it is presented again. */
const rekeyingWaitingMax = 1_000

/** So many moves are under way at once, so that one commit takes them together. */
const movesAtOnceMax = 32

interface Waiting {
  readonly token: Token
  readonly presented: string
}

/** Moves digests to the current master key, one presented token after the other, off the path that answers. */
export class Rekeying {
  readonly #move: (token: Token, presented: string) => Promise<void>
  readonly #failed: (error: unknown) => void
  readonly #waiting = new Map<TokenId, Waiting>()
  #running: Promise<void> | undefined

  /** @param failed told of a move that did not succeed; the token goes on as it is and is noted again later. */
  constructor(move: (token: Token, presented: string) => Promise<void>, failed: (error: unknown) => void) {
    this.#move = move
    this.#failed = failed
  }

  /** Returns at once. */
  note(token: Token, presented: string): void {
    if (this.#waiting.size >= rekeyingWaitingMax) return
    this.#waiting.set(token.id, { token, presented })
    this.#running ??= this.#run()
  }

  /** Resolves when nothing is under way. What still waits is dropped. */
  async stop(): Promise<void> {
    this.#waiting.clear()
    await this.#running
  }

  async #run(): Promise<void> {
    // In a later turn, so that whoever noted a token is answered first.
    await Promise.resolve()
    while (this.#waiting.size > 0) {
      const next = [...this.#waiting.values()].slice(0, movesAtOnceMax)
      const moves = await Promise.allSettled(next.map(({ token, presented }) => this.#move(token, presented)))
      for (const { token } of next) this.#waiting.delete(token.id)
      for (const move of moves) if (move.status === 'rejected') this.#failed(move.reason)
    }
    this.#running = undefined
  }
}
