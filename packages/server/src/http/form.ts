import { readQuery, type Output, type Schema } from '@chatelaine/api'
import { HttpProblem, invalidRequest } from './problem.ts'

/**
 * Reads a body that must be a form, as OAuth's requests are (RFC 6749 appendix B): an empty value means absent, and a
 * parameter that is known may not be repeated.
 * @throws `unsupported-media-type`, `invalid-request`.
 */
export function parseForm<S extends Schema>(contentType: string | undefined, bytes: Uint8Array, schema: S): Output<S> {
  if (contentType !== formType && !formTypePattern.test(contentType ?? '')) {
    throw new HttpProblem('unsupported-media-type', `Send the body with "Content-Type: ${formType}".`)
  }
  const reading = readQuery(schema, new URLSearchParams(utf8.decode(bytes)))
  if (reading.ok) return reading.value
  throw invalidRequest(reading.faults)
}

export const formType = 'application/x-www-form-urlencoded'
const formTypePattern = /^application\/x-www-form-urlencoded[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i

/** Bytes that are not UTF-8 become the replacement character, which is part of no token. */
const utf8 = new TextDecoder()
