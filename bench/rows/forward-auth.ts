import { startChatelaine } from '../chatelaine.ts'
import { cpuMicros, p99Ms, perSecond } from '../figures.ts'
import { visits } from '../requests.ts'
import { alternate, ratiosOf, spreadOf } from '../rounds.ts'
import { fewTokens, measureRound, type Scene } from '../scene.ts'
import { startServer } from '../server-process.ts'
import type { Line } from '../table.ts'

const answer = 'from the service'
const title = 'nginx before a service, with forward authentication'

/** By itself nginx closes a connection after a thousand requests; the generator takes that for a fault. */
const keepConnections = { 'proxy_http_version 1.1;': 'proxy_http_version 1.1; keepalive_requests 1000000000;' }
const askNobody = { 'auth_request /chatelaine;': 'auth_request off;' }

/** Requests to a service through an nginx that asks Chatelaine about each, against the same nginx that asks nobody. */
export async function forwardAuth(scene: Scene): Promise<Line[]> {
  // Not at the top: looking for nginx may fetch it, which must not hold up whoever measures other rows.
  const { nginx, startNginx } = await import('../../tests/proxy/nginx.ts')
  if (typeof nginx === 'string') return [{ what: title, missing: nginx }]
  const data = await scene.dataWith(fewTokens)
  const requests = visits(data.tokens(0, fewTokens), '/', answer)
  // As the guide says, so that the address of the client is read as in life.
  const chatelaine = await startChatelaine(data.directory, { CHATELAINE_TRUSTED_PROXIES: '127.0.0.1' })
  const service = await startServer({ file: new URL('../servers/service.ts', import.meta.url), args: [answer] })
  const upstreams = { chatelaine: `127.0.0.1:${chatelaine.port}`, service: `127.0.0.1:${service.port}` }
  const guarding = await startNginx(upstreams, keepConnections)
  const alone = await startNginx(upstreams, { ...keepConnections, ...askNobody })
  const usage = () => chatelaine.usage()
  try {
    const { open, guarded } = await alternate(scene.roundCount, {
      open: () => measureRound(scene, { socketPath: alone.socketPath, usage }, requests),
      guarded: () => measureRound(scene, { socketPath: guarding.socketPath, usage }, requests),
    })
    return [
      { what: 'nginx before a service', unit: 'a second', spread: spreadOf(perSecond(open)) },
      { what: '… p99', unit: 'ms', spread: spreadOf(p99Ms(open)) },
      { what: title, unit: 'a second', spread: spreadOf(perSecond(guarded)) },
      { what: '… p99', unit: 'ms', spread: spreadOf(p99Ms(guarded)) },
      { what: '… against nginx alone', unit: 'times', spread: ratiosOf(perSecond(guarded), perSecond(open)) },
      { what: '… processor time of Chatelaine for each', unit: 'µs', spread: spreadOf(cpuMicros(guarded)) },
    ]
  } finally {
    await Promise.all([guarding, alone, service, chatelaine].map((one) => one.stop()))
  }
}
