import type { IncomingMessage } from 'node:http'
import type { Presented } from './admit.ts'

/**
 * What a request of Node presents. Node keeps the first of several Authorization headers and drops the rest; here they
 * stand together, so that they are no token.
 */
export function presentedBy(request: IncomingMessage, clientIp: string | undefined): Presented {
  const { authorization = [] } = request.headersDistinct
  const headers =
    authorization.length > 1 ? { ...request.headers, authorization: authorization.join(', ') } : request.headers
  return { headers, clientIp }
}
