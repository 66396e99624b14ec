import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startChatelaine } from '../chatelaine.ts'
import { p99Ms, perSecond } from '../figures.ts'
import type { StreamPlan } from '../load/plan.ts'
import { installPeer, PeerMissing, peerVersions } from '../peer.ts'
import { verifications, verifyingConnections } from '../requests.ts'
import { alternate, ratiosOf, spreadOf } from '../rounds.ts'
import { fewTokens, measureRound, type Scene } from '../scene.ts'
import { startServer, type ServerProcess } from '../server-process.ts'
import type { Line } from '../table.ts'

const peer = `better-auth ${peerVersions['better-auth']}`

/** The same load on the API-key plugin of better-auth, behind the bare HTTP server. */
export async function besideBetterAuth(scene: Scene): Promise<Line[]> {
  try {
    return await compare(scene, await installPeer())
  } catch (error) {
    if (error instanceof PeerMissing) return [{ what: peer, missing: error.message }]
    throw error
  }
}

async function compare(scene: Scene, installed: string): Promise<Line[]> {
  const data = await scene.dataWith(fewTokens)
  const warm = verifications(data, data.tokens(0, fewTokens))
  const server = await startChatelaine(data.directory)
  const theirFull = await startPeer(scene, installed, 'FULL')
  const theirNormal = await startPeer(scene, installed, 'NORMAL')
  try {
    const { ours, full, normal } = await alternate(scene.roundCount, {
      ours: () => measureRound(scene, server, warm),
      full: () => measureRound(scene, theirFull.server, theirFull.stream),
      normal: () => measureRound(scene, theirNormal.server, theirNormal.stream),
    })
    const times = ratiosOf(perSecond(ours), perSecond(full))
    const timesNormal = ratiosOf(perSecond(ours), perSecond(normal))
    return [
      { what: `${peer}, synchronous=FULL as by default`, unit: 'a second', spread: spreadOf(perSecond(full)) },
      { what: '… p99', unit: 'ms', spread: spreadOf(p99Ms(full)) },
      { what: `${peer}, synchronous=NORMAL`, unit: 'a second', spread: spreadOf(perSecond(normal)) },
      { what: '… p99', unit: 'ms', spread: spreadOf(p99Ms(normal)) },
      { what: 'verify warm in the same rounds', unit: 'a second', spread: spreadOf(perSecond(ours)) },
      { what: '… against FULL', unit: 'times', spread: times, goal: { atLeast: 25 } },
      { what: '… against NORMAL', unit: 'times', spread: timesNormal },
      { what: '… p99', unit: 'ms', spread: spreadOf(p99Ms(ours)) },
      { what: '… against FULL', unit: 'times', spread: ratiosOf(p99Ms(ours), p99Ms(full)), goal: { atMost: 1 } },
      { what: '… against NORMAL', unit: 'times', spread: ratiosOf(p99Ms(ours), p99Ms(normal)) },
    ]
  } finally {
    await Promise.all([server, theirFull.server, theirNormal.server].map((one) => one.stop()))
  }
}

async function startPeer(
  scene: Scene,
  installed: string,
  synchronous: 'FULL' | 'NORMAL',
): Promise<{ server: ServerProcess; stream: StreamPlan }> {
  const directory = scene.emptyDirectory()
  const args = [installed, directory, String(fewTokens), synchronous]
  const server = await startServer({ file: new URL('../servers/better-auth.ts', import.meta.url), args })
  const keys = JSON.parse(readFileSync(join(directory, 'keys.json'), 'utf8')) as string[]
  const stream: StreamPlan = {
    path: '/',
    // The peer itself asks the caller for nothing.
    authorization: 'Bearer none',
    bodies: keys.map((token) => JSON.stringify({ token })),
    connections: verifyingConnections,
    expected: '{"valid":true,',
  }
  return { server, stream }
}
