import type { IncomingMessage, ServerResponse } from 'node:http'
import { queries, readQuery, routes, type AnswerOf, type QueryOf } from '@chatelaine/api'
import {
  formatInstant,
  formatPosition,
  parsePosition,
  type Caller,
  type FeedAnswer,
  type FeedEntry,
} from '@chatelaine/core'
import type { Service } from '../service.ts'
import { noteAnswered } from './answered.ts'
import { authenticate, requireCredential } from './credential.ts'
import { hasBody } from './framing.ts'
import type { Handlers } from './handler.ts'
import { peerOf } from './peer.ts'
import { invalidRequest, newRequestId, sendFailure } from './problem.ts'
import { rateHeaders } from './rate-headers.ts'
import { queryOf, refuseTokenInUrl, tokenInQuery } from './url-token.ts'

const { method, path } = routes.readChanges

/** Whether a request follows the log. */
export function isChanges(request: IncomingMessage): boolean {
  return request.method === method && request.url?.split('?', 1)[0] === path
}

/**
 * Answers GET /api/v1/changes straight on the socket: thousands of verifiers ask every second or so, mostly to hear that
 * nothing is new, and a router would cost more than all the rest.
 */
export function serveChanges(service: Service, request: IncomingMessage, response: ServerResponse): void {
  answer(service, request, response).catch((error: unknown) => sendFailure(service, request, response, error))
}

async function answer(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const search = queryOf(request.url ?? path)
  const inUrl = tokenInQuery(search)
  if (inUrl !== undefined) return refuseTokenInUrl(service, peerOf(service.settings.trustedProxies, request), inUrl)
  const caller = await authenticate(service, request)
  requireCredential(caller)
  const reading = readQuery(queries.ChangesQuery, new URLSearchParams(search))
  if (!reading.ok) throw invalidRequest(reading.faults)
  const body = JSON.stringify(await read(service, caller, reading.value))
  const requestId = newRequestId()
  noteAnswered(service, { requestId, method, route: path, status: 200, tookMs: undefined })
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    ...(caller.type === 'token' ? rateHeaders(caller.rate) : {}),
    // A body has no business here, and nobody reads it.
    ...(hasBody(request) ? { connection: 'close' } : {}),
  })
  // Ids, numbers and places are ASCII by their grammar.
  response.end(body, 'latin1')
}

/** The same for what does not look like the requests that are answered before any router. */
export function changes(service: Service): Handlers<'readChanges'> {
  return {
    readChanges: async ({ caller, query }) => ({ status: 200, body: await read(service, caller, query) }),
  }
}

type FeedJson = AnswerOf<'readChanges', 200>

async function read({ feed }: Service, caller: Caller, query: QueryOf<'readChanges'>): Promise<FeedJson> {
  return feedJson(
    await feed.read(caller, {
      verifierId: query.verifier,
      since: query.since === undefined ? undefined : parsePosition(query.since),
      leaseMs: query.lease_ms,
      waitMs: query.wait_ms,
    }),
  )
}

function feedJson({ isResync, entries, position, leaseMs, answeredAt }: FeedAnswer): FeedJson {
  return {
    resync: isResync,
    entries: entries.map(entryJson),
    position: formatPosition(position),
    lease_ms: leaseMs,
    answered_at: formatInstant(answeredAt),
  }
}

function entryJson({ seq, subjectType, subjectId, effect }: FeedEntry): FeedJson['entries'][number] {
  return { seq, subject_type: subjectType, subject_id: subjectId, effect }
}
