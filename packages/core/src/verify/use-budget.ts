import type { TokenId } from '../domain/id.ts'
import type { TokenStore } from '../ports.ts'

/** Uses are reserved in blocks of so many while more than `keptApart` are left, and as they are asked for from there on. */
const blockUses = 100
const keptApart = 1_000
/** Tokens that have a block here; for more, only what is asked for is reserved. */
const blocksMax = 100_000

/** What is reserved here of one token's uses. */
interface Block {
  /** Reserved and not spent. */
  unspent: number
  /** Spent for verifications that something else may still refuse. */
  undecided: number
  /** Whether the store had so many left, when last asked, that it may give a whole block. */
  isPlentiful: boolean
  isReserving: boolean
  /** Who waits for a use, in the order of asking. */
  waiting: Waiting[]
}

interface Waiting {
  readonly resolve: (isSpent: boolean) => void
  readonly reject: (reason: unknown) => void
}

/**
 * Spends the uses of tokens that have a limited number of them. Exact: no use is spent twice, however many ask at once,
 * and nobody is told that none is left while one may still come back. What is reserved and not spent when the process
 * dies is lost.
 */
export class UseBudget {
  readonly #tokens: Pick<TokenStore, 'reserveUses' | 'returnUses'>
  readonly #blocks = new Map<TokenId, Block>()

  constructor(tokens: Pick<TokenStore, 'reserveUses' | 'returnUses'>) {
    this.#tokens = tokens
  }

  /**
   * Spends one use. At once while a block lasts, else after a durable reservation, which those who ask together share.
   * Of each use that is spent, `keep` or `takeBack` says what became of it.
   * @returns `false` when none is left. While the last ones are undecided, whoever asks waits for what becomes of them.
   * @throws `unavailable` (rejects) when the store cannot say.
   */
  spend(id: TokenId): boolean | Promise<boolean> {
    const block = this.#blockOf(id)
    if (block.unspent > 0) {
      block.unspent -= 1
      block.undecided += 1
      return true
    }
    return new Promise((resolve, reject) => {
      block.waiting.push({ resolve, reject })
      if (!block.isReserving) void this.#serve(id, block)
    })
  }

  /** A use was spent for a verification that was accepted. */
  keep(id: TokenId): void {
    this.#decided(id, this.#blockOf(id))
  }

  /** Takes back a use that was spent for a verification that something else refused. */
  takeBack(id: TokenId): void {
    const block = this.#blockOf(id)
    block.unspent += 1
    this.#decided(id, block)
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
    const block: Block = { unspent: 0, undecided: 0, isPlentiful: false, isReserving: false, waiting: [] }
    this.#blocks.set(id, block)
    return block
  }

  /**
   * Reserves for those who wait, one reservation at a time, until nobody does, or until only uses that are undecided
   * could still help. Never rejects: those who wait are told.
   */
  async #serve(id: TokenId, block: Block): Promise<void> {
    block.isReserving = true
    while (block.waiting.length > 0) {
      const isWhole = block.isPlentiful && this.#blocks.size <= blocksMax
      const count = isWhole ? Math.max(blockUses, block.waiting.length) : block.waiting.length
      try {
        const { reserved, left } = await this.#tokens.reserveUses(id, count)
        block.unspent += reserved
        block.isPlentiful = left > keptApart + blockUses
        handOut(block)
        if (left > 0) continue
        if (block.undecided > 0) break
        for (const { resolve } of block.waiting.splice(0)) resolve(false)
      } catch (error) {
        for (const { reject } of block.waiting.splice(0)) reject(error)
      }
    }
    block.isReserving = false
    this.#dropIdle(id, block)
  }

  #decided(id: TokenId, block: Block): void {
    block.undecided -= 1
    handOut(block)
    if (block.undecided > 0 || block.isReserving) return
    if (block.waiting.length > 0) void this.#serve(id, block)
    else this.#dropIdle(id, block)
  }

  #dropIdle(id: TokenId, { unspent, undecided, isPlentiful }: Block): void {
    const isKept = undecided > 0 || unspent > 0 || (isPlentiful && this.#blocks.size <= blocksMax)
    if (!isKept) this.#blocks.delete(id)
  }
}

/** Whoever gets none waits on. */
function handOut(block: Block): void {
  const served = block.waiting.splice(0, block.unspent)
  block.unspent -= served.length
  block.undecided += served.length
  for (const { resolve } of served) resolve(true)
}
