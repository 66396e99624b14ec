import { p50Ms, p99Ms, perSecond } from '../figures.ts'
import type { FilledData } from '../filled-data.ts'
import { startInstances } from '../instances.ts'
import type { Measurement } from '../measure.ts'
import { creations, verifications } from '../requests.ts'
import { spreadOf } from '../rounds.ts'
import { fewTokens, measureRound, type Scene } from '../scene.ts'
import { spoken, type Line } from '../table.ts'

/** Each may have so many tokens that the creations of all rounds have room. */
const accountsCount = 100

/** One instance on PostgreSQL: to be read beside the same rows on SQLite. */
export async function postgres(scene: Scene): Promise<Line[]> {
  const { servers, steward, restart, stop } = await startInstances(scene, 1)
  try {
    const accountIds: string[] = []
    while (accountIds.length < accountsCount) accountIds.push((await steward.account(`owner ${accountIds.length}`)).id)
    const tokens = (await steward.issueMany(fewTokens, { account_id: accountIds[0] })).map(({ token }) => token)
    const data: FilledData = {
      directory: scene.emptyDirectory(),
      managerToken: steward.token,
      accountIds: accountIds.slice(1),
      tokens: (from, count) => tokens.slice(from, from + count),
    }
    const warm: Measurement[] = []
    const cold: Measurement[] = []
    const created: Measurement[] = []
    for (let round = 0; round < scene.roundCount; round += 1) {
      warm.push(await measureRound(scene, servers[0]!, verifications(data, tokens)))
      created.push(await measureRound(scene, servers[0]!, creations(data)))
      const unseen = { ...verifications(data, tokens), isOnce: true }
      cold.push(await measureRound({ ...scene, warmUpMs: 0 }, await restart(0), unseen))
    }
    return [
      { what: 'verify warm on PostgreSQL', unit: 'a second', spread: spreadOf(perSecond(warm)) },
      { what: '… p99', unit: 'ms', spread: spreadOf(p99Ms(warm)) },
      {
        what: `verify cold on PostgreSQL, ${spoken(fewTokens)} tokens`,
        unit: 'a second',
        spread: spreadOf(perSecond(cold)),
      },
      { what: '… p99', unit: 'ms', spread: spreadOf(p99Ms(cold)) },
      { what: 'create on PostgreSQL, 64 at once', unit: 'a second', spread: spreadOf(perSecond(created)) },
      { what: '… p50', unit: 'ms', spread: spreadOf(p50Ms(created)) },
      { what: '… p99', unit: 'ms', spread: spreadOf(p99Ms(created)) },
    ]
  } finally {
    await stop()
  }
}
