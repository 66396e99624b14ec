import type { IncomingMessage, ServerResponse } from 'node:http'
import { queries, readQuery, routes, type QueryOf } from '@chatelaine/api'
import { Failure, type Question, type Standing } from '@chatelaine/core'
import type { Service } from '../service.ts'
import { presentedIn, refusalOf } from './credential.ts'
import { hasBody } from './framing.ts'
import type { Handlers } from './handler.ts'
import { allowedAddress, peerOf, type Incoming } from './peer.ts'
import { rateHeaders } from './rate-headers.ts'
import { invalidRequest, sendFailure } from './problem.ts'
import { queryOf, refuseTokenInUrl, tokenInQuery } from './url-token.ts'
import { whenKnown } from './when-known.ts'

const path = '/auth/verify'

/** Whether a request asks for forward authentication, whatever its method: some proxies pass on that of the original. */
export function isForwardAuth(url: string): boolean {
  return url.startsWith(path) && (url.length === path.length || url[path.length] === '?')
}

/**
 * Answers /auth/verify straight on the socket: whether the request that a proxy holds may go on. While its token is
 * remembered, nothing here waits.
 */
export function serveForwardAuth(service: Service, request: IncomingMessage, response: ServerResponse): void {
  const fail = (error: unknown): void => sendFailure(service, request, response, error)
  try {
    const done = whenKnown(admit(service, request, ruleIn(request.url ?? path)), (headers) => {
      service.metrics.accepted.forwardAuth += 1
      // A body has no business here. Whoever sends one loses the connection, since nobody reads it.
      response.writeHead(200, hasBody(request) ? [...headers, 'connection', 'close'] : headers).end()
    })
    if (done instanceof Promise) done.catch(fail)
  } catch (error) {
    fail(error)
  }
}

/** `/auth/verify` for what does not look like the requests that are answered before any router. */
export function forwardAuth(service: Service): Handlers<'forwardAuth'> {
  return {
    async forwardAuth({ query, incoming }) {
      const names = await admit(service, incoming, { question: questionOf(query), exposed: undefined })
      const headers = Object.fromEntries(pairs(names))
      return { status: 200, body: null, headers }
    },
  }
}

/** What the URL that a proxy is configured with asks of every request. */
interface Rule {
  readonly question: Question
  /** A token that stands in that URL. */
  readonly exposed: string | undefined
}

/**
 * @returns the headers of the answer that lets the request go on.
 * @throws the refusals of `refusalOf`, `credential-required`, `conflicting-credentials`, `token-in-url`, `unavailable`.
 */
function admit(service: Service, request: Incoming, { question, exposed }: Rule): string[] | Promise<string[]> {
  const peer = peerOf(service.settings.trustedProxies, request)
  const inUrl = exposed ?? tokenInOriginalUrl(request)
  if (inUrl !== undefined) return refuseTokenInUrl(service, peer, inUrl)
  const presented = presentedIn(request.headers)
  if (presented === undefined) {
    throw new Failure('credential-required', 'Send a token as "Authorization: Bearer …".')
  }
  const clientIp = allowedAddress(service.settings.trustedProxies, request, peer)
  const whole = clientIp === undefined ? question : { ...question, clientIp }
  const settled = whenKnown(service.verifier.verify(presented, whole), (verdict) =>
    service.spending.settle(verdict, 1, peer),
  )
  return whenKnown(settled, (verdict) => {
    const { decision, known } = verdict
    if (known === undefined || decision.code !== 'valid') throw refusalOf(verdict, whole)
    const headers = (known.prepared.forwarding ??= forwardingHeaders(known))
    return decision.rate === undefined ? headers : [...headers, ...Object.entries(rateHeaders(decision.rate)).flat()]
  })
}

/** A token in the URL of the original request was seen by as many as one in ours: nginx says it in one way, all others in the other. */
function tokenInOriginalUrl({ headers }: Incoming): string | undefined {
  const { 'x-original-uri': ofNginx, 'x-forwarded-uri': ofOthers } = headers
  if (ofNginx === undefined && ofOthers === undefined) return undefined
  return [ofNginx ?? [], ofOthers ?? []]
    .flat()
    .map(queryOf)
    .map(tokenInQuery)
    .find((token) => token !== undefined)
}

/** So many configured URLs are kept understood; beyond that, all are read anew. */
const rulesMax = 256
const rules = new Map<string, Rule>()

/** @throws `invalid-request`. */
function ruleIn(url: string): Rule {
  const known = rules.get(url)
  if (known !== undefined) return known
  const search = queryOf(url)
  const exposed = tokenInQuery(search)
  if (exposed !== undefined) return { question: {}, exposed }
  const reading = readQuery(queries.ForwardAuthQuery, new URLSearchParams(search), routes.forwardAuth)
  if (!reading.ok) throw invalidRequest(reading.faults)
  const rule = { question: questionOf(reading.value), exposed }
  if (rules.size >= rulesMax) rules.clear()
  rules.set(url, rule)
  return rule
}

function questionOf({ scope, project, kind }: QueryOf<'forwardAuth'>): Question {
  return {
    ...(scope === undefined ? {} : { scopes: scope }),
    ...(project === undefined ? {} : { projectId: project }),
    ...(kind === undefined ? {} : { kinds: kind }),
  }
}

/**
 * Names and values in turn. All four are always there, empty where there is nothing to say: a proxy that copies them
 * replaces what the client sent under these names, and one that was absent might let it pass. Ids and scopes are letters,
 * digits and a few signs by their grammar, so nothing needs to be escaped.
 */
function forwardingHeaders({ token, scopes }: Standing): string[] {
  return [
    'x-chatelaine-account',
    token.accountId ?? '',
    'x-chatelaine-token-id',
    token.id,
    'x-chatelaine-scopes',
    scopes.join(' '),
    'x-chatelaine-project',
    token.projectId ?? '',
    'content-length',
    '0',
    'cache-control',
    'no-store',
  ]
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index]!, flat[2 * index + 1]!])
}
