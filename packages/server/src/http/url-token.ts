import type { Peer } from '@chatelaine/core'
import { isWellFormed, prefixLengthMax, prefixLengthMin, tokenLengthMin } from '@chatelaine/token'
import type { Service } from '../service.ts'
import { HttpProblem } from './problem.ts'

/** The rest of a token after its prefix: kind, id, secret and checksum. */
const afterPrefix = /_(?:acc|prj|mgr)_[0-9A-Za-z]{54}/g

/** The query of a URL, without its question mark; empty when there is none. */
export function queryOf(url: string): string {
  const markAt = url.indexOf('?')
  return markAt < 0 ? '' : url.slice(markAt + 1)
}

/**
 * The first whole token in the query of a URL, also where other text touches it, and in escapes too; `undefined` when
 * there is none.
 */
export function tokenInQuery(query: string): string | undefined {
  if (query.length < tokenLengthMin || !mayHoldToken.test(query)) return undefined
  for (const text of [...new URLSearchParams(query)].flat()) {
    const token = tokenIn(text)
    if (token !== undefined) return token
  }
  return undefined
}

const mayHoldToken = /_(?:acc|prj|mgr)_|%/

/**
 * URLs stay in histories and logs, so a token in one counts as seen by others, whatever the request was for.
 * @throws `token-in-url`, always.
 */
export async function refuseTokenInUrl(service: Service, peer: Peer, presented: string): Promise<never> {
  await service.exposures.note(service.ports, { type: 'anonymous', peer }, presented, 'url')
  throw new HttpProblem(
    'token-in-url',
    'The URL holds a token, which counts as exposed now. Revoke it, and send its successor in the Authorization header.',
  )
}

function tokenIn(text: string): string | undefined {
  for (const { index, 0: rest } of text.matchAll(afterPrefix)) {
    for (let length = prefixLengthMin; length <= Math.min(prefixLengthMax, index); length += 1) {
      const candidate = text.slice(index - length, index) + rest
      if (isWellFormed(candidate)) return candidate
    }
  }
  return undefined
}
