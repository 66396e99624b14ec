// The rows of the table of routes, as the router runs them.

import type { Context } from 'hono'
import { routes, type Route, type RouteName } from '@chatelaine/api'
import type { Clock } from '@chatelaine/core'
import type { Service } from '../service.ts'
import { incomingOf, type Env } from './env.ts'
import type { Handlers } from './handler.ts'
import { rateHeaders } from './rate-headers.ts'
import { readAsk } from './read-ask.ts'
import { waitForVerifiers } from './wait-for-verifiers.ts'

interface Operation {
  readonly method: Route['method']
  readonly run: (service: Service, context: Context<Env>) => Promise<Response>
}

/** The table's rows by path, in the order of the table, so that literal paths win over those with parameters. */
export function operationsByPath(handlers: Handlers<RouteName>): Map<string, Operation[]> {
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

/** What a handler answers, before it is a response. */
export interface SomeAnswer {
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

/** What a handler answered, as what is sent. */
export function responseOf({ status, body, headers = {} }: SomeAnswer): Response {
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
