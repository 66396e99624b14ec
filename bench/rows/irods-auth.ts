import { irodsAuthPath } from '@chatelaine/api/wires'
import { startChatelaine } from '../chatelaine.ts'
import { cpuMicros, p99Ms, perSecond } from '../figures.ts'
import type { FilledData } from '../filled-data.ts'
import type { Gets, StreamPlan } from '../load/plan.ts'
import { verificationPath, verifications, verifyingConnections } from '../requests.ts'
import { alternate, ratiosOf, spreadOf } from '../rounds.ts'
import { fewTokens, measureRound, type Scene } from '../scene.ts'
import type { Line } from '../table.ts'

/** A token in place of a password, as the PAM module of iRODS asks on every login, against the native verification. */
export async function irodsAuth(scene: Scene): Promise<Line[]> {
  const data = await scene.dataWith(fewTokens)
  const tokens = data.tokens(0, fewTokens)
  const server = await startChatelaine(data.directory)
  try {
    const natively = verifications(data, tokens)
    const asked: StreamPlan & Gets = {
      path: irodsAuthPath,
      authorizations: await passwordsOf(server.port, data, tokens),
      connections: verifyingConnections,
      expected: 'Authenticated',
    }
    const { native, irods } = await alternate(scene.roundCount, {
      native: () => measureRound(scene, server, natively),
      irods: () => measureRound(scene, server, asked),
    })
    return [
      { what: 'a token in place of a password', unit: 'a second', spread: spreadOf(perSecond(irods)) },
      { what: '… p99', unit: 'ms', spread: spreadOf(p99Ms(irods)) },
      { what: '… against native verification', unit: 'times', spread: ratiosOf(perSecond(irods), perSecond(native)) },
      { what: '… by processor time', unit: 'times', spread: ratiosOf(cpuMicros(native), cpuMicros(irods)) },
    ]
  } finally {
    await server.stop()
  }
}

/** Each token beside the user name of its owner, which the answer must be asked for: tokens do not say it. */
async function passwordsOf(port: number, data: FilledData, tokens: readonly string[]): Promise<string[]> {
  const places = new Map(data.accountIds.map((id, at) => [id, at + 1]))
  const authorization = `Bearer ${data.managerToken}`
  const passwords: string[] = []
  for (const token of tokens) {
    const response = await fetch(`http://127.0.0.1:${port}${verificationPath}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    const { account_id } = (await response.json()) as { account_id: string }
    passwords.push(`Basic ${Buffer.from(`user${places.get(account_id)}:${token}`).toString('base64')}`)
  }
  return passwords
}
