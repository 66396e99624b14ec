import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { Usage } from './usage.ts'

const startMsMax = 60_000
const outputCharsMax = 8_192
const address = /http:\/\/127\.0\.0\.1:(\d+)/

/** A server that was started to be measured. */
export interface ServerProcess {
  readonly port: number
  usage(): Promise<Usage>
  stop(): Promise<void>
}

export interface ServerProgram {
  readonly file: URL
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Starts a program that prints the address on which it listens.
 * @throws Error with what it printed, when it ends or says no address in time.
 */
export async function startServer({ file, args = [], env = {} }: ServerProgram): Promise<ServerProcess> {
  const child = fork(file, args, {
    env: { ...withoutSettings(process.env), BENCH_MEASURED: '1', ...env },
    execArgv: ['--import', new URL('./usage.ts', import.meta.url).href],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const port = await printedPort(child, file.pathname)
  return {
    port,
    async usage() {
      const answer = once(child, 'message')
      child.send('usage')
      const [usage] = (await answer) as [Usage]
      return usage
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}

/** The settings of whoever runs the benchmark would change what is measured. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('CHATELAINE_')))
}

function printedPort(child: ChildProcess, file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let printed = ''
    const fail = (what: string) => {
      clearTimeout(deadline)
      child.kill('SIGKILL')
      reject(new Error(`${file} ${what}:\n${printed}`))
    }
    const deadline = setTimeout(() => fail('said no address in time'), startMsMax)
    const look = (chunk: Buffer) => {
      if (printed.length >= outputCharsMax) return
      printed += chunk.toString()
      const port = address.exec(printed)?.[1]
      if (port === undefined) return
      clearTimeout(deadline)
      resolve(Number(port))
    }
    for (const output of [child.stdout, child.stderr] as Readable[]) output.on('data', look)
    child.once('exit', (code, signal) => fail(`ended with ${signal ?? code}`))
  })
}
