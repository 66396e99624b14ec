import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import type { Program } from '../../tools/debian.ts'

/** Where a proxy finds those between whom it stands, as proxies write it: host and port. */
export interface Places {
  readonly chatelaine: string
  readonly service: string
}

/** A proxy that a test has started. */
export interface Proxy {
  /** The socket that takes requests. */
  readonly socketPath: string
  stop(): Promise<void>
}

interface Start {
  /** Its own, to be removed when it has stopped. */
  readonly directory: string
  readonly socketPath: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** What it says on its error output once it takes requests. */
  readonly ready: string
}

/** Starts a proxy in a directory that holds its configuration. */
export async function startProxy(program: Program, start: Start): Promise<Proxy> {
  const { directory, socketPath, args, env, ready } = start
  const child = spawn(program.path, args, {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...program.env, ...env },
  })
  await saying(child, ready)
  return {
    socketPath,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      rmSync(directory, { recursive: true })
    },
  }
}

/** A configuration of the guide with each of these texts, which it holds once, replaced by the other. */
export function changed(guide: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((text, [written, actual]) => {
    assert.equal(text.split(written).length, 2, `the guide names ${written} once`)
    return text.replace(written, actual)
  }, guide)
}

/** Resolves when it has said so. */
function saying(child: ChildProcess, ready: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes(ready)) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`${child.spawnfile} did not start: ${said}`)))
  })
}
