import assert from 'node:assert/strict'
import type { Issued, Steward, Verification } from './steward.ts'

type Code = Verification['code']

/** What can be taken from a token for this test, and how a verification tells it afterwards. */
export type Taking = 'revoked' | 'suspended'

interface Kept {
  readonly token: string
  /** What a verification may answer: two codes while it is not known what became of a request. */
  possible: readonly Code[]
  taken: Taking | undefined
}

/** Everything that a server has acknowledged, and what must be found of it for ever after. */
export class Acknowledged {
  readonly #keptById = new Map<string, Kept>()
  #acknowledgements = 0

  get acknowledgements(): number {
    return this.#acknowledgements
  }

  noteIssued({ id, token }: Issued): void {
    this.#keptById.set(id, { token, possible: ['valid'], taken: undefined })
    this.#acknowledgements += 1
  }

  /** Before the request is sent: from now on until it is answered, either state is right. */
  noteTaking(id: string, taking: Taking): void {
    this.#keptById.get(id)!.possible = ['valid', taking]
  }

  noteTaken(id: string, taking: Taking): void {
    Object.assign(this.#keptById.get(id)!, { possible: [taking], taken: taking })
    this.#acknowledgements += 1
  }

  /** How many times the log must say this of this token; `undefined` where both are right. */
  expectedRows(action: string, id: string): number | undefined {
    const kept = this.#keptById.get(id)
    if (kept === undefined) return undefined
    if (action === 'token.created') return 1
    if (kept.possible.length > 1) return undefined
    return action === `token.${kept.possible[0]}` ? 1 : 0
  }

  get ids(): readonly string[] {
    return [...this.#keptById.keys()]
  }

  countTaken(taking: Taking): number {
    return [...this.#keptById.values()].filter(({ taken }) => taken === taking).length
  }

  /** Verifies every token. What was open before is settled by what is found: it must be the same ever after. */
  async check(steward: Steward): Promise<void> {
    const all = [...this.#keptById]
    const codes = await steward.codes(all.map(([, { token }]) => token))
    for (const [index, [id, kept]] of all.entries()) {
      const code = codes[index]!
      assert.ok(kept.possible.includes(code), `${id} is ${code} and was acknowledged as ${kept.possible.join(' or ')}`)
      kept.possible = [code]
    }
  }
}
