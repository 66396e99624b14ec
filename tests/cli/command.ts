import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'

/** The file that is started as `chatelaine`. */
export const commandFile = fileURLToPath(new URL('../../packages/cli/src/bin.js', import.meta.url))

/** What a command said, and how it ended. */
export interface Said {
  readonly code: number | null
  readonly out: string
  readonly told: string
}

export interface Surroundings {
  /** Variables besides those of whoever runs the tests; settings of Chatelaine among those are left out. */
  readonly environment?: Readonly<Record<string, string>>
  /** Standard input; nothing. */
  readonly input?: string | Uint8Array
}

/** A command that is running. */
export interface Started {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<Said>
  /** What its standard error says, once it does. @throws Error when it ended before. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>
}

// A test that fails half-way leaves nothing running behind.
const running = new Set<ChildProcess>()
after(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** Runs the command in processes of its own, in one directory, which is also its home. */
export class CommandLine {
  readonly directory: string
  /** What every command finds in its environment. */
  environment: Readonly<Record<string, string>> = {}

  constructor(context: { after(run: () => void): void }) {
    this.directory = mkdtempSync(join(tmpdir(), 'chatelaine-cli-'))
    context.after(() => rmSync(this.directory, { recursive: true, force: true }))
  }

  /** Runs one command to its end. */
  async run(args: readonly string[], surroundings: Surroundings = {}): Promise<Said> {
    const { child, ended } = this.start(args, surroundings)
    child.stdin.on('error', () => undefined)
    child.stdin.end(surroundings.input)
    return ended
  }

  /** Starts one command, and leaves its standard input open. */
  start(args: readonly string[], { environment = {} }: Surroundings = {}): Started {
    const child = spawn(process.execPath, [commandFile, ...args], {
      cwd: this.directory,
      env: {
        PATH: process.env.PATH,
        HOME: this.directory,
        XDG_CONFIG_HOME: join(this.directory, 'config'),
        ...this.environment,
        ...environment,
      },
    })
    running.add(child)
    const out: Buffer[] = []
    const told: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => told.push(chunk))
    const ended = once(child, 'close').then((): Said => {
      running.delete(child)
      return { code: child.exitCode, out: Buffer.concat(out).toString(), told: Buffer.concat(told).toString() }
    })
    const says = (pattern: RegExp): Promise<RegExpExecArray> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(Buffer.concat(told).toString())
          if (match !== null) resolve(match)
        }
        child.stderr.on('data', look)
        child.on('close', () =>
          reject(new Error(`it ended without saying ${pattern}: ${Buffer.concat(told).toString()}`)),
        )
        look()
      })
    return { child, ended, says }
  }
}
