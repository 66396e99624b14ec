import type { AnswerOf } from '@chatelaine/api'
import type { Service } from '../service.ts'
import type { Handlers } from './handler.ts'
import { answerJson } from './verify-answer.ts'
import { verifyFor } from './verify.ts'

/**
 * `/api/v1/tokens/verify-batch`, and `/api/v1/tokens/verify` for what does not look like the one request that
 * `verify.ts` answers before any router, such as a path that is written with escapes.
 */
export function verification(service: Service): Handlers<'verifyToken' | 'verifyTokens'> {
  return {
    async verifyToken({ caller, body }) {
      return { status: 200, body: answerJson(await verifyFor(service, caller, body)) as AnswerOf<'verifyToken', 200> }
    },

    async verifyTokens({ caller, body }) {
      const verdicts = await Promise.all(body.tokens.map(async (ask) => verifyFor(service, caller, ask)))
      return { status: 200, body: { results: verdicts.map(answerJson) as AnswerOf<'verifyToken', 200>[] } }
    },
  }
}
