import { fork } from 'node:child_process'
import { once } from 'node:events'
import { startChatelaine } from '../chatelaine.ts'
import { ratiosOf, spreadOf } from '../rounds.ts'
import { fewTokens, type Scene } from '../scene.ts'
import type { SdkAsked, SdkMeasured } from '../sdk-pieces.ts'
import { spoken, type Line } from '../table.ts'

const rememberedTokens = 100_000
/** Tokens that are bound to addresses; they are made for this, since the database has none. */
const restrictedTokens = 100

/** Verification inside of a service, by the SDK, beside tokens that are only signed, and so cannot be revoked. */
export async function sdk(scene: Scene): Promise<Line[]> {
  const { directory, managerToken, accountIds, tokens } = await scene.dataWith(fewTokens + rememberedTokens)
  const server = await startChatelaine(directory)
  try {
    const child = fork(new URL('../sdk-pieces.ts', import.meta.url), { execArgv: ['--expose-gc'] })
    const answer = once(child, 'message')
    child.send({
      url: `http://127.0.0.1:${server.port}`,
      managerToken,
      tokens: tokens(0, fewTokens),
      further: tokens(fewTokens, rememberedTokens),
      accountIds: accountIds.slice(0, restrictedTokens),
      roundCount: scene.roundCount,
    } satisfies SdkAsked)
    const [{ perSecond, rememberedBytesEach, rememberedCount }] = (await answer) as [SdkMeasured]
    child.disconnect()
    const { memory, restricted, jose, nodeCrypto } = perSecond
    const held = (rememberedBytesEach * rememberedCount) / 1_000_000
    return [
      { what: 'SDK: verify from memory', unit: 'a second', spread: spreadOf(memory), goal: { atLeast: 700_000 } },
      { what: '… bound to addresses, with a scope asked for', unit: 'a second', spread: spreadOf(restricted) },
      { what: 'a signed token (EdDSA) with jose', unit: 'a second', spread: spreadOf(jose) },
      { what: 'a signed token (EdDSA) with node:crypto', unit: 'a second', spread: spreadOf(nodeCrypto) },
      {
        what: '… SDK against node:crypto',
        unit: 'times',
        spread: ratiosOf(memory, nodeCrypto),
        goal: { atLeast: 1 },
      },
      { what: `SDK: ${spoken(rememberedCount)} remembered tokens`, unit: 'MB', spread: spreadOf([held]) },
    ]
  } finally {
    await server.stop()
  }
}
