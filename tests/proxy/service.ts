import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the service saw of one request. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Service {
  /** As proxies write it: host and port. */
  readonly address: string
  /** What has arrived since the last call. */
  take(): Seen[]
  stop(): Promise<void>
}

/** A service that says yes to everything, as one may that is behind a proxy which guards it. */
export async function startService(): Promise<Service> {
  let seen: Seen[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
      // One of its paths fails by itself, so that its failures can be told from refusals.
      const status = url.startsWith('/broken') ? 500 : 200
      response.writeHead(status, { 'content-type': 'text/plain' }).end('from the service')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = seen
      seen = []
      return taken
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
