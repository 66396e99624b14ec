import type { AnswerOf } from '@chatelaine/api'
import {
  formatInstant,
  formatInstantOrNull,
  readTokenUsage,
  readUsage,
  type TokenUsage,
  type Usage,
} from '@chatelaine/core'
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
      const topTokens = found.topTokens.map(({ tokenId: id, token, total, valid }) => ({
        token_id: id,
        label: token && token.label,
        kind: token && token.kind,
        account_id: token && token.accountId,
        project_id: token && token.projectId,
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
      const found = await readTokenUsage(ports, caller, params.id, query)
      return { status: 200, body: { ...usageJson(found), ...usedFromJson(found) } }
    },
  }
}

type TokenUsageJson = AnswerOf<'getTokenUsage', 200>

function usageJson({ by, from, until, total, codes, points }: Usage): Omit<TokenUsageJson, keyof UsedFromJson> {
  return {
    by,
    from: formatInstant(from),
    until: formatInstant(until),
    total,
    codes,
    series: points.map((point) => ({ ...point, at: formatInstant(point.at) })),
  }
}

type UsedFromJson = Pick<
  TokenUsageJson,
  'addresses' | 'addresses_from' | 'address_count' | 'addresses_are_more' | 'accepted_elsewhere'
>

function usedFromJson({ usedFrom, usedFromSince }: TokenUsage): UsedFromJson {
  return {
    addresses: usedFrom.addresses.map(({ ip, client, count, lastAt, oldLastAt }) => ({
      ip,
      client,
      accepted: count,
      last_used_at: formatInstant(lastAt),
      old_last_used_at: formatInstantOrNull(oldLastAt),
    })),
    addresses_from: formatInstant(usedFromSince),
    address_count: usedFrom.addressCount,
    addresses_are_more: usedFrom.areMore,
    accepted_elsewhere: usedFrom.elsewhere,
  }
}
