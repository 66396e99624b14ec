import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url))
const startMsMax = 30_000
const logMsMax = 10_000

/** A server in a process of its own, started as an operator starts it. */
export interface RunningServer {
  readonly origin: string
  readonly port: number
  readonly child: ChildProcess
  /** A permanent manager token with every management scope. */
  readonly managerToken: string
  /** Everything that was logged so far. */
  log(): string
  /** Resolves when this text is in the log, which is written a moment after what it tells of. */
  whenLogged(text: string): Promise<void>
  /** Everything that was told to the person at the terminal so far. */
  told(): string
  /** `SIGKILL`: nothing is finished, nothing is written. */
  kill(): Promise<void>
  /** `SIGTERM`, and waits until everything is in order. */
  stop(): Promise<void>
}

export interface ServerStart {
  readonly environment?: Readonly<Record<string, string>>
  /** What Node is told before the program. With it there is a channel to the child. */
  readonly nodeOptions?: readonly string[]
  /** A command that runs the rest of its line in surroundings of its own. */
  readonly within?: readonly string[]
}

/** Whatever ends: a test, or a whole suite of them. */
export interface Ending {
  after(run: () => Promise<void>): void
}

/** A directory in which servers run, one after the other. With the test both are gone, however it ends. */
export class Site {
  readonly directory = mkdtempSync(join(tmpdir(), 'chatelaine-faults-'))
  readonly #servers: RunningServer[] = []

  constructor(ending: Ending) {
    ending.after(async () => {
      await Promise.all(this.#servers.map((server) => server.kill()))
      rmSync(this.directory, { recursive: true, force: true })
    })
  }

  /** @throws Error with all that the server said, when it ends or is not ready in time. */
  async start(start: ServerStart = {}): Promise<RunningServer> {
    const server = await startServer(this.directory, start)
    this.#servers.push(server)
    return server
  }
}

/** Where a server in this directory keeps its data, and its first token beside it. */
export function placesIn(directory: string) {
  const data = join(directory, 'data')
  return {
    data,
    database: join(data, 'chatelaine.db'),
    journal: join(data, 'journal'),
    masterKey: join(data, 'master.key'),
    bootstrapToken: join(directory, 'bootstrap.token'),
  }
}

async function startServer(
  directory: string,
  { environment = {}, nodeOptions = [], within = [] }: ServerStart,
): Promise<RunningServer> {
  const { data, bootstrapToken } = placesIn(directory)
  const [command, ...rest] = [...within, process.execPath, ...nodeOptions, program]
  const child = spawn(command, rest, {
    env: {
      ...withoutSettings(process.env),
      CHATELAINE_LISTEN: '127.0.0.1:0',
      CHATELAINE_DATA: data,
      CHATELAINE_BOOTSTRAP_TOKEN_FILE: bootstrapToken,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe', ...(nodeOptions.length > 0 ? (['ipc'] as const) : [])],
  })
  const ended = once(child, 'close')
  const log = collect(child.stdout!)
  const told = collect(child.stderr!)
  const port = await readyPort(child, () => `${told()}${log()}`)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    await ended
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    child,
    managerToken: readFileSync(environment['CHATELAINE_BOOTSTRAP_TOKEN_FILE'] ?? bootstrapToken, 'utf8').trim(),
    log,
    async whenLogged(text) {
      const deadline = AbortSignal.timeout(logMsMax)
      while (!log().includes(text)) await once(child.stdout!, 'data', { signal: deadline })
    },
    told,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}

/** The settings of whoever runs the tests are not those of the server. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('CHATELAINE_')))
}

function collect(stream: Readable): () => string {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}

function readyPort(child: ChildProcess, said: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (how: string) => {
      clearTimeout(deadline)
      child.kill('SIGKILL')
      reject(new Error(`the server ${how}:\n${said()}`))
    }
    const deadline = setTimeout(() => fail(`was not ready after ${startMsMax / 1_000} s`), startMsMax)
    child.once('error', (error) => fail(`could not be started, ${error.message}`))
    child.once('exit', (code, signal) => fail(`ended with ${signal ?? code}`))
    child.stderr!.on('data', () => {
      const port = /ready at http:\/\/127\.0\.0\.1:(\d+)/.exec(said())?.[1]
      if (port === undefined) return
      clearTimeout(deadline)
      resolve(Number(port))
    })
  })
}
