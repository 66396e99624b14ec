import type { TokenId } from './id.ts'
import type { TokenStore } from './ports.ts'

/** Uses are reserved in blocks of so many while more than `keptApart` are left, and as they are asked for from there on. */
const blockUses = 100
const keptApart = 1_000
/** Tokens that have a block here; for more, only what is asked for is reserved. */
const blocksMax = 100_000

/** What is reserved here of one token's uses. */
interface Block {
  /** Reserved and not spent. */
  unspent: number
  /** Whether the store had so many left, when last asked, that it may give a whole block. */
  isPlentiful: boolean
  /** Who waits for a use, in the order of asking. A reservation is under way while there are any. */
  waiting: Waiting[]
}

interface Waiting {
  readonly resolve: (isSpent: boolean) => void
  readonly reject: (reason: unknown) => void
}

/**
 * Spends the uses of tokens that have a limited number of them. Exact: no use is spent twice, however many ask at once.
 * What is reserved and not spent when the process dies is lost.
 */
export class UseBudget {
  readonly #tokens: Pick<TokenStore, 'reserveUses' | 'returnUses'>
  readonly #blocks = new Map<TokenId, Block>()

  constructor(tokens: Pick<TokenStore, 'reserveUses' | 'returnUses'>) {
    this.#tokens = tokens
  }

  /**
   * Spends one use. At once while a block lasts, else after a durable reservation, which those who ask together share.
   * @returns `false` when none is left.
   * @throws `unavailable` (rejects) when the store cannot say.
   */
  spend(id: TokenId): boolean | Promise<boolean> {
    const block = this.#blockOf(id)
    if (block.unspent > 0) {
      block.unspent -= 1
      return true
    }
    return new Promise((resolve, reject) => {
      block.waiting.push({ resolve, reject })
      if (block.waiting.length === 1) void this.#serve(id, block)
    })
  }

  /** Takes back a use that was spent for a verification that something else refused. */
  takeBack(id: TokenId): void {
    this.#blockOf(id).unspent += 1
  }

  /** Gives what is reserved back to the store, for an orderly end. */
  async close(): Promise<void> {
    const blocks = [...this.#blocks]
    this.#blocks.clear()
    for (const [id, { unspent }] of blocks) if (unspent > 0) await this.#tokens.returnUses(id, unspent)
  }

  #blockOf(id: TokenId): Block {
    const known = this.#blocks.get(id)
    if (known !== undefined) return known
    const block: Block = { unspent: 0, isPlentiful: false, waiting: [] }
    this.#blocks.set(id, block)
    return block
  }

  /** Reserves for those who wait, one reservation at a time, until nobody does. Never rejects: those who wait are told. */
  async #serve(id: TokenId, block: Block): Promise<void> {
    while (block.waiting.length > 0) {
      const isWhole = block.isPlentiful && this.#blocks.size <= blocksMax
      const count = isWhole ? Math.max(blockUses, block.waiting.length) : block.waiting.length
      try {
        const { reserved, left } = await this.#tokens.reserveUses(id, count)
        block.unspent += reserved
        block.isPlentiful = left > keptApart + blockUses
        this.#handOut(block, left)
      } catch (error) {
        for (const { reject } of block.waiting.splice(0)) reject(error)
      }
    }
    const isKept = block.unspent > 0 || (block.isPlentiful && this.#blocks.size <= blocksMax)
    if (!isKept) this.#blocks.delete(id)
  }

  /** Whoever gets none is refused if that was the last, and asks again otherwise. */
  #handOut(block: Block, left: number): void {
    const served = block.waiting.splice(0, block.unspent)
    block.unspent -= served.length
    for (const { resolve } of served) resolve(true)
    if (left > 0) return
    for (const { resolve } of block.waiting.splice(0)) resolve(false)
  }
}
