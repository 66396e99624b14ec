import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '@chatelaine/token'
import { findProgram } from '../../tools/debian.ts'

// Debian's package of the tools holds the whole server: it is the same file as what checks a dump, by another name.
const redis = findProgram('redis-server', {
  packages: ['redis-tools', 'libjemalloc2', 'liblzf1'],
  path: 'usr/bin/redis-check-rdb',
})

/** Why tests that need Redis are skipped, or `false`. Where everything is tested its absence is a failure. */
export const withoutRedis = typeof redis === 'string' && process.env['CI'] === undefined ? redis : false

/** A Redis of a test's own, which keeps nothing on the disk. */
export interface RunningRedis {
  readonly url: Secret
  /** Until `thaw` it takes connections and answers nothing. */
  freeze(): void
  thaw(): void
  /** Ends it at once, with all that it knew. */
  kill(): Promise<void>
  /** Starts it again, empty, at the same place. */
  restart(): Promise<void>
  /** Empties it, of counters and of scripts. */
  flush(): Promise<void>
  stop(): Promise<void>
}

/** Another program may take the port between its choice and the start. */
const startTriesMax = 5

export async function startRedis(): Promise<RunningRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'chatelaine-redis-'))
  const first = await startAnywhere(directory)
  const { port } = first
  let { child } = first
  return {
    url: new Secret(`redis://127.0.0.1:${port}`),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill: () => end(child),
    async restart() {
      child = await start(port, directory)
    },
    flush: () => send(port, 'FLUSHALL\r\nSCRIPT FLUSH\r\n'),
    async stop() {
      await end(child)
      rmSync(directory, { recursive: true })
    },
  }
}

async function startAnywhere(directory: string): Promise<{ port: number; child: ChildProcess }> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort()
    try {
      return { port, child: await start(port, directory) }
    } catch (error) {
      if (tries === startTriesMax) throw error
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves when it takes connections, as it says itself. */
function start(port: number, directory: string): Promise<ChildProcess> {
  if (typeof redis === 'string') throw new Error(redis)
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    directory,
  ]
  const child = spawn(redis.path, options, {
    argv0: 'redis-server',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...redis.env },
  })
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('Ready to accept connections')) resolve(child)
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`Redis did not start: ${said}`)))
  })
}

/** Sends commands as somebody would type them. */
async function send(port: number, commands: string): Promise<void> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  socket.end(`${commands}QUIT\r\n`)
  let said = ''
  for await (const chunk of socket) said += chunk
  if (said.includes('-')) throw new Error(`Redis answered ${said}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
