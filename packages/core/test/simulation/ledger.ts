/** What is known from outside of one token or account: what was asked for and what was answered. */
interface Standing {
  /** Whether somebody was told that it is taken away, and nobody has begun to give it back since. */
  isTaken: boolean
  /** Whether that can never be given back. */
  isFinal: boolean
  /** Whether taking it away was ever begun. */
  wasAskedFor: boolean
  /** How often giving it back was begun. */
  givings: number
  /** Givings that may still come into force: those that were not answered, for ever. */
  givingsUnderWay: number
}

/** What the world outside knows, so that it can tell what must not happen any more. */
export class Ledger {
  readonly #standings = new Map<string, Standing>()

  /** To be called before something is taken away. What it answers is to be called when that was answered. */
  beginTaking(id: string, isFinal: boolean): () => void {
    const standing = this.#of(id)
    const { givings, givingsUnderWay } = standing
    standing.wasAskedFor = true
    return () => {
      if (isFinal) standing.isFinal = true
      if (standing.givings === givings && givingsUnderWay === 0) standing.isTaken = true
    }
  }

  /** The same for giving back. */
  beginGiving(id: string): () => void {
    const standing = this.#of(id)
    standing.givings += 1
    standing.givingsUnderWay += 1
    standing.isTaken = false
    return () => void (standing.givingsUnderWay -= 1)
  }

  /** To be called before a verification begins; what it answers says, once that was accepted, whether it should not have been. */
  beginVerifying(ids: readonly string[]): () => boolean {
    const before = ids.map((id) => ({ ...this.#of(id) }))
    return () =>
      ids.some((id, index) => {
        const { isTaken, isFinal, givings } = before[index]!
        return isFinal || (isTaken && this.#of(id).givings === givings)
      })
  }

  /** Whether nobody ever asked to take any of these away. */
  isUntouched(ids: readonly string[]): boolean {
    return ids.every((id) => !this.#of(id).wasAskedFor)
  }

  #of(id: string): Standing {
    const known = this.#standings.get(id)
    if (known !== undefined) return known
    const standing = { isTaken: false, isFinal: false, wasAskedFor: false, givings: 0, givingsUnderWay: 0 }
    this.#standings.set(id, standing)
    return standing
  }
}
