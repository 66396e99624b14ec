import assert from 'node:assert/strict'
import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import { read, routes, type AnswerOf, type Route, type RouteName, type StatusOf } from '@chatelaine/api'

/** One answer, and the moments at which it was asked for and had, by the monotonic clock of this process. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly sentAtMs: number
  readonly arrivedAtMs: number
}

export interface Said {
  /** The token that asks. */
  readonly as?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Text and bytes are sent as they stand, everything else as JSON. */
  readonly body?: unknown
}

export interface ClientOptions {
  readonly connections?: number
  /** Told of each answer. */
  readonly heard?: (answer: Answer) => void
}

/** Talks to a server over connections that it keeps, each of which carries one request at a time. */
export class Client {
  readonly #ports: readonly number[]
  readonly #agent: Agent
  readonly #heard: (answer: Answer) => void

  /** @param ports of one server, or of several: then each request goes to any of them */
  constructor(ports: number | readonly number[], { connections = 8, heard = () => {} }: ClientOptions = {}) {
    this.#ports = typeof ports === 'number' ? [ports] : ports
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
    this.#heard = heard
  }

  /** @throws Error when the connection breaks before the answer is whole. */
  async ask(method: string, path: string, said: Said = {}): Promise<Answer> {
    const answer = await this.#exchange(method, path, said)
    this.#heard(answer)
    return answer
  }

  close(): void {
    this.#agent.destroy()
  }

  #exchange(method: string, path: string, { as, headers = {}, body }: Said): Promise<Answer> {
    const bytes = bytesOf(body)
    const asked = {
      ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
      ...(bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
      ...headers,
    }
    return new Promise((resolve, reject) => {
      const port = this.#ports[Math.floor(Math.random() * this.#ports.length)]
      const options = { host: '127.0.0.1', port, agent: this.#agent, method, path, headers: asked }
      const outgoing = request(options, (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const { statusCode: status = 0, headers } = incoming
          const text = Buffer.concat(chunks).toString()
          resolve({ status, headers, text, sentAtMs, arrivedAtMs: performance.now() })
        })
      })
      outgoing.on('error', reject)
      const sentAtMs = performance.now()
      outgoing.end(bytes)
    })
  }
}

function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined || body instanceof Buffer) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

/** The body of an answer that must have this status and the shape that its route promises. */
export function bodyOf<R extends RouteName, S extends StatusOf<R> & number>(
  name: R,
  status: S,
  { status: actual, text }: Answer,
): AnswerOf<R, S> {
  assert.equal(actual, status, `${name}: ${text}`)
  const route: Route = routes[name]
  const schema = route.responses[status]?.schema ?? null
  if (schema === null) return null as AnswerOf<R, S>
  const body: unknown = JSON.parse(text)
  assert.ok(read(schema, body).ok, `${name} answers another shape: ${text}`)
  return body as AnswerOf<R, S>
}
