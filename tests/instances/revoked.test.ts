import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Client } from '../faults/client.ts'
import { takeAwayUnderWatch, type Connections } from '../faults/hot-verification.ts'
import { Steward } from '../faults/steward.ts'
import { Scene, takings, whenAnswered } from '../faults/takings.ts'
import { Fleet, withoutPostgres } from './fleet.ts'

const instancesCount = 3

/** Whoever starts this file with `full` has it look longer, with more connections. */
const isFull = process.argv.includes('full')
const watchingConnectionsCount = isFull ? 64 : 12
const revocationsCount = isFull ? 1_000 : 60
/** How often each other way of taking away is tried. */
const othersCount = isFull ? 64 : 6

describe('what one of three instances took away', { skip: withoutPostgres }, () => {
  const fleet = new Fleet({ after })
  let connections: Connections
  let anywhere: Client
  let scene: Scene

  before(async () => {
    const servers = await fleet.startMany(instancesCount)
    const ports = servers.map(({ port }) => port)
    anywhere = new Client(ports)
    const steward = new Steward(anywhere, servers[0]!.managerToken)
    connections = {
      watching: Array.from(
        { length: watchingConnectionsCount },
        (_, index) => new Client(ports[index % instancesCount]!, { connections: 1 }),
      ),
      idle: new Client(ports),
    }
    // For one lease after an instance has started, nobody passes its barrier before the time.
    await Promise.all(
      servers.map(async (server) => {
        const client = new Client(server.port)
        const { id } = await steward.issue({ kind: 'manager', scopes: ['chatelaine.tokens:read'] })
        await whenAnswered(client.ask('DELETE', `/api/v1/tokens/${id}`, { as: steward.token }))
        client.close()
      }),
    )
    scene = new Scene({
      steward,
      ownerId: (await steward.account('owner')).id,
      isBatched: (connection) => connections.watching.indexOf(connection) % 2 === 1,
    })
  })
  after(() => {
    for (const one of [anywhere, connections.idle, ...connections.watching]) one.close()
  })

  test(`none of ${revocationsCount} tokens verifies anywhere once any instance has answered their revocation`, async (context) => {
    const tookMs: number[] = []
    await takeAwayUnderWatch(connections, {
      count: revocationsCount,
      async prepare() {
        const { id, token } = await scene.issue()
        return {
          look: scene.isValid(token),
          async take() {
            const beganMs = performance.now()
            const answeredAtMs = await whenAnswered(scene.ask('DELETE', `/api/v1/tokens/${id}`))
            tookMs.push(answeredAtMs - beganMs)
            return answeredAtMs
          },
        }
      },
    })
    const sorted = tookMs.toSorted((a, b) => a - b)
    const at = (share: number) => `${sorted[Math.ceil(share * sorted.length) - 1]!.toFixed(1)} ms`
    context.diagnostic(`a revocation was answered in ${at(0.5)} at p50, ${at(0.99)} at p99`)
  })

  test('of revocations on two instances at once neither is answered before the token is dead everywhere', () =>
    takeAwayUnderWatch(connections, {
      count: othersCount,
      async prepare() {
        const { id, token } = await scene.issue()
        const revoke = () => whenAnswered(scene.ask('DELETE', `/api/v1/tokens/${id}`))
        const take = async () => Math.min(...(await Promise.all([revoke(), revoke(), revoke()])))
        return { look: scene.isValid(token), take }
      },
    }))

  test('a revocation that meets the very first verification of its token leaves nothing behind anywhere', async () => {
    const tokens = await Promise.all(Array.from({ length: revocationsCount }, () => scene.issue()))
    await Promise.all(
      tokens.map(async ({ id, token }) => {
        const looks = connections.watching.slice(0, instancesCount).map((one) => scene.isValid(token)(one))
        await Promise.all([...looks, whenAnswered(scene.ask('DELETE', `/api/v1/tokens/${id}`))])
        assert.equal((await scene.steward.verify(token)).code, 'revoked')
      }),
    )
  })

  for (const [what, { prepare }] of Object.entries(takings)) {
    test(`${what} is refused everywhere once the change is answered`, () =>
      takeAwayUnderWatch(connections, { count: othersCount, prepare: (index) => prepare(scene, index) }))
  }
})
