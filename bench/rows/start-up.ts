import { setTimeout as sleep } from 'node:timers/promises'
import { startChatelaine } from '../chatelaine.ts'
import { spreadOf } from '../rounds.ts'
import type { Scene } from '../scene.ts'
import { spoken, type Line } from '../table.ts'

const askAgainMs = 2

/** How long a start takes until requests may be sent, and what the process then holds in memory. */
export async function startUp(scene: Scene): Promise<Line[]> {
  const data = await scene.dataWith(scene.manyTokens)
  const tookMs: number[] = []
  const residentMb: number[] = []
  for (let round = 0; round < scene.roundCount; round++) {
    const began = performance.now()
    const server = await startChatelaine(data.directory)
    try {
      while (!(await isReady(server.port))) await sleep(askAgainMs)
      tookMs.push(performance.now() - began)
      residentMb.push((await server.usage()).residentBytes / 1e6)
    } finally {
      await server.stop()
    }
  }
  return [
    {
      what: `start to ready, ${spoken(scene.manyTokens)} tokens`,
      unit: 'ms',
      spread: spreadOf(tookMs),
      goal: { atMost: 2_000 },
    },
    { what: '… resident memory', unit: 'MB', spread: spreadOf(residentMb) },
  ]
}

async function isReady(port: number): Promise<boolean> {
  const { status } = await fetch(`http://127.0.0.1:${port}/readyz`)
  return status === 200
}
