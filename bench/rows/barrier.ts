import { startInstances } from '../instances.ts'
import { spreadOf } from '../rounds.ts'
import type { Scene } from '../scene.ts'
import type { Line } from '../table.ts'

const instanceCounts = [1, 3, 5]
const revocationsEachRound = 100

/** How long a revocation takes until every instance has applied it, one after the other at any of them. */
export async function barrier(scene: Scene): Promise<Line[]> {
  const lines: Line[] = []
  for (const count of instanceCounts) {
    const { steward, stop } = await startInstances(scene, count)
    try {
      const { id: accountId } = await steward.account('owner')
      const rounds: number[][] = []
      while (rounds.length < scene.roundCount) {
        const tookMs: number[] = []
        for (const { id } of await steward.issueMany(revocationsEachRound, { account_id: accountId })) {
          const answer = await steward.client.ask('DELETE', `/api/v1/tokens/${id}`, { as: steward.token })
          if (answer.status !== 204) throw new Error(`a revocation was answered with ${answer.status}: ${answer.text}`)
          tookMs.push(answer.arrivedAtMs - answer.sentAtMs)
        }
        rounds.push(tookMs.toSorted((a, b) => a - b))
      }
      const at = (share: number) => spreadOf(rounds.map((sorted) => sorted[Math.ceil(share * sorted.length) - 1]!))
      const what = `revoke on PostgreSQL, ${count} ${count === 1 ? 'instance' : 'instances'}, p50`
      lines.push({ what, unit: 'ms', spread: at(0.5) })
      lines.push({ what: '… p99', unit: 'ms', spread: at(0.99), goal: { atMost: 100 } })
    } finally {
      await stop()
    }
  }
  return lines
}
