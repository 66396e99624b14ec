import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../tools/debian.ts'
import { inRoot } from '../../tools/root.ts'
import type { Running } from './ask.ts'

/** The machine's Caddy or Debian's; else why there is none. */
export const caddy = findProgram('caddy', { packages: ['caddy'], path: 'usr/bin/caddy' })

/** Runs a Caddy with the configuration of the guide, in which nothing is changed but where things are. */
export async function startCaddy(at: { readonly chatelaine: string; readonly service: string }): Promise<Running> {
  if (typeof caddy === 'string') throw new Error(caddy)
  const directory = mkdtempSync(join(tmpdir(), 'chatelaine-caddy-'))
  const socketPath = join(directory, 'caddy.sock')
  const site = guide({
    'service.example.com {': `http:// {\n\tbind unix/${socketPath}`,
    '127.0.0.1:8470': at.chatelaine,
    '127.0.0.1:3000': at.service,
  })
  writeFileSync(join(directory, 'Caddyfile'), `{\n\tadmin off\n}\n${site}`)
  const child = spawn(caddy.path, ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile'], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...caddy.env, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory },
  })
  await listening(child)
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

/** The Caddyfile that the guide shows, with each of these texts, which it holds once, replaced by the other. */
function guide(changes: Readonly<Record<string, string>>): string {
  const page = readFileSync(inRoot('docs/guides/forward-authentication.md'), 'utf8')
  let text = /^```caddyfile\n(.*?)^```$/ms.exec(page)?.[1] ?? ''
  for (const [written, actual] of Object.entries(changes)) {
    assert.equal(text.split(written).length, 2, `the guide names ${written} once`)
    text = text.replace(written, actual)
  }
  return text
}

/** Resolves when it takes requests, which is when it says that it serves its configuration. */
function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('serving initial configuration')) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`Caddy did not start: ${said}`)))
  })
}
