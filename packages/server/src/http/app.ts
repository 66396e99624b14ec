import { getRequestListener, RequestError, type HttpBindings } from '@hono/node-server'
import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { routes, waitHeaders, type Route, type RouteName } from '@chatelaine/api'
import type { Clock } from '@chatelaine/core'
import type { Service } from '../service.ts'
import { traceRequest } from '../tracing.ts'
import { accounts } from './accounts.ts'
import { noteAnswered, noRoute } from './answered.ts'
import { audit } from './audit.ts'
import { changes } from './changes.ts'
import { consolePath, isOfConsole, openConsole } from './console.ts'
import { forwardAuth } from './forward-auth.ts'
import { formPages } from './form-pages.ts'
import type { Handlers } from './handler.ts'
import { health } from './health.ts'
import type { RequestHandler } from './listener.ts'
import { answerOAuthError } from './oauth-error.ts'
import { metrics } from './metrics.ts'
import { oauth } from './oauth.ts'
import { openapi } from './openapi.ts'
import { pages } from './pages.ts'
import { peerOf, type Incoming } from './peer.ts'
import { answerProblem, HttpProblem, newRequestId, sendFailure } from './problem.ts'
import { rateHeaders } from './rate-headers.ts'
import { readAsk } from './read-ask.ts'
import { server } from './server.ts'
import { session } from './session.ts'
import { settings } from './settings.ts'
import { signOnPages } from './single-sign-on.ts'
import { tokens } from './tokens.ts'
import { projects } from './projects.ts'
import { portalSessions } from './portal-sessions.ts'
import { queryOf, refuseTokenInUrl, tokenInQuery } from './url-token.ts'
import { usage } from './usage.ts'
import { verification } from './verification.ts'
import { waitForVerifiers } from './wait-for-verifiers.ts'
import { readWireAsk, refusalOf, wireAt, wiresOf } from '../wire/requests.ts'

export interface App {
  /** Answers without a socket, as if the request had come from nowhere. */
  fetch(request: Request): Promise<Response>
  /** Answers what arrived at a server of `node:http`. */
  readonly handle: RequestHandler
}

interface Env {
  Bindings: Partial<HttpBindings>
  /** `route` is the pattern that the request was found to fit; `waitedMs` how long it waited because it asked to. */
  Variables: { requestId: string; route: string | undefined; waitedMs: number | undefined }
}

/** Every route of the API and every page, behind one way of reading requests, refusing them and telling why. */
export function createApp(service: Service): App {
  const app = new Hono<Env>()
  app.use(nameAndHarden(service))
  app.use(allowOrigins(service.settings.corsOrigins))
  app.use(refuseTokensInUrls(service))
  for (const [path, operations] of operationsByPath(handlersOf(service))) {
    for (const { method, run } of operations) app.on(method, path, (context) => run(service, context))
    app.all(path, refuseMethod(operations.map(({ method }) => method)))
  }
  mountWires(app, service)
  mountForms(app, service)
  mountSignOn(app, service)
  mountConsole(app)
  for (const [path, page] of pages()) {
    app.get(path, (context) => {
      context.set('route', path)
      return page()
    })
    app.all(path, refuseMethod(['GET']))
  }
  app.notFound(() => {
    throw new HttpProblem('route-not-found', 'There is nothing at this path. Compare it with /openapi.json.')
  })
  app.onError((error, context) => errorResponse(service, error, context))
  return { fetch: async (request) => app.fetch(request, {}), handle: nodeHandler(service, app) }
}

function handlersOf(service: Service): Handlers<RouteName> {
  return {
    ...tokens(service),
    ...verification(service),
    ...oauth(service),
    ...forwardAuth(service),
    ...accounts(service),
    ...projects(service),
    ...settings(service),
    ...session(service),
    ...portalSessions(service),
    ...audit(service),
    ...changes(service),
    ...usage(service),
    ...server(service),
    ...health(service),
    ...metrics(service),
    ...openapi(service),
  }
}

interface Operation {
  readonly method: Route['method']
  readonly run: (service: Service, context: Context<Env>) => Promise<Response>
}

/** The table's rows by path, in the order of the table, so that literal paths win over those with parameters. */
function operationsByPath(handlers: Handlers<RouteName>): Map<string, Operation[]> {
  const byPath = new Map<string, Operation[]>()
  for (const name of Object.keys(routes) as RouteName[]) {
    const { method, path } = routes[name]
    const routerPath = path.replaceAll(/\{(\w+)\}/g, ':$1')
    byPath.set(routerPath, [...(byPath.get(routerPath) ?? []), operation(name, method, handlers[name])])
  }
  return byPath
}

/** Some route's handler. That it gets that route's ask, `operation` sees to. */
type SomeHandler = (ask: never) => SomeAnswer | Promise<SomeAnswer>

interface SomeAnswer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

function operation(name: RouteName, method: Route['method'], handler: SomeHandler): Operation {
  return {
    method,
    async run(service, context) {
      const route: Route = routes[name]
      const { clock } = service.ports
      context.set('route', route.path)
      const ask = await readAsk(service, name, incomingOf(context), context.req.raw, context.req.param())
      const handled = async () => handler(ask as never)
      const answer = await (route.longPoll === true ? asWaiting(context, clock, handled) : handled())
      const settled = () => waitForVerifiers(service.feed)
      const waited = isToWait(route, ask.query) ? await asWaiting(context, clock, settled) : {}
      const { caller } = ask
      const rate = caller.type === 'token' ? rateHeaders(caller.rate) : {}
      return responseOf({ ...answer, headers: { ...rate, ...waited, ...answer.headers } })
    },
  }
}

/** Waits for what the request asked to wait for, which is no work of ours. */
async function asWaiting<T>(context: Context<Env>, clock: Clock, wait: () => Promise<T>): Promise<T> {
  const beganMs = clock.monotonicMs()
  try {
    return await wait()
  } finally {
    context.set('waitedMs', clock.monotonicMs() - beganMs)
  }
}

function isToWait({ waitable }: Route, query: unknown): boolean {
  return waitable === true && typeof query === 'object' && query !== null && 'wait' in query
}

function responseOf({ status, body, headers = {} }: SomeAnswer): Response {
  if (body === null) return new Response(null, { status, headers })
  if (typeof body === 'string') return new Response(body, { status, headers })
  if (isTextStream(body)) return new Response(ReadableStream.from(encoded(body)), { status, headers })
  const json = { 'content-type': 'application/json', ...headers }
  return new Response(JSON.stringify(body), { status, headers: json })
}

function isTextStream(body: unknown): body is AsyncIterable<string> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text)
}

function incomingOf(context: Context<Env>): Incoming {
  if (context.env.incoming !== undefined) return context.env.incoming
  const { method, headers } = context.req.raw
  return { method, headers: Object.fromEntries(headers), socket: {} }
}

/** What every answer carries unless its handler says otherwise. */
const answerHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

/** Names each request, traces, measures and logs it, and puts onto its answer what every answer carries. */
function nameAndHarden(service: Service): MiddlewareHandler<Env> {
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
function allowOrigins(origins: readonly string[]): MiddlewareHandler<Env> {
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

function refuseTokensInUrls(service: Service): MiddlewareHandler<Env> {
  return async (context, next) => {
    const presented = tokenInQuery(queryOf(context.req.url))
    if (presented === undefined) return next()
    const peer = peerOf(service.settings.trustedProxies, incomingOf(context))
    return refuseTokenInUrl(service, peer, presented)
  }
}

function refuseMethod(methods: readonly string[]): (context: Context<Env>) => Response {
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
  return ({ req }) => {
    if (req.method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow } })
    throw new HttpProblem('method-not-allowed', `This path answers to ${allow}.`, { headers: { allow } })
  }
}

/** The paths whose refusals have the shape that OAuth gives them. */
const oauthPaths: ReadonlySet<string> = new Set(
  Object.values<Route>(routes).flatMap(({ shape, path }) => (shape === 'oauth' ? [path] : [])),
)

/** The pages on which people answer applications. */
function mountForms(app: Hono<Env>, service: Service): void {
  for (const [path, page] of formPages(service)) {
    app.on(['GET', 'POST'], path, (context) => {
      context.set('route', path)
      return page({ request: context.req.raw, incoming: incomingOf(context), requestId: context.get('requestId') })
    })
    app.all(path, refuseMethod(['GET', 'POST']))
  }
}

/** The pages on which a provider vouches for people. */
function mountSignOn(app: Hono<Env>, service: Service): void {
  for (const [path, page] of signOnPages(service)) {
    app.get(path, (context) => {
      context.set('route', path)
      return page({ request: context.req.raw, incoming: incomingOf(context), requestId: context.get('requestId') })
    })
    app.all(path, refuseMethod(['GET']))
  }
}

/** The requests of other systems' clients. Below a wire's prefixes nothing else is looked for. */
function mountWires(app: Hono<Env>, service: Service): void {
  for (const wire of wiresOf(service.settings)) {
    for (const [path, routes] of Map.groupBy(wire.routes, ({ path }) => path)) {
      for (const route of routes) {
        app.on(route.method, path, async (context) => {
          context.set('route', path)
          const { req } = context
          const requestId = context.get('requestId')
          const ask = await readWireAsk(service, requestId, incomingOf(context), req.raw, req.param())
          return responseOf(await route.answer(ask))
        })
      }
      app.all(path, refuseMethod(routes.map(({ method }) => method)))
    }
  }
}

/** The console: whatever stands below its path that is no file of its own is one of its pages. */
function mountConsole(app: Hono<Env>): void {
  const console = openConsole()
  for (const path of [consolePath, `${consolePath}/*`]) {
    app.get(path, (context) => {
      context.set('route', `${consolePath}/*`)
      const answer = console(context.req.path, context.req.raw.headers)
      if (answer === undefined) throw new HttpProblem('route-not-found', 'The console has no such file. Load it again.')
      return answer
    })
    app.all(path, refuseMethod(['GET']))
  }
}

function errorResponse(service: Service, error: unknown, context: Context<Env>): Response {
  const requestId = context.get('requestId')
  const wire = wireAt(service.settings, context.req.path)
  if (wire !== undefined) {
    const refusal = refusalOf(service, error, requestId, incomingOf(context).headers)
    return responseOf(wire.refuse(refusal))
  }
  // What HTTP itself refuses is nothing that OAuth has words for.
  const isOfOAuth =
    oauthPaths.has(context.req.path) && !(error instanceof HttpProblem && error.key === 'method-not-allowed')
  if (!isOfOAuth) return problemResponse(service, error, requestId)
  const { status, headers, body } = answerOAuthError(service, error, incomingOf(context).headers, requestId)
  return new Response(body, { status, headers })
}

function problemResponse(service: Service, error: unknown, requestId: string): Response {
  const { status, headers, body } = answerProblem(service, error, requestId)
  return new Response(body, { status, headers })
}

function nodeHandler(service: Service, app: Hono<Env>): RequestHandler {
  const listener = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    errorHandler(error) {
      // The address that the request asks for cannot be made sense of, so no route was looked for.
      const isOdd = error instanceof RequestError
      const refusal = isOdd
        ? new HttpProblem('bad-request', 'Host or path of the request cannot be understood.', {
            headers: { connection: 'close' },
          })
        : error
      return problemResponse(service, refusal, newRequestId())
    },
  })
  return (request, response) => {
    listener(request, response).catch((error: unknown) => sendFailure(service, request, response, error))
  }
}
