import { startChatelaine } from '../chatelaine.ts'
import { cpuMicros, p99Ms, perSecond } from '../figures.ts'
import type { FilledData } from '../filled-data.ts'
import type { Measurement } from '../measure.ts'
import { verificationPath, verifications } from '../requests.ts'
import { alternate, ratiosOf, spreadOf } from '../rounds.ts'
import { fewTokens, measureRound, type Scene } from '../scene.ts'
import { startServer, type ServerProcess } from '../server-process.ts'
import { spoken, type Line } from '../table.ts'

/** Far more than the caches of a processor hold, and half of what the server remembers. */
const largeWarmSet = 50_000
const warmingMsMax = 60_000

/** Verifications over HTTP of tokens that were seen before, against a bare server that answers the same bytes. */
export async function verifyWarm(scene: Scene): Promise<Line[]> {
  const few = await scene.dataWith(fewTokens)
  const many = await scene.dataWith(scene.manyTokens)
  const large = await scene.dataWith(scene.manyTokens)
  const servers = {
    few: await startChatelaine(few.directory),
    many: await startChatelaine(many.directory),
    large: await startChatelaine(large.directory),
  }
  const bare = await startBare(servers.few, few)
  const ofFew = verifications(few, few.tokens(0, fewTokens))
  const ofMany = verifications(many, many.tokens(0, fewTokens))
  const ofLarge = verifications(large, large.tokens(0, largeWarmSet))
  const scoped = verifications(few, few.tokens(0, fewTokens), { scopes: ['data:read'] })
  try {
    await measureRound({ warmUpMs: 0, measuredMs: warmingMsMax }, servers.large, { ...ofLarge, isOnce: true })
    return linesOf(
      scene.manyTokens,
      await alternate(scene.roundCount, {
        bare: () => measureRound(scene, bare, ofFew),
        few: () => measureRound(scene, servers.few, ofFew),
        many: () => measureRound(scene, servers.many, ofMany),
        large: () => measureRound(scene, servers.large, ofLarge),
        bareScoped: () => measureRound(scene, bare, scoped),
        scoped: () => measureRound(scene, servers.few, scoped),
      }),
    )
  } finally {
    await Promise.all([bare, ...Object.values(servers)].map((server) => server.stop()))
  }
}

/** Starts a bare server that answers everybody what the given one answers for its first token. */
async function startBare({ port }: ServerProcess, data: FilledData): Promise<ServerProcess> {
  const { authorization, bodies } = verifications(data, data.tokens(0, 1))
  const response = await fetch(`http://127.0.0.1:${port}${verificationPath}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: bodies[0]!,
  })
  const fields = Object.fromEntries([...response.headers].filter(([name]) => !addedByNode.has(name)))
  const args = [await response.text(), JSON.stringify(fields)]
  return startServer({ file: new URL('../servers/bare.ts', import.meta.url), args })
}

/** Header fields that a server on Node sends whether it asks for them or not. */
const addedByNode: ReadonlySet<string> = new Set(['connection', 'date', 'keep-alive'])

type Results = Record<'bare' | 'few' | 'many' | 'large' | 'bareScoped' | 'scoped', readonly Measurement[]>

function linesOf(manyTokens: number, { bare, few, many, large, bareScoped, scoped }: Results): Line[] {
  return [
    { what: 'bare node:http', unit: 'a second', spread: spreadOf(perSecond(bare)) },
    { what: '… processor time for each answer', unit: 'µs', spread: spreadOf(cpuMicros(bare)) },
    { what: '… p99', unit: 'ms', spread: spreadOf(p99Ms(bare)) },
    {
      what: `verify warm, ${spoken(fewTokens)} tokens in the database`,
      unit: 'a second',
      spread: spreadOf(perSecond(few)),
    },
    { what: '… processor time for each answer', unit: 'µs', spread: spreadOf(cpuMicros(few)) },
    { what: '… p99', unit: 'ms', spread: spreadOf(p99Ms(few)) },
    {
      what: '… against bare',
      unit: 'times',
      spread: ratiosOf(perSecond(few), perSecond(bare)),
      goal: { atLeast: 0.9 },
    },
    { what: '… against bare, by processor time', unit: 'times', spread: ratiosOf(cpuMicros(bare), cpuMicros(few)) },
    {
      what: `verify warm, ${spoken(manyTokens)} tokens in the database`,
      unit: 'a second',
      spread: spreadOf(perSecond(many)),
    },
    {
      what: `… against ${spoken(fewTokens)}`,
      unit: 'times',
      spread: ratiosOf(perSecond(many), perSecond(few)),
      goal: { atLeast: 0.85 },
    },
    {
      what: '… against bare',
      unit: 'times',
      spread: ratiosOf(perSecond(many), perSecond(bare)),
      goal: { atLeast: 0.9 },
    },
    { what: `… with ${spoken(largeWarmSet)} of them remembered`, unit: 'a second', spread: spreadOf(perSecond(large)) },
    { what: 'verify warm, with a scope asked for', unit: 'a second', spread: spreadOf(perSecond(scoped)) },
    {
      what: '… against bare with the same body',
      unit: 'times',
      spread: ratiosOf(perSecond(scoped), perSecond(bareScoped)),
    },
  ]
}
