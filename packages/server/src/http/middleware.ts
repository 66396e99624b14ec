// What happens to every request, whatever it asks for.

import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { waitHeaders } from '@chatelaine/api'
import type { Service } from '../service.ts'
import { traceRequest } from '../tracing.ts'
import { noteAnswered, noRoute } from './answered.ts'
import { isOfConsole } from './console.ts'
import { incomingOf, type Env } from './env.ts'
import { peerOf } from './peer.ts'
import { newRequestId } from './problem.ts'
import { queryOf, refuseTokenInUrl, tokenInQuery } from './url-token.ts'

/** What every answer carries unless its handler says otherwise. */
const answerHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

/** Names each request, traces, measures and logs it, and puts onto its answer what every answer carries. */
export function nameAndHarden(service: Service): MiddlewareHandler<Env> {
  const { clock } = service.ports
  return (context, next) =>
    traceRequest({ method: context.req.method, headers: incomingOf(context).headers }, async (span) => {
      const began = clock.monotonicMs()
      const requestId = newRequestId()
      context.set('requestId', requestId)
      await next()
      const { headers, status } = context.res
      headers.set('x-request-id', requestId)
      for (const [name, value] of Object.entries(answerHeaders)) if (!headers.has(name)) headers.set(name, value)
      const { method } = context.req
      const route = context.get('route') ?? noRoute
      span.updateName(`${method} ${route}`)
      span.setAttributes({
        'http.route': route,
        'http.response.status_code': status,
        'chatelaine.request_id': requestId,
      })
      const tookMs = clock.monotonicMs() - began - (context.get('waitedMs') ?? 0)
      noteAnswered(service, { requestId, method, route, status, tookMs })
    })
}

/** Lets scripts of other origins call the API with a token. Never with our cookie: credentials are not allowed. */
export function allowOrigins(origins: readonly string[]): MiddlewareHandler<Env> {
  if (origins.length === 0) return (_context, next) => next()
  const allow = cors({
    origin: [...origins],
    allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'token', 'x-api-key'],
    exposeHeaders: [
      'idempotency-replayed',
      'location',
      'ratelimit',
      'ratelimit-policy',
      'retry-after',
      'www-authenticate',
      'x-request-id',
      ...waitHeaders,
    ],
    maxAge: 600,
  })
  // The console's files say themselves who may load them.
  return (context, next) => (isOfConsole(context.req.path) ? next() : allow(context, next))
}

/** @throws `token-in-url`, once the token in the query is noted as exposed. */
export function refuseTokensInUrls(service: Service): MiddlewareHandler<Env> {
  return async (context, next) => {
    const presented = tokenInQuery(queryOf(context.req.url))
    if (presented === undefined) return next()
    const peer = peerOf(service.settings.trustedProxies, incomingOf(context))
    return refuseTokenInUrl(service, peer, presented)
  }
}
