import { startChatelaine } from '../chatelaine.ts'
import { p50Ms, p99Ms, perSecond } from '../figures.ts'
import type { Measurement } from '../measure.ts'
import { creations } from '../requests.ts'
import { spreadOf } from '../rounds.ts'
import { fewTokens, measureRound, type Scene } from '../scene.ts'
import type { Line } from '../table.ts'

/** Creations over HTTP, each answered after it and its row of the log are on the disk. */
export async function create(scene: Scene): Promise<Line[]> {
  const data = await scene.dataWith(fewTokens)
  const server = await startChatelaine(data.directory)
  const creating = creations(data)
  try {
    const rounds: Measurement[] = []
    while (rounds.length < scene.roundCount) rounds.push(await measureRound(scene, server, creating))
    const mainThreadMicros = rounds.map(({ cpu }) => cpu.mainThreadMicrosEach)
    return [
      { what: 'create with fsync, 64 at once', unit: 'a second', spread: spreadOf(perSecond(rounds)) },
      { what: '… p50', unit: 'ms', spread: spreadOf(p50Ms(rounds)) },
      { what: '… p99', unit: 'ms', spread: spreadOf(p99Ms(rounds)) },
      { what: '… time of the answering thread for each', unit: 'µs', spread: spreadOf(mainThreadMicros) },
    ]
  } finally {
    await server.stop()
  }
}
