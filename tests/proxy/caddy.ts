import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../tools/debian.ts'
import { guideBlock } from './guide.ts'
import { changed, startProxy, type Places, type Proxy } from './proxy.ts'

/** The machine's Caddy or Debian's; else why there is none. */
export const caddy = findProgram('caddy', { packages: ['caddy'], path: 'usr/bin/caddy' })

/** Runs a Caddy with the configuration of the guide, in which nothing is changed but where things are. */
export async function startCaddy(at: Places): Promise<Proxy> {
  if (typeof caddy === 'string') throw new Error(caddy)
  const directory = mkdtempSync(join(tmpdir(), 'chatelaine-caddy-'))
  const socketPath = join(directory, 'caddy.sock')
  const site = changed(guideBlock('caddyfile'), {
    'service.example.com {': `http:// {\n\tbind unix/${socketPath}`,
    '127.0.0.1:8470': at.chatelaine,
    '127.0.0.1:3000': at.service,
  })
  writeFileSync(join(directory, 'Caddyfile'), `{\n\tadmin off\n}\n${site}`)
  return startProxy(caddy, {
    directory,
    socketPath,
    args: ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile'],
    env: { XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory },
    ready: 'serving initial configuration',
  })
}
