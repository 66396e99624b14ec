import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runServer, type Environment, type Process, type Surroundings } from '../start/processes.ts'

const logMsMax = 10_000

/** A server in a process of its own, started as an operator starts it. */
export interface RunningServer {
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

/** Whatever ends: a test, or a whole suite of them. */
export interface Ending {
  after(run: () => Promise<void>): void
}

/** A directory in which servers run, one after the other. With the test both are gone, however it ends. */
export class Site {
  readonly directory = mkdtempSync(join(tmpdir(), 'chatelaine-faults-'))
  readonly #processes: Process[] = []

  constructor(ending: Ending) {
    ending.after(async () => {
      for (const process of this.#processes) await end(process, 'SIGKILL')
      rmSync(this.directory, { recursive: true, force: true })
    })
  }

  /** @throws Error with all that the server said, when it ends before it is ready. */
  async start({ environment = {}, ...surroundings }: ServerStart = {}): Promise<RunningServer> {
    const { data, bootstrapToken } = placesIn(this.directory)
    const places = { CHATELAINE_DATA: data, CHATELAINE_BOOTSTRAP_TOKEN_FILE: bootstrapToken }
    const process = runServer(this.directory, { ...places, ...environment }, surroundings)
    this.#processes.push(process)
    return running(process, new URL(await process.ready()), readFileSync(bootstrapToken, 'utf8'))
  }
}

export interface ServerStart extends Surroundings {
  readonly environment?: Environment
}

/** Directories are copied without their mode, and the server starts in none that others may enter. */
export function copyPrivately(from: string, to: string): void {
  const usual = process.umask(0o077)
  try {
    cpSync(from, to, { recursive: true })
  } finally {
    process.umask(usual)
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

function running(process: Process, { port }: URL, managerToken: string): RunningServer {
  return {
    port: Number(port),
    child: process.child,
    managerToken,
    log: () => process.log(),
    async whenLogged(text) {
      const deadline = AbortSignal.timeout(logMsMax)
      while (!process.log().includes(text)) await once(process.child.stdout!, 'data', { signal: deadline })
    },
    told: () => process.told(),
    kill: () => end(process, 'SIGKILL'),
    stop: () => end(process, 'SIGTERM'),
  }
}

async function end(process: Process, signal: NodeJS.Signals): Promise<void> {
  process.signal(signal)
  await process.ended
}
