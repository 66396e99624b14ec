import type { AnswerOf } from '@chatelaine/api'
import { setTimeout } from 'node:timers/promises'
import { bodyOf, type Answer, type Client, type Said } from './client.ts'

export type Account = AnswerOf<'createAccount', 201>
export type Issued = AnswerOf<'createToken', 201>
export type Verification = AnswerOf<'verifyToken', 200>

/** Does, with a manager token, what tests need done before they begin. Whatever is refused fails the test. */
export class Steward {
  readonly client: Client
  readonly token: string

  constructor(client: Client, token: string) {
    this.client = client
    this.token = token
  }

  async account(username: string, body: object = {}): Promise<Account> {
    const said = { as: this.token, body: { username, ...body } }
    return bodyOf('createAccount', 201, await this.#askPatiently('/api/v1/accounts', said))
  }

  async issue(body: object): Promise<Issued> {
    return bodyOf('createToken', 201, await this.#askPatiently('/api/v1/tokens', { as: this.token, body }))
  }

  /** Asks again when it is told to: a busy machine makes a server say so, and what is prepared is not what is tested. */
  async #askPatiently(path: string, said: Said): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.client.ask('POST', path, said)
      const seconds = Number(answer.headers['retry-after'] ?? 0)
      if (answer.status !== 503 || seconds === 0 || attempt === patientAttemptsMax) return answer
      await setTimeout(seconds * 1_000)
    }
  }

  /** So many tokens of one account. */
  async issueMany(count: number, body: object): Promise<Issued[]> {
    return Promise.all(Array.from({ length: count }, () => this.issue(body)))
  }

  async verify(token: string, question: object = {}): Promise<Verification & { readonly sentAtMs: number }> {
    const said = { as: this.token, body: { token, ...question } }
    const answer = await this.client.ask('POST', '/api/v1/tokens/verify', said)
    return { ...bodyOf('verifyToken', 200, answer), sentAtMs: answer.sentAtMs }
  }

  /** The code of each token, in their order. */
  async codes(tokens: readonly string[]): Promise<Verification['code'][]> {
    const batches = Array.from({ length: Math.ceil(tokens.length / batchMax) }, (_, index) =>
      tokens.slice(index * batchMax, (index + 1) * batchMax),
    )
    const codes = await Promise.all(
      batches.map(async (batch) => {
        const body = { tokens: batch.map((token) => ({ token, kinds: ['account', 'manager'] })) }
        const answer = await this.client.ask('POST', '/api/v1/tokens/verify-batch', { as: this.token, body })
        return bodyOf('verifyTokens', 200, answer).results.map(({ code }) => code)
      }),
    )
    return codes.flat()
  }
}

const batchMax = 100
const patientAttemptsMax = 10
