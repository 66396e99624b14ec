// How a token stands in the headers of a request: the one table of schemes, for the server and for whoever verifies in
// its own process.

/** A token as a request presents it, and in which scheme. What was presented may be anything. */
export interface Credential {
  readonly scheme: Scheme
  readonly presented: string
  /** What stood before the token: the user name of Basic, the id of Key. */
  readonly username?: string
}

export type Scheme = keyof typeof schemes | 'X-API-Key'

/** What follows the name of a scheme, and what it presents. Names are matched without regard to case (RFC 9110 §11.1). */
const schemes = {
  /** RFC 6750 §2.1. */
  bearer: (rest: string): Presented => ({ presented: rest }),
  token: (rest: string): Presented => ({ presented: rest }),
  key: splitAtColon,
  /** RFC 7617 §2, with the token as the password, or as the user name beside an empty password. */
  basic(rest: string): Presented {
    const pair = splitAtColon(decodeBase64(rest))
    return pair.presented === '' ? { presented: pair.username ?? '' } : pair
  },
}

type Presented = Omit<Credential, 'scheme'>

/** The headers that can present a token, by their names in lower case. */
export interface PresentingHeaders {
  readonly authorization?: string | undefined
  readonly token?: string | readonly string[] | undefined
  readonly 'x-api-key'?: string | readonly string[] | undefined
}

/**
 * The token that a request presents. `undefined` when there is none: schemes that are not ours count as none.
 * `conflicting` when there are two that differ. Never throws.
 */
export function readCredential(headers: PresentingHeaders): Credential | 'conflicting' | undefined {
  const { authorization, token: tokenHeader, 'x-api-key': apiKey } = headers
  if (tokenHeader === undefined && apiKey === undefined) {
    if (authorization?.startsWith('Bearer ')) return { scheme: 'bearer', presented: authorization.slice(7).trimStart() }
    return authorization === undefined ? undefined : readScheme(authorization, schemes)
  }
  const found = [
    readScheme(authorization, schemes),
    // Of the header `token` only its own scheme is known, so that an unrelated header of that name is let alone.
    readScheme([tokenHeader].flat().join(), { token: schemes.token }),
    apiKey === undefined ? undefined : { scheme: 'X-API-Key' as const, presented: [apiKey].flat().join() },
  ].filter((one) => one !== undefined)
  const isAmbiguous = found.some((one) => one.presented !== found[0]?.presented)
  return isAmbiguous ? 'conflicting' : found[0]
}

function readScheme(header: string | undefined, known: Partial<typeof schemes>): Credential | undefined {
  const [, name = '', rest = ''] = /^([A-Za-z]+)(?: +(.*))?$/.exec(header ?? '') ?? []
  const scheme = name.toLowerCase() as keyof typeof schemes
  const present = Object.hasOwn(known, scheme) ? known[scheme] : undefined
  return present && { scheme, ...present(rest) }
}

function splitAtColon(pair: string): Presented {
  const colonAt = pair.indexOf(':')
  return colonAt < 0 ? { presented: '' } : { username: pair.slice(0, colonAt), presented: pair.slice(colonAt + 1) }
}

/** What is no base64 decodes to nothing, and so presents nothing. */
function decodeBase64(text: string): string {
  try {
    const bytes = atob(text)
    // Where no byte is of more than seven bits, UTF-8 has nothing to decode, and making an array of them costs the most.
    if (ascii.test(bytes)) return bytes
    return new TextDecoder().decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)))
  } catch {
    return ''
  }
}

const ascii = /^[\0-\x7f]*$/
