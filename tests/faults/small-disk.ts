import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunningServer } from './running-server.ts'

/** A place for a server's files on which no more can be written from one moment to the other. */
export interface SmallDisk {
  /** As the server sees it. */
  readonly directory: string
  /** The same as this process sees it. */
  readonly seen: string
  /** The command within which a server must be started to see it. */
  readonly within: readonly string[]
  fill(server: RunningServer): void
  free(server: RunningServer): void
  /** Once no server uses it any more. */
  close(): Promise<void>
}

/** The ways of running out of space that this machine offers; none of them needs to be its administrator. */
export const smallDisks: Readonly<
  Record<string, { readonly isHere: () => boolean; readonly make: () => Promise<SmallDisk> }>
> = {
  'a disk that is full': {
    isHere: () => succeeds(unshare, [...ownNamespace, 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]),
    make: makeTmpfs,
  },
  'a disk that fails': { isHere: () => succeeds('prlimit', ['--version']), make: makeLimited },
}

const diskBytes = 8 * 1_024 * 1_024
const [unshare, ...ownNamespace] = ['unshare', '--user', '--map-root-user', '--mount'] as const

/**
 * A file system in memory, mounted where only its own processes see it, so that it is gone with the last of them, and
 * held by one that does nothing.
 */
async function makeTmpfs(): Promise<SmallDisk> {
  const directory = mkdtempSync(join(tmpdir(), 'chatelaine-disk-'))
  const script = `mount -t tmpfs -o size=${diskBytes} tmpfs "$0" && echo mounted && exec cat`
  const holder = spawn(unshare, [...ownNamespace, 'sh', '-c', script, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  const seen = `/proc/${holder.pid}/root${directory}`
  const ballast = join(seen, 'ballast')
  return {
    directory,
    seen,
    within: ['nsenter', '--target', String(holder.pid), '--user', '--mount', '--preserve-credentials'],
    fill: () => fillUp(ballast),
    free: () => rmSync(ballast),
    async close() {
      const ended = once(holder, 'close')
      holder.kill('SIGKILL')
      await ended
      rmSync(directory, { recursive: true })
    },
  }
}

function fillUp(file: string): void {
  const descriptor = openSync(file, 'w')
  try {
    for (let bytes = diskBytes; bytes >= 1;) {
      try {
        writeSync(descriptor, Buffer.alloc(bytes))
      } catch {
        bytes = Math.floor(bytes / 2)
      }
    }
  } finally {
    closeSync(descriptor)
  }
}

/** Bytes from the beginning of each file that can still be written. */
const writableBytes = 4_096

/** An ordinary directory, and a limit on how far files may be written, which the process is put under as it runs. */
async function makeLimited(): Promise<SmallDisk> {
  const directory = mkdtempSync(join(tmpdir(), 'chatelaine-disk-'))
  const limit = ({ child }: RunningServer, bytes: number | 'unlimited') => {
    // Only the soft limit, which may be raised again. Node ignores the signal that comes with it.
    if (!succeeds('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:`]))
      throw new Error('the limit was refused')
  }
  return {
    directory,
    seen: directory,
    within: [],
    fill: (server) => limit(server, writableBytes),
    free: (server) => limit(server, 'unlimited'),
    close: async () => rmSync(directory, { recursive: true }),
  }
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args).status === 0
}
