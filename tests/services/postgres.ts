// PostgreSQL for tests: a server of one's own on a port of its own, that can be stopped, frozen and started again.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statfsSync,
} from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Client } from 'pg'
import {
  keptOnce,
  newestPostgres,
  serverUser,
  type PostgresPrograms,
  type PostgresRelease,
} from './postgres-programs.ts'

export interface PostgresServer {
  readonly version: string
  /** Of the database that is there from the beginning. */
  readonly url: string
  /** Makes an empty database and answers its URL. */
  createDatabase(): Promise<string>
  /** Stops all its processes where they stand: connections stay open and nothing answers. Resolves when they have. */
  freeze(): Promise<void>
  thaw(): void
  /** Ends it as a loss of power would, but for the disk: nothing is finished, nothing is said. */
  stopAtOnce(): Promise<void>
  /** Starts it again after `stopAtOnce`, on the same port. */
  startAgain(): Promise<void>
  /** Ends it and removes what it kept. */
  close(): Promise<void>
}

const superuser = 'chatelaine'

/** Another process may take a port between it was found free and is listened on. */
const portTriesMax = 5

/** How long a server may take until it answers, also when it first has to recover. */
const startMsMax = 30_000

/** What a release is skipped for. Where changes are accepted it must be there, and its tests fail without it. */
export function absenceOf({ programs }: PostgresRelease): string | false {
  return typeof programs === 'string' && process.env['CI'] === undefined ? programs : false
}

/** Where the machine has this much room in memory, servers keep their data there. */
const roomInMemoryMin = 4 * 1024 ** 3

/**
 * Starts a server. It flushes its commits as in production, since Chatelaine refuses a server that does not. Where there
 * is room its data is in memory all the same: it outlives every process, but no loss of power, which no test is about.
 * @param settings of `postgresql.conf`, besides what every test server has
 */
export async function startPostgres(
  { programs }: PostgresRelease = newestPostgres(),
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  if (typeof programs === 'string') throw new Error(programs)
  const directory = mkdtempSync(join(roomyDirectory(), 'chatelaine-postgres-'))
  const data = join(directory, 'data')
  cpSync(clusterOf(programs), data, { recursive: true, preserveTimestamps: true })
  chmodSync(data, 0o700)
  giveToServer(directory)
  try {
    const { port, child } = await startOnFreePort(programs, data, settings)
    return serverAt({ programs, directory, data, settings, port }, child)
  } catch (error) {
    rmSync(directory, { recursive: true })
    throw error
  }
}

function roomyDirectory(): string {
  const inMemory = '/dev/shm'
  if (!existsSync(inMemory)) return tmpdir()
  const { bavail, bsize } = statfsSync(inMemory)
  return Math.min(bavail * bsize, process.availableMemory()) > roomInMemoryMin ? inMemory : tmpdir()
}

interface Place {
  readonly programs: PostgresPrograms
  readonly directory: string
  readonly data: string
  readonly settings: Readonly<Record<string, string>>
  readonly port: number
}

function serverAt(place: Place, firstChild: ChildProcess): PostgresServer {
  const { programs, directory, data, settings, port } = place
  let child = firstChild
  let databases = 0
  const urlOf = (database: string) => `postgres://${superuser}@127.0.0.1:${port}/${database}`

  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    signalAll(child, 'SIGCONT')
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  return {
    version: programs.version,
    url: urlOf('postgres'),
    async createDatabase() {
      const client = new Client(urlOf('postgres'))
      await client.connect()
      const name = `test_${(databases += 1)}`
      await client.query(`CREATE DATABASE ${name}`)
      await client.end()
      return urlOf(name)
    },
    async freeze() {
      const signalled = signalAll(child, 'SIGSTOP')
      while (signalled.some((pid) => isRunning(pid))) await setImmediate()
    },
    thaw: () => void signalAll(child, 'SIGCONT'),
    // https://www.postgresql.org/docs/current/server-shutdown.html: SIGQUIT is the immediate shutdown, SIGINT the fast one.
    stopAtOnce: () => stop('SIGQUIT'),
    async startAgain() {
      child = await start(programs, data, port, settings)
    },
    async close() {
      await stop('SIGINT')
      rmSync(directory, { recursive: true })
    },
  }
}

/** The postmaster first, so that it starts nothing while its children are counted. Answers which processes there were. */
function signalAll(postmaster: ChildProcess, signal: 'SIGSTOP' | 'SIGCONT'): number[] {
  postmaster.kill(signal)
  return childrenOf(postmaster.pid).filter((pid) => {
    try {
      return process.kill(pid, signal)
    } catch {
      // It has ended by itself meanwhile.
      return false
    }
  })
}

function childrenOf(parent: number | undefined): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && statOf(pid)?.parent === parent)
}

function isRunning(pid: number): boolean {
  const state = statOf(pid)?.state
  return state !== undefined && state !== 'T' && state !== 'Z'
}

/** proc(5): behind the name, which stands in parentheses and may hold any character, come the state and the parent. */
function statOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state, parent: Number(parent) }
  } catch {
    return undefined
  }
}

async function startOnFreePort(
  programs: PostgresPrograms,
  data: string,
  settings: Readonly<Record<string, string>>,
): Promise<{ port: number; child: ChildProcess }> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort()
    try {
      return { port, child: await start(programs, data, port, settings) }
    } catch (error) {
      const isTaken = error instanceof Error && error.message.includes('Address already in use')
      if (!isTaken || tries === portTriesMax) throw error
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

/** Resolves when it takes connections. */
function start(
  { directory, env }: PostgresPrograms,
  data: string,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const all = { ...testSettings, ...settings, port: String(port) }
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(join(directory, 'postgres'), ['-D', data, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env, LC_ALL: 'C' },
    ...serverUser,
  })
  return new Promise((resolve, reject) => {
    let said = ''
    const tooLate = setTimeout(() => child.kill('SIGKILL'), startMsMax)
    const settle = (end: () => void) => {
      clearTimeout(tooLate)
      end()
    }
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.includes('ready to accept connections')) return
      said += chunk.toString()
      if (said.includes('ready to accept connections')) settle(() => resolve(child))
    })
    child.once('error', (error) => settle(() => reject(error)))
    child.once('exit', () => settle(() => reject(new Error(`PostgreSQL did not start: ${said}`))))
  })
}

const testSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '16MB',
  max_connections: '200',
  // Servers come and go; none of them needs to have its pages in order before the next checkpoint.
  checkpoint_timeout: '1h',
}

/** An empty cluster of this release, made once and copied for every server. */
function clusterOf({ version, directory, env }: PostgresPrograms): string {
  return keptOnce(`cluster-${version}`, (scratch) => {
    giveToServer(scratch)
    const access = ['--username', superuser, '--auth', 'trust', '--no-sync']
    // In this order "a" stands before "B": whoever relies on the order of bytes has to ask for it.
    const text = ['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'icu', '--icu-locale', 'en-US']
    execFileSync(join(directory, 'initdb'), ['-D', scratch, ...access, ...text], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env, LC_ALL: 'C' },
      ...serverUser,
    })
  })
}

/** A server takes only a data directory that is its user's own. */
function giveToServer(directory: string): void {
  if (serverUser === undefined) return
  chownSync(directory, serverUser.uid, serverUser.gid)
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    chownSync(join(entry.parentPath, entry.name), serverUser.uid, serverUser.gid)
  }
}
