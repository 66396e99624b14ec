import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ProblemKey } from '@chatelaine/api'
import { irodsAuthPath } from '@chatelaine/api/wires'
import type { Service } from '../service.ts'
import { isChanges, serveChanges } from './changes.ts'
import {
  connectionsCheckMs,
  connectionsMax,
  framingFault,
  headerBytesMax,
  headersMax,
  headersTimeoutMs,
  keepAliveTimeoutMs,
  requestTimeoutMs,
  type FramingFault,
} from './framing.ts'
import { isForwardAuth, serveForwardAuth } from './forward-auth.ts'
import { introspectionPath, serveIntrospection } from './introspect.ts'
import { newRequestId, problemAnswer } from './problem.ts'
import { serveVerification, verificationPath } from './verify.ts'
import { serveIrodsAuth } from '../wire/irods-auth.ts'

/** Whatever answers the requests that are not on the hot path. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void

/**
 * The bottom of the server: bounds on what a connection may cost, refusal of what is framed oddly, and verification,
 * forward authentication and introspection answered before any router. Everything else goes to `handleRest`.
 */
export function createListener(service: Service, handleRest: RequestHandler): Server {
  const refused = new WeakSet<Socket>()
  const allowsOrigins = service.settings.corsOrigins.length > 0
  const servesIrods = service.settings.wires.includes('sodar')
  const server = createServer(
    {
      maxHeaderSize: headerBytesMax,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: connectionsCheckMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      // Host is asked for below, so that HTTP/1.0 is held to it too and the answer is a problem.
      requireHostHeader: false,
      insecureHTTPParser: false,
    },
    (request, response) => {
      // What follows a refused request on its connection may be what somebody hid in it, and nobody may carry it out.
      if (refused.has(request.socket)) return
      const fault = framingFault(request)
      if (fault !== undefined) {
        refused.add(request.socket)
        return refuse(request, response, fault)
      }
      const { method, url = '' } = request
      // What a script of another origin may read, the router knows.
      if (allowsOrigins && request.headers.origin !== undefined && !isForwardAuth(url))
        return handleRest(request, response)
      if (method === 'POST' && url === verificationPath) {
        service.metrics.verificationBegan('verifyToken', response)
        return serveVerification(service, request, response)
      }
      if (isForwardAuth(url)) {
        service.metrics.verificationBegan('forwardAuth', response)
        return serveForwardAuth(service, request, response)
      }
      if (servesIrods && url === irodsAuthPath && method === 'GET') {
        service.metrics.verificationBegan('irodsAuth', response)
        return serveIrodsAuth(service, request, response)
      }
      if (method === 'POST' && url === introspectionPath) {
        service.metrics.verificationBegan('introspectToken', response)
        return serveIntrospection(service, request, response)
      }
      if (isChanges(request)) return serveChanges(service, request, response)
      handleRest(request, response)
    },
  )
  // Node drops what is beyond its own limit in silence; one more than ours lets us see that there are too many.
  server.maxHeadersCount = headersMax + 1
  server.maxConnections = connectionsMax
  server.on('clientError', refuseUnreadable)
  server.on('checkExpectation', (request, response) => {
    refused.add(request.socket)
    refuse(request, response, { key: 'bad-request', detail: 'Of expectations only 100-continue is met here.' })
  })
  server.on('connect', (_request, socket: Duplex) =>
    writeAndClose(socket, 'method-not-allowed', 'CONNECT is not answered here.'),
  )
  return server
}

function refuse(request: IncomingMessage, response: ServerResponse, { key, detail }: FramingFault): void {
  const { status, headers, body } = problemAnswer(key, detail, newRequestId())
  response.writeHead(status, { ...headers, connection: 'close' }).end(request.method === 'HEAD' ? undefined : body)
}

/** Answers what the parser could not read, with the one status that says why, and closes. */
function refuseUnreadable(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    return writeAndClose(socket, 'header-too-large', `The header may have at most ${headerBytesMax} bytes.`)
  }
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return writeAndClose(socket, 'request-timeout', 'The request did not arrive in time.')
  }
  writeAndClose(socket, 'bad-request', 'This is not a request that HTTP/1.1 allows.')
}

function writeAndClose(socket: Duplex, key: ProblemKey, detail: string): void {
  const { status, headers, body } = problemAnswer(key, detail, newRequestId())
  const fields = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...fields, '', body].join('\r\n'))
}
