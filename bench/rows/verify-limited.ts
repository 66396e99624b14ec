import { startChatelaine } from '../chatelaine.ts'
import { createOver, type Manager } from '../create-over.ts'
import { cpuMicros, p99Ms, perSecond } from '../figures.ts'
import type { FilledData } from '../filled-data.ts'
import type { Measurement } from '../measure.ts'
import { patternScopes } from '../patterns.ts'
import { verifications } from '../requests.ts'
import { alternate, ratiosOf, spreadOf } from '../rounds.ts'
import { fewTokens, measureRound, type Scene } from '../scene.ts'
import type { Line } from '../table.ts'

/** The most that a token may have: no load comes near. */
const rateLimit = { limit: 1_000_000, window_seconds: 1 }
/** So many that they are always taken in blocks. */
const usesGranted = 1_000_000_000
const createdAtOnce = 50

/** Verifications over HTTP of tokens with a rate limit and of tokens with a use count, against tokens with neither. */
export async function verifyLimited(scene: Scene): Promise<Line[]> {
  const data = await scene.dataWith(fewTokens)
  const server = await startChatelaine(data.directory)
  try {
    const manager = { server, managerToken: data.managerToken }
    const ofFree = verifications(data, data.tokens(0, fewTokens))
    const ofRated = verifications(data, await createTokens(manager, data, { rate_limit: rateLimit }))
    const ofCounted = verifications(data, await createTokens(manager, data, { uses_remaining: usesGranted }))
    const { free, rated, counted } = await alternate(scene.roundCount, {
      free: () => measureRound(scene, server, ofFree),
      rated: () => measureRound(scene, server, ofRated),
      counted: () => measureRound(scene, server, ofCounted),
    })
    return [
      ...linesOf('verify warm, tokens without limits', free),
      ...linesOf('verify warm, tokens with a rate limit', rated),
      ...against(rated, free),
      ...linesOf('verify warm, tokens with a use count', counted),
      ...against(counted, free),
    ]
  } finally {
    await server.stop()
  }
}

/** Creates as many tokens as are verified without limits, and gives their secrets. */
async function createTokens(manager: Manager, { accountIds }: FilledData, limits: object): Promise<string[]> {
  const secrets: string[] = []
  while (secrets.length < fewTokens) {
    const owners = accountIds.slice(secrets.length, Math.min(fewTokens, secrets.length + createdAtOnce))
    const bodies = owners.map((account_id) => ({ label: 'limited', account_id, scopes: patternScopes, ...limits }))
    const created = await Promise.all(bodies.map((body) => createOver(manager, '/tokens', body)))
    secrets.push(...created.map(({ token }) => token!))
  }
  return secrets
}

function linesOf(what: string, rounds: readonly Measurement[]): Line[] {
  return [
    { what, unit: 'a second', spread: spreadOf(perSecond(rounds)) },
    { what: '… processor time for each answer', unit: 'µs', spread: spreadOf(cpuMicros(rounds)) },
    { what: '… p99', unit: 'ms', spread: spreadOf(p99Ms(rounds)) },
  ]
}

function against(limited: readonly Measurement[], free: readonly Measurement[]): Line[] {
  return [
    { what: '… against no limits', unit: 'times', spread: ratiosOf(perSecond(limited), perSecond(free)) },
    {
      what: '… against no limits, by processor time',
      unit: 'times',
      spread: ratiosOf(cpuMicros(free), cpuMicros(limited)),
    },
  ]
}
