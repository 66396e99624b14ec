import { isWellFormed, prefixLengthMax, prefixLengthMin } from '@chatelaine/token'

/** The rest of a token after its prefix: kind, id, secret and checksum. */
const afterPrefix = /_(?:acc|prj|mgr)_[0-9A-Za-z]{54}/g

/**
 * The first whole token in the query of a URL, also where other text touches it; `undefined` when there is none. A token
 * needs no escapes, so what stands in escapes was put there by somebody who tries.
 */
export function tokenInQuery(parameters: URLSearchParams): string | undefined {
  for (const text of [...parameters].flat()) {
    const token = tokenIn(text)
    if (token !== undefined) return token
  }
  return undefined
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
