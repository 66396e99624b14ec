import { read, readQuery, type Output, type ProblemKey, type Schema } from '@chatelaine/api'
import { accountIdOf, Failure, type AccountId, type Caller } from '@chatelaine/core'
import type { Service } from '../service.ts'
import { formType, parseForm } from '../http/form.ts'
import type { Incoming } from '../http/peer.ts'
import type { Explanation } from '../http/problem.ts'
import { invalidRequest } from '../http/problem.ts'
import { parseStrictJson, requireJson } from '../http/strict-json.ts'

/**
 * How the clients of one other system speak with us: which requests they send, and what a refusal looks like to them. It
 * turns that system's words into the use cases of the domain and back, and owns no rule.
 */
export interface Wire {
  /** The beginnings of its paths: below them everything is its own, and what it does not know it refuses in its words. */
  readonly prefixes: readonly string[]
  readonly routes: readonly WireRoute[]
  /** What its clients are told of a refusal. */
  refuse(refusal: Refusal): WireAnswer
}

export interface WireRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As the router reads it: `/v1/tokens/:key/`. */
  readonly path: string
  readonly answer: (ask: WireAsk) => WireAnswer | Promise<WireAnswer>
}

/** One request of such a client. Its body is here, so that whoever sends it slowly gains no time. */
export interface WireAsk {
  readonly service: Service
  /** Names the request, as the header `X-Request-Id` of its answer does. */
  readonly requestId: string
  readonly incoming: Incoming
  /** The parts of the path that the route names. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly contentType: string | undefined
  readonly bytes: Uint8Array
}

export interface WireAnswer {
  readonly status: number
  /** JSON; a text that stands as it is; `null`: nothing. */
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A refusal of the domain or of HTTP, as the native API would answer it. */
export interface Refusal extends Explanation {
  readonly status: number
  readonly title: string
  readonly key: ProblemKey
  /** Names the request; the log has more under it. */
  readonly requestId: string
  readonly headersAsked: Incoming['headers']
}

/** A request's body never has more: such clients send a handful of fields. */
export const wireBodyBytesMax = 65_536

/** The parameters of the query, where an empty value means absent. @throws `invalid-request`. */
export function wireQuery<S extends Schema>({ query }: WireAsk, schema: S): Output<S> {
  const reading = readQuery(schema, query)
  if (reading.ok) return reading.value
  throw invalidRequest(reading.faults)
}

/** The body, which must be JSON. @throws `unsupported-media-type`, `malformed-json`, `invalid-request`. */
export function wireJson<S extends Schema>({ contentType, bytes }: WireAsk, schema: S): Output<S> {
  requireJson(contentType)
  const reading = read(schema, parseStrictJson(bytes))
  if (reading.ok) return reading.value
  throw invalidRequest(reading.faults)
}

/** The body, which may be JSON or a form. @throws like `wireJson` and `parseForm`. */
export function wireFields<S extends Schema>(ask: WireAsk, schema: S): Output<S> {
  const { contentType, bytes } = ask
  return contentType?.startsWith(formType) ? parseForm(contentType, bytes, schema) : wireJson(ask, schema)
}

/** The account that a caller speaks for. @throws `not-permitted` for tokens that speak for none. */
export function accountOf(caller: Caller): AccountId {
  const accountId = accountIdOf(caller)
  if (accountId !== null) return accountId
  throw new Failure('not-permitted', 'This is for account tokens. Send one of them.')
}
