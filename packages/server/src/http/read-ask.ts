import {
  idempotencyKeyLengthMax,
  noParameters,
  read,
  readQuery,
  routes,
  type Json,
  type Route,
  type RouteName,
} from '@chatelaine/api'
import { canonicalJson, Failure, type Caller, type OnceAsk } from '@chatelaine/core'
import type { Service } from '../service.ts'
import { authenticate, authenticateByToken, requireCredential } from './credential.ts'
import { parseForm } from './form.ts'
import type { Ask } from './handler.ts'
import { peerOf, type Incoming } from './peer.ts'
import { bodyTooLarge, HttpProblem, invalidRequest } from './problem.ts'
import { parseStrictJson, readJson, requireJson } from './strict-json.ts'

/**
 * From a request to what its route's handler is asked: first who asks, then the path, the query and the body, each read
 * once by its schema. Nobody learns what is wrong with a request that lacks the credential. Who asks is found out once
 * the whole body is here, so that whoever sends it slowly gains no time after the credential has ended.
 * @throws the problems of each step.
 */
export async function readAsk<R extends RouteName>(
  service: Service,
  name: R,
  incoming: Incoming,
  request: Request,
  params: Readonly<Record<string, string>>,
): Promise<Ask<R>> {
  const route: Route = routes[name]
  const bytes = route.body === undefined ? undefined : await readBytes(request, route.bodyBytesMax ?? 0)
  const caller = await callerOf(service, route, incoming)
  const url = new URL(request.url)
  const ask = {
    caller,
    incoming,
    params: readParams(route, params),
    query: readParameters(route, url.searchParams),
  }
  if (route.body === undefined || bytes === undefined) return { ...ask, body: undefined, once: undefined } as Ask<R>
  const type = request.headers.get('content-type') ?? undefined
  if (route.shape === 'oauth') {
    const body = parseForm(type, bytes, route.body)
    return { ...ask, body, once: undefined } as Ask<R>
  }
  requireJson(type)
  const json = parseStrictJson(bytes)
  const body = readJson(json, route.body)
  const once = route.idempotent === true ? onceAsk(incoming, `${route.method} ${url.pathname}`, json) : undefined
  return { ...ask, body, once } as Ask<R>
}

async function callerOf(service: Service, route: Route, incoming: Incoming): Promise<Caller> {
  if (route.credential === 'none' || route.credential === 'subject') {
    return { type: 'anonymous', peer: peerOf(service.settings.trustedProxies, incoming) }
  }
  const caller = await (route.shape === 'oauth' ? authenticateByToken : authenticate)(service, incoming)
  if (route.credential === 'required') requireCredential(caller)
  return caller
}

function readParams({ params: schema }: Route, params: Readonly<Record<string, string>>): unknown {
  if (schema === undefined) return undefined
  const reading = read(schema, params)
  if (reading.ok) return reading.value
  throw new Failure('not-found', 'There is nothing with this id, or it is not yours to see.')
}

function readParameters({ query: schema, ...how }: Route, parameters: URLSearchParams): unknown {
  const reading = readQuery(schema ?? noParameters, parameters, how)
  if (!reading.ok) throw invalidRequest(reading.faults)
  return schema === undefined ? undefined : reading.value
}

/** The whole body, bounded. @throws `body-too-large`, `bad-request` when it breaks off. */
export async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw bodyTooLarge(bytesMax)
  const chunks: Uint8Array[] = []
  let byteCount = 0
  try {
    for await (const chunk of request.body ?? []) {
      byteCount += chunk.length
      if (byteCount > bytesMax) break
      chunks.push(chunk)
    }
  } catch (cause) {
    throw new HttpProblem('bad-request', 'The body broke off before its end. Send the request again.', { cause })
  }
  if (byteCount > bytesMax) throw bodyTooLarge(bytesMax)
  return Buffer.concat(chunks)
}

/** The whole request in its one spelling stands behind its key, so that a key cannot be used for something else. */
function onceAsk({ headers }: Incoming, operation: string, json: Json): OnceAsk | undefined {
  const key = headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key) || key.length > idempotencyKeyLengthMax) {
    throw new Failure(
      'invalid-request',
      `The header Idempotency-Key must have 1 to ${idempotencyKeyLengthMax} printable characters and no space.`,
    )
  }
  return { key, request: `${operation}\n${canonicalJson(json)}` }
}
