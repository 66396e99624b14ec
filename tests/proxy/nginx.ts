import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../tools/debian.ts'
import { inRoot } from '../../tools/root.ts'
import type { Running } from './ask.ts'

/** The machine's nginx or Debian's; else why there is none. */
export const nginx = findProgram('nginx', { packages: ['nginx', 'libssl3'], path: 'usr/sbin/nginx' })

/** In which header a test tells nginx from which address it comes. */
export const peerHeader = 'x-test-peer'

/**
 * Runs an nginx with the configuration of the guide, in which nothing is changed but where things are.
 * @param but what else is changed, where a test is about a mistake in the configuration.
 */
export async function startNginx(
  at: { readonly chatelaine: string; readonly service: string },
  but: Readonly<Record<string, string>> = {},
): Promise<Running> {
  if (typeof nginx === 'string') throw new Error(nginx)
  const directory = mkdtempSync(join(tmpdir(), 'chatelaine-nginx-'))
  const socketPath = join(directory, 'nginx.sock')
  mkdirSync(join(directory, 'temporary'))
  const places = {
    '127.0.0.1:8470': at.chatelaine,
    '127.0.0.1:3000': at.service,
    'listen 80': `listen unix:${socketPath}`,
  }
  writeFileSync(join(directory, 'guide.conf'), guide({ ...places, ...but }))
  writeFileSync(join(directory, 'nginx.conf'), mainConfiguration)
  const child = spawn(nginx.path, ['-p', directory, '-c', 'nginx.conf', '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...nginx.env },
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

/** The file that the guide shows, with each of these texts, which it holds once, replaced by the other. */
function guide(changes: Readonly<Record<string, string>>): string {
  let text = readFileSync(inRoot('docs/guides/forward-authentication/nginx.conf'), 'utf8')
  for (const [written, actual] of Object.entries(changes)) {
    assert.equal(text.split(written).length, 2, `the guide names ${written} once`)
    text = text.replace(written, actual)
  }
  return text
}

/** What an nginx needs around the guide: to run as whoever tests, in a directory of its own, and to be told addresses. */
const mainConfiguration = `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr notice;
events {}
http {
    access_log off;
    ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path temporary/${name};`).join('\n    ')}
    set_real_ip_from unix:;
    real_ip_header ${peerHeader};
    include guide.conf;
}
`

/** Resolves when it takes requests: nginx opens its sockets before it tells its version, which is the first that it says. */
function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('[notice]')) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`nginx did not start: ${said}`)))
  })
}
