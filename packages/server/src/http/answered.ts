import { routes, type Route } from '@chatelaine/api'
import { irodsAuthPath } from '@chatelaine/api/wires'
import type { AnsweredRequest } from '../metrics/metrics.ts'
import type { Service } from '../service.ts'

/** From here on a request was slow, and is told of as a warning. */
export const slowRequestMs = 1_000

export interface LoggedRequest extends AnsweredRequest {
  readonly requestId: string
}

/** What stands for the route where none was found: what was asked for instead may hold anything. */
export const noRoute = 'none'

/**
 * Measures and logs a request that was answered, or a verification that was refused with a problem. One line each: what
 * carried something out is of interest by itself, everything else to whoever looks closer.
 */
export function noteAnswered({ metrics, log }: Service, request: LoggedRequest): void {
  metrics.requestAnswered(request)
  const { requestId, method, route, status, tookMs } = request
  const fields = { requestId, method, route, status, tookMs }
  if (tookMs !== undefined && tookMs >= slowRequestMs) log.warn(fields, 'request answered slowly')
  else if (carriesOut(request)) log.info(fields, 'request answered')
  else log.debug(fields, 'request answered')
}

/** Verifications are asked by POST, and change nothing. */
const askedByPost: ReadonlySet<string> = new Set(
  Object.values<Route>(routes).flatMap(({ tag, path }) => (tag === 'verification' ? [path] : [])),
)

function carriesOut({ method, route, status }: LoggedRequest): boolean {
  return status < 400 && !['GET', 'HEAD', 'OPTIONS'].includes(method) && !askedByPost.has(route)
}

/** The pattern of the route of a request that came past every router. */
export function hotRouteOf(url: string): string {
  const [path] = url.split('?', 1)
  if (path === irodsAuthPath) return irodsAuthPath
  return askedByPost.has(path ?? '') ? path! : noRoute
}
