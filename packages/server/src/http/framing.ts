import type { IncomingMessage } from 'node:http'
import type { ProblemKey } from '@chatelaine/api'

export const headersMax = 64
export const headerBytesMax = 8_192
export const headersTimeoutMs = 5_000
export const requestTimeoutMs = 10_000
export const connectionsCheckMs = 1_000
/** So many connections are held at once; each may have a body of a mebibyte in memory. More are not accepted. */
export const connectionsMax = 10_000
/** An idle connection is closed after this long, later than most proxies give up on theirs. */
export const keepAliveTimeoutMs = 75_000

/** Whether anything follows the header (RFC 9112 §6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** What is wrong with how a request is framed, before anybody looks at what it says. */
export interface FramingFault {
  readonly key: Extract<ProblemKey, 'bad-request' | 'method-not-allowed' | 'header-too-large'>
  readonly detail: string
}

/**
 * Refuses what two programs on the way could read differently, which is how requests are smuggled (RFC 9112 §11.2).
 * `undefined` when the request is plain. The connection of a refused request must be closed.
 */
export function framingFault(request: IncomingMessage): FramingFault | undefined {
  const { method, url = '', rawHeaders, httpVersion, httpVersionMajor } = request
  if (method === 'TRACE' || method === 'CONNECT') {
    return { key: 'method-not-allowed', detail: `${method} is not answered here.` }
  }
  // The parser also takes what calls itself HTTP/0.9 or HTTP/2.0, in the syntax of neither.
  if (httpVersionMajor !== 1) {
    return { key: 'bad-request', detail: `Send the request as HTTP/1.1: HTTP/${httpVersion} is not spoken here.` }
  }
  if (!url.startsWith('/') || url.includes('#')) {
    const detail = 'The request target must be a path that begins with a slash: no whole address, no fragment.'
    return { key: 'bad-request', detail }
  }
  if (rawHeaders.length > 2 * headersMax) {
    return { key: 'header-too-large', detail: `A request may have at most ${headersMax} header fields.` }
  }
  return headerFault(request)
}

function headerFault(request: IncomingMessage): FramingFault | undefined {
  const { rawHeaders, headers, httpVersionMinor } = request
  let seen = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const bit = singleHeaderBit(rawHeaders[index]!)
    if (bit !== 0 && (seen & bit) !== 0) {
      return { key: 'bad-request', detail: `The header ${rawHeaders[index]} may be sent only once.` }
    }
    seen |= bit
  }
  if (headers.host === undefined) {
    return { key: 'bad-request', detail: `HTTP/1.${httpVersionMinor} needs a Host header here.` }
  }
  if (!hostPattern.test(headers.host)) {
    return { key: 'bad-request', detail: 'The Host header must be a name or an address, and perhaps a port.' }
  }
  // RFC 9112 §6.1: of the transfer codings only `chunked` is understood here, and it alone says where a body ends; in
  // HTTP/1.0, which has none, somebody on the way may have passed it on unread.
  const coding = headers['transfer-encoding']
  if (coding !== undefined && (httpVersionMinor === 0 || coding.toLowerCase() !== 'chunked')) {
    return { key: 'bad-request', detail: 'Send the body with its length or in chunks, in no other Transfer-Encoding.' }
  }
  // Proxies that ask about a request pass its headers on without its body.
  if (hasBody(request) && headers['content-encoding'] !== undefined) {
    return { key: 'bad-request', detail: 'Send the body as it is, without Content-Encoding.' }
  }
  return undefined
}

/** The characters of names and addresses (RFC 3986 §3.2.2), without the signs that nobody has in one. */
const hostPattern = /^[\w.~%:[\]-]+$/

/** One bit for each header that must not be repeated, 0 for all others. Lengths are compared before letters. */
function singleHeaderBit(name: string): number {
  switch (name.length) {
    case 4:
      return name.toLowerCase() === 'host' ? 1 : 0
    case 12:
      return name.toLowerCase() === 'content-type' ? 2 : 0
    case 13:
      return name.toLowerCase() === 'authorization' ? 4 : 0
    case 14:
      return name.toLowerCase() === 'content-length' ? 8 : 0
    default:
      return 0
  }
}
