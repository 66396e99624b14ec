import type { AnswerOf } from '@chatelaine/api'
import { formatInstant, readTokenUsage, readUsage, type Usage } from '@chatelaine/core'
import type { Service } from '../service.ts'
import type { Handlers } from './handler.ts'

/** `/api/v1/usage`, and that of one token. */
export function usage({ ports }: Service): Handlers<'getUsage' | 'getTokenUsage'> {
  return {
    async getUsage({ caller, query }) {
      const { token_id: tokenId, account_id: accountId, project_id: projectId, ...time } = query
      const found = await readUsage(ports, caller, {
        ...time,
        ...(tokenId === undefined ? {} : { tokenId }),
        ...(accountId === undefined ? {} : { accountId }),
        ...(projectId === undefined ? {} : { projectId }),
      })
      const topTokens = found.topTokens.map(({ tokenId: id, label, total, valid }) => ({
        token_id: id,
        label,
        total,
        valid,
      }))
      const body = {
        ...usageJson(found),
        top_tokens: topTokens,
        top_tokens_from: formatInstant(found.topTokensFrom),
      }
      return { status: 200, body }
    },

    async getTokenUsage({ caller, params, query }) {
      return { status: 200, body: usageJson(await readTokenUsage(ports, caller, params.id, query)) }
    },
  }
}

function usageJson({ by, from, until, total, codes, points }: Usage): AnswerOf<'getTokenUsage', 200> {
  return {
    by,
    from: formatInstant(from),
    until: formatInstant(until),
    total,
    codes,
    series: points.map((point) => ({ ...point, at: formatInstant(point.at) })),
  }
}
