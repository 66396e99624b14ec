import { startChatelaine } from '../chatelaine.ts'
import { cpuMicros, p99Ms, perSecond } from '../figures.ts'
import type { Measurement } from '../measure.ts'
import { verifications } from '../requests.ts'
import { spreadOf } from '../rounds.ts'
import { measureRound, type Scene } from '../scene.ts'
import { spoken, type Line } from '../table.ts'

/** Verifications over HTTP of tokens that the server has not seen since it started: each is asked about once. */
export async function verifyCold(scene: Scene): Promise<Line[]> {
  const data = await scene.dataWith(scene.manyTokens)
  const tokensEachRound = Math.floor(scene.manyTokens / scene.roundCount)
  const server = await startChatelaine(data.directory)
  try {
    const rounds: Measurement[] = []
    for (let from = 0; rounds.length < scene.roundCount; from += tokensEachRound) {
      const unseen = verifications(data, data.tokens(from, tokensEachRound))
      rounds.push(await measureRound(scene, server, { ...unseen, isOnce: true }))
    }
    return [
      {
        what: `verify cold, ${spoken(scene.manyTokens)} tokens in the database`,
        unit: 'a second',
        spread: spreadOf(perSecond(rounds)),
      },
      { what: '… processor time for each answer', unit: 'µs', spread: spreadOf(cpuMicros(rounds)) },
      { what: '… p99', unit: 'ms', spread: spreadOf(p99Ms(rounds)) },
    ]
  } finally {
    await server.stop()
  }
}
