import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../tools/debian.ts'
import { inRoot } from '../../tools/root.ts'
import { changed, startProxy, type Places, type Proxy } from './proxy.ts'

/** The machine's nginx or Debian's; else why there is none. */
export const nginx = findProgram('nginx', { packages: ['nginx', 'libssl3'], path: 'usr/sbin/nginx' })

/** In which header a test tells nginx from which address it comes. */
export const peerHeader = 'x-test-peer'

/**
 * Runs an nginx with the configuration of the guide, in which nothing is changed but where things are.
 * @param but what else is changed, where a test is about a mistake in the configuration.
 */
export async function startNginx(at: Places, but: Readonly<Record<string, string>> = {}): Promise<Proxy> {
  if (typeof nginx === 'string') throw new Error(nginx)
  const directory = mkdtempSync(join(tmpdir(), 'chatelaine-nginx-'))
  const socketPath = join(directory, 'nginx.sock')
  mkdirSync(join(directory, 'temporary'))
  const places = {
    '127.0.0.1:8470': at.chatelaine,
    '127.0.0.1:3000': at.service,
    'listen 80': `listen unix:${socketPath}`,
  }
  const guide = readFileSync(inRoot('docs/guides/forward-authentication/nginx.conf'), 'utf8')
  writeFileSync(join(directory, 'guide.conf'), changed(guide, { ...places, ...but }))
  writeFileSync(join(directory, 'nginx.conf'), mainConfiguration)
  return startProxy(nginx, {
    directory,
    socketPath,
    args: ['-p', directory, '-c', 'nginx.conf', '-e', 'stderr'],
    // It opens its sockets before it tells its version, which is the first that it says.
    ready: '[notice]',
  })
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
