import { getRequestListener, RequestError } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { routes, type Route, type RouteName } from '@chatelaine/api'
import type { Service } from '../service.ts'
import { accounts } from './accounts.ts'
import { audit } from './audit.ts'
import { changes } from './changes.ts'
import { consolePath, openConsole } from './console.ts'
import { incomingOf, type Env } from './env.ts'
import { forwardAuth } from './forward-auth.ts'
import { formPages } from './form-pages.ts'
import type { Handlers } from './handler.ts'
import { health } from './health.ts'
import type { RequestHandler } from './listener.ts'
import { answerOAuthError } from './oauth-error.ts'
import { metrics } from './metrics.ts'
import { allowOrigins, nameAndHarden, refuseTokensInUrls } from './middleware.ts'
import { oauth } from './oauth.ts'
import { openapi } from './openapi.ts'
import { operationsByPath, responseOf } from './operations.ts'
import { pages } from './pages.ts'
import { answerProblem, HttpProblem, newRequestId, sendFailure } from './problem.ts'
import { server } from './server.ts'
import { session } from './session.ts'
import { settings } from './settings.ts'
import { signOnPages } from './single-sign-on.ts'
import { tokens } from './tokens.ts'
import { projects } from './projects.ts'
import { portalSessions } from './portal-sessions.ts'
import { usage } from './usage.ts'
import { verification } from './verification.ts'
import { readWireAsk, refusalOf, wireAt, wiresOf } from '../wire/requests.ts'

/** What answers requests, however they come. */
export interface App {
  /** Answers without a socket, as if the request had come from nowhere. */
  fetch(request: Request): Promise<Response>
  /** Answers what arrived at a server of `node:http`. */
  readonly handle: RequestHandler
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
  mountConsole(app, service)
  for (const [path, page] of pages(service.settings.platformName)) {
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
function mountConsole(app: Hono<Env>, { settings }: Service): void {
  const console = openConsole(settings.platformName)
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
