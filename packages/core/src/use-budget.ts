import { Failure } from './failure.ts'
import type { TokenId } from './id.ts'
import type { TokenStore } from './ports.ts'

/** Uses are reserved in blocks of so many while more than `keptApart` are left, and one by one from there on. */
const blockUses = 100
const keptApart = 1_000
/** Tokens that have a block here; for more, each use is reserved by itself. */
const blocksMax = 100_000

/**
 * Spends the uses of tokens that have a limited number of them. Exact: no use is spent twice, however many ask at once.
 * What is reserved and not spent when the process dies is lost.
 */
export class UseBudget {
  readonly #tokens: Pick<TokenStore, 'reserveUses' | 'returnUses'>
  /** What is reserved here and not spent, and whether the store had more than `keptApart` when last asked. */
  readonly #blocks = new Map<TokenId, { unspent: number; isPlentiful: boolean }>()

  constructor(tokens: Pick<TokenStore, 'reserveUses' | 'returnUses'>) {
    this.#tokens = tokens
  }

  /**
   * Spends one use. At once while a block lasts, else after a durable reservation.
   * @returns `false` when none is left.
   */
  spend(id: TokenId): boolean | Promise<boolean> {
    const block = this.#blocks.get(id)
    if (block === undefined || block.unspent === 0) return this.#reserve(id)
    block.unspent -= 1
    return true
  }

  /** Takes back a use that was spent for a verification that something else refused. */
  takeBack(id: TokenId): void {
    const block = this.#blocks.get(id)
    if (block === undefined) this.#blocks.set(id, { unspent: 1, isPlentiful: false })
    else block.unspent += 1
  }

  /** Gives what is reserved back to the store, for an orderly end. */
  async close(): Promise<void> {
    const blocks = [...this.#blocks]
    this.#blocks.clear()
    for (const [id, { unspent }] of blocks) if (unspent > 0) await this.#tokens.returnUses(id, unspent)
  }

  async #reserve(id: TokenId): Promise<boolean> {
    const isRoomy = this.#blocks.has(id) || this.#blocks.size < blocksMax
    const count = isRoomy && this.#blocks.get(id)?.isPlentiful ? blockUses : 1
    const { reserved, left } = await this.#tokens.reserveUses(id, count)
    const unspent = (this.#blocks.get(id)?.unspent ?? 0) + reserved
    if (unspent > 0) {
      const isPlentiful = left > keptApart + blockUses
      if (isRoomy && (unspent > 1 || isPlentiful)) this.#blocks.set(id, { unspent: unspent - 1, isPlentiful })
      else this.#blocks.delete(id)
      return true
    }
    this.#blocks.delete(id)
    if (left === 0) return false
    throw new Failure('unavailable', 'The uses left cannot be told now. Ask again.', { retryAfterSeconds: 1 })
  }
}
