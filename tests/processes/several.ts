import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { issue } from '../start/api.ts'
import { makeDirectory, runServer, type Process } from '../start/processes.ts'

/** How the processes of one server can be told from each other. */
export interface Several {
  readonly server: Process
  readonly origin: string
  readonly directory: string
  /** The token of a manager that may do everything. */
  readonly manager: string
  /** The one that writes. */
  writer(): number
  /** Those that answer. */
  answering(): readonly number[]
}

/** Where the system tells which processes there are. */
const skip = process.platform === 'linux' ? false : 'the processes of a server are looked up under /proc'
export const options = { skip }

export async function startSeveral(
  context: TestContext,
  count: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<Several> {
  const directory = makeDirectory(context)
  const server = runServer(directory, {
    CHATELAINE_PROCESSES: String(count),
    CHATELAINE_BOOTSTRAP_TOKEN_FILE: 'root.token',
    CHATELAINE_LOG: 'warn',
    ...environment,
  })
  context.after(() => end(server))
  const origin = await server.ready()
  const pid = server.child.pid!
  return {
    server,
    origin,
    directory,
    manager: readFileSync(join(directory, 'root.token'), 'utf8').trim(),
    writer: () => childrenOf(pid, 'writer.ts')[0]!,
    answering: () => childrenOf(pid, 'answering.ts'),
  }
}

async function end(server: Process): Promise<void> {
  const { pid } = server.child
  if (pid === undefined || server.child.exitCode !== null) return
  for (const child of childrenOf(pid, '.ts')) process.kill(child, 'SIGCONT')
  server.signal('SIGTERM')
  await server.ended
}

/** The processes that this one has started and that run this program. */
export function childrenOf(pid: number, program: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === pid && fileOf(candidate, 'cmdline').includes(program))
}

export function isAlive(pid: number): boolean {
  return parentOf(pid) !== undefined
}

/** `undefined` for one that has ended, though nobody may have asked how. */
function parentOf(pid: number): number | undefined {
  const [state, parent] = fileOf(pid, 'stat').split(') ').at(-1)?.split(' ') ?? []
  return state === undefined || state === '' || state === 'Z' ? undefined : Number(parent)
}

function fileOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

/** Longer than anybody may take, so that a test that meets silence ends. */
const answerMsMax = 20_000

/** A connection that stays, and so reaches the same process every time. */
export class Line {
  readonly #origin: string
  readonly #manager: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor({ origin, manager }: Several) {
    this.#origin = origin
    this.#manager = manager
  }

  /** The code with which a token is verified; `undefined` where no answer came, and the status of one that is none. */
  verify(token: string): Promise<string | number | undefined> {
    const body = JSON.stringify({ token })
    return new Promise((resolve) => {
      const asked = request(
        `${this.#origin}/api/v1/tokens/verify`,
        {
          method: 'POST',
          agent: this.#agent,
          timeout: answerMsMax,
          headers: { authorization: `Bearer ${this.#manager}`, 'content-type': 'application/json' },
        },
        (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => (text += chunk))
          response.on('end', () =>
            resolve(response.statusCode === 200 ? String(JSON.parse(text).code) : response.statusCode),
          )
          response.on('error', () => resolve(undefined))
        },
      )
      asked.on('timeout', () => asked.destroy())
      asked.on('error', () => resolve(undefined))
      asked.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** As many lines as reach every process, or very nearly. */
export function openLines(context: TestContext, several: Several, count = 16): readonly Line[] {
  const lines = Array.from({ length: count }, () => new Line(several))
  context.after(() => {
    for (const line of lines) line.close()
  })
  return lines
}

/** One request on a connection of its own, so that it reaches whoever takes it, and never one that is frozen. */
export function askAnew({ origin, manager }: Several, method: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${manager}` }
    const asked = request(origin + path, { method, headers, agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** Revokes until it is said to be done, as somebody does who heard 503. @returns how long the first answer took. */
export async function revokeCertainly(several: Several, id: string): Promise<number> {
  const beganAt = performance.now()
  let firstMs: number | undefined
  for (let tries = 0; tries < 200; tries += 1) {
    const status = await askAnew(several, 'DELETE', `/api/v1/tokens/${id}`)
    firstMs ??= performance.now() - beganAt
    if (status === 204) return firstMs
    assert.equal(status, 503)
  }
  throw new Error('it was never revoked')
}

let accounts = 0

export function issueToken({ origin, manager }: Several): Promise<{ id: string; token: string }> {
  accounts += 1
  return issue(origin, manager, `account-${accounts}`)
}
