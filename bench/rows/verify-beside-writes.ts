import { startChatelaine } from '../chatelaine.ts'
import { p99Ms } from '../figures.ts'
import { creations, verifications } from '../requests.ts'
import { alternate, ratiosOf, spreadOf } from '../rounds.ts'
import { fewTokens, measureRound, type Scene } from '../scene.ts'
import type { Line } from '../table.ts'

const creationsPerSecond = 200
/** A server that is busy, but not to its last: what most servers are. */
const pacedPerSecond = 2_000

/** The slowest hundredth of verifications while nothing is written and while tokens are created. */
export async function verifyBesideWrites(scene: Scene): Promise<Line[]> {
  const data = await scene.dataWith(scene.manyTokens)
  const full = verifications(data, data.tokens(0, fewTokens))
  const paced = { ...full, perSecond: pacedPerSecond }
  const writing = { ...creations(data), perSecond: creationsPerSecond }
  const server = await startChatelaine(data.directory)
  try {
    const { fullAlone, fullBeside, pacedAlone, pacedBeside } = await alternate(scene.roundCount, {
      fullAlone: () => measureRound(scene, server, full),
      fullBeside: () => measureRound(scene, server, full, writing),
      pacedAlone: () => measureRound(scene, server, paced),
      pacedBeside: () => measureRound(scene, server, paced, writing),
    })
    const fullRatios = ratiosOf(p99Ms(fullBeside), p99Ms(fullAlone))
    const pacedRatios = ratiosOf(p99Ms(pacedBeside), p99Ms(pacedAlone))
    const createdPerSecond = fullBeside.map(({ streams }) => streams[1]!.perSecond)
    return [
      { what: 'verify p99 at full load, nothing is written', unit: 'ms', spread: spreadOf(p99Ms(fullAlone)) },
      { what: '… beside 200 creations a second', unit: 'ms', spread: spreadOf(p99Ms(fullBeside)) },
      { what: '… against nothing is written', unit: 'times', spread: fullRatios, goal: { atMost: 1.5 } },
      { what: '… creations answered meanwhile', unit: 'a second', spread: spreadOf(createdPerSecond) },
      { what: 'verify p99 at 2 000 a second, nothing is written', unit: 'ms', spread: spreadOf(p99Ms(pacedAlone)) },
      { what: '… beside 200 creations a second', unit: 'ms', spread: spreadOf(p99Ms(pacedBeside)) },
      { what: '… against nothing is written', unit: 'times', spread: pacedRatios },
    ]
  } finally {
    await server.stop()
  }
}
