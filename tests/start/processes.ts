import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'

const source = (file: string) => fileURLToPath(new URL(`../../packages/server/src/${file}`, import.meta.url))

export type Environment = Readonly<Record<string, string>>

export interface Ended {
  readonly code: number | null
  /** Standard output: of the server its log, of a command its answer. */
  readonly out: string
  /** Standard error: what a person is told. */
  readonly told: string
}

/** How a process is started, besides with its environment. */
export interface Surroundings {
  /** What Node is told before the program. With it there is a channel to the child. */
  readonly nodeOptions?: readonly string[]
  /** A command that runs the rest of its line in surroundings of its own. */
  readonly within?: readonly string[]
}

/** A server in a process of its own, whatever becomes of it. */
export interface Process {
  readonly child: ChildProcess
  /** Where it listens. @throws Error with all that it said, when it ended instead. */
  ready(): Promise<string>
  /** Resolves when its output matches. @throws Error when it ended before. */
  says(pattern: RegExp): Promise<void>
  told(): string
  log(): string
  signal(signal: NodeJS.Signals): void
  readonly ended: Promise<Ended>
}

// A test that fails half-way leaves nothing running behind.
const running = new Set<ChildProcess>()
after(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** A directory for one test, gone afterwards. */
export function makeDirectory(context: { after(run: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'chatelaine-start-'))
  context.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Starts the server in a directory, as `npm start` does, on a free port. */
export function runServer(directory: string, environment: Environment = {}, surroundings: Surroundings = {}): Process {
  return run(directory, ['main.ts'], { CHATELAINE_LISTEN: '127.0.0.1:0', ...environment }, surroundings)
}

/** Runs a command of the operator in a directory, to its end. */
export function operate(directory: string, args: readonly string[], environment: Environment = {}): Promise<Ended> {
  return run(directory, ['operate.ts', ...args], environment).ended
}

function run(
  directory: string,
  [file, ...args]: readonly [file: string, ...args: string[]],
  environment: Environment,
  { nodeOptions = [], within = [] }: Surroundings = {},
): Process {
  const line = [...within, process.execPath, ...nodeOptions, source(file), ...args]
  const child = spawn(line[0]!, line.slice(1), {
    cwd: directory,
    env: { ...withoutSettings(process.env), ...environment },
    stdio: ['ignore', 'pipe', 'pipe', ...(nodeOptions.length > 0 ? (['ipc'] as const) : [])],
  })
  const { stdout, stderr } = child as ChildProcessByStdio<null, Readable, Readable>
  running.add(child)
  const out = collect(stdout)
  const told = collect(stderr)
  const says = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = () => (pattern.test(told()) || pattern.test(out())) && resolve()
      stdout.on('data', look)
      stderr.on('data', look)
      child.on('close', () => reject(new Error(`it ended without saying ${pattern}:\n${told()}${out()}`)))
      look()
    })
  const ended = once(child, 'close').then(() => {
    running.delete(child)
    return { code: child.exitCode, out: out(), told: told() }
  })
  return {
    child,
    async ready() {
      await says(readyPattern)
      return readyPattern.exec(told())![1]!
    },
    says,
    told,
    log: out,
    signal: (signal) => child.kill(signal),
    ended,
  }
}

const readyPattern = /ready at (http:\S+)\n[^]*\n\n$/

/** The settings of whoever runs the tests are not those of the server. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('CHATELAINE_')))
}

function collect(stream: Readable): () => string {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}
