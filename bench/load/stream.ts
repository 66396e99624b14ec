import { connect, type Socket } from 'node:net'
import { AnswerReader, type Answer } from './answer-reader.ts'
import { Latencies } from './latencies.ts'
import type { Listener, StreamPlan, StreamResult } from './plan.ts'

const host = '127.0.0.1'
/** Node's timers are no finer. */
const tickMs = 1
/** Requests that wait for a connection; a server this far behind has failed the run. */
const waitingMax = 100_000
const errorLengthMax = 300

/** One keep-alive connection, with at most one request under way. */
interface Line {
  readonly socket: Socket
  readonly reader: AnswerReader
  dueAt: number
}

/** Sends the requests of one stream over raw sockets, and keeps what became of them while it is measured. */
export class Stream {
  readonly #plan: StreamPlan
  readonly #requests: readonly Buffer[]
  readonly #expected: Buffer
  #lines: Line[] = []
  #idle: Line[] = []
  #waiting: number[] = []
  #next = 0
  #sentByPace = 0
  #isRunning = false
  #ticker: NodeJS.Timeout | undefined
  #measuredFrom = Number.POSITIVE_INFINITY
  #lastAnswerAt = 0
  #latencies = new Latencies()
  #errorCount = 0
  #firstError: string | undefined

  constructor(plan: StreamPlan) {
    this.#plan = plan
    this.#requests = requestsOf(plan)
    this.#expected = Buffer.from(plan.expected)
  }

  async open(listener: Listener): Promise<void> {
    this.#lines = await Promise.all(Array.from({ length: this.#plan.connections }, () => this.#openLine(listener)))
  }

  start(): void {
    this.#isRunning = true
    const { perSecond } = this.#plan
    if (perSecond === undefined) {
      const now = performance.now()
      for (const line of this.#lines) this.#send(line, now)
      return
    }
    this.#idle = [...this.#lines]
    const startedAt = performance.now()
    this.#ticker = setInterval(() => this.#sendDue(startedAt, perSecond), tickMs)
  }

  /** From here on everything counts. */
  measure(): void {
    this.#measuredFrom = performance.now()
  }

  /** Sends nothing more, and tells what was measured. */
  finish(): StreamResult {
    const endedAt = this.isExhausted ? this.#lastAnswerAt : performance.now()
    this.#isRunning = false
    clearInterval(this.#ticker)
    const answeredCount = this.#latencies.count
    return {
      answeredCount,
      perSecond: answeredCount / ((endedAt - this.#measuredFrom) / 1_000),
      errorCount: this.#errorCount,
      firstError: this.#firstError,
      latency: this.#latencies.summary(),
    }
  }

  close(): void {
    for (const { socket } of this.#lines) socket.destroy()
  }

  /** Whether there is nothing left to send. */
  get isExhausted(): boolean {
    return this.#plan.isOnce === true && this.#next >= this.#requests.length
  }

  async #openLine(listener: Listener): Promise<Line> {
    const socket =
      'port' in listener
        ? connect({ port: listener.port, host, noDelay: true })
        : connect({ path: listener.socketPath })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    const line: Line = { socket, reader: new AnswerReader(), dueAt: 0 }
    socket.on('data', (chunk: Buffer) => this.#received(line, chunk))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#isRunning && this.#failed('the server closed a connection'))
    return line
  }

  #sendDue(startedAt: number, perSecond: number): void {
    const now = performance.now()
    const dueCount = Math.floor(((now - startedAt) / 1_000) * perSecond)
    for (; this.#sentByPace < dueCount; this.#sentByPace++) {
      const line = this.#idle.pop()
      if (line !== undefined) this.#send(line, now)
      // Counted from when it was due: whoever leaves out the queue before a slow server measures a fast one.
      else if (this.#waiting.length < waitingMax) this.#waiting.push(now)
      else this.#failed('too many requests wait for a connection')
    }
  }

  #send(line: Line, dueAt: number): void {
    if (this.isExhausted) return
    line.dueAt = dueAt
    line.socket.write(this.#requests[this.#next % this.#requests.length]!)
    this.#next += 1
  }

  #received(line: Line, chunk: Buffer): void {
    const answer = line.reader.read(chunk)
    if (answer === undefined) return
    const now = performance.now()
    this.#note(answer, line.dueAt, now)
    if (!this.#isRunning) return
    if (this.#plan.perSecond === undefined) return this.#send(line, now)
    const dueAt = this.#waiting.shift()
    if (dueAt === undefined) this.#idle.push(line)
    else this.#send(line, dueAt)
  }

  #note({ isSuccess, bytes, bodyAt }: Answer, dueAt: number, now: number): void {
    const isExpected =
      isSuccess && bytes.compare(this.#expected, 0, undefined, bodyAt, bodyAt + this.#expected.length) === 0
    if (!isExpected) this.#failed(bytes.toString('latin1', 0, errorLengthMax))
    if (now < this.#measuredFrom) return
    this.#latencies.add(now - dueAt)
    this.#lastAnswerAt = now
  }

  #failed(how: string): void {
    this.#errorCount += 1
    this.#firstError ??= how
  }
}

function requestsOf(plan: StreamPlan): Buffer[] {
  if ('authorizations' in plan) {
    return plan.authorizations.map((authorization) => requestBytes(`GET ${plan.path}`, authorization))
  }
  return plan.bodies.map((body) => requestBytes(`POST ${plan.path}`, plan.authorization, body))
}

function requestBytes(asked: string, authorization: string, body?: string): Buffer {
  const head = [`${asked} HTTP/1.1`, `Host: ${host}`, `Authorization: ${authorization}`]
  if (body !== undefined) head.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`)
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`)
}
