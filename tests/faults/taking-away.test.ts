import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Client } from './client.ts'
import { takeAwayUnderWatch, type Connections } from './hot-verification.ts'
import { Site } from './running-server.ts'
import { Steward } from './steward.ts'
import { Scene, takings, whenAnswered } from './takings.ts'

const revocationsCount = 300
const repeatedRevocationsCount = 100
/** How often each other way of taking away is tried. */
const othersCount = 16
const watchingConnectionsCount = 8

describe('while it is asked about without a pause over several connections', () => {
  const site = new Site({ after })
  let connections: Connections
  let client: Client
  let scene: Scene

  before(async () => {
    const server = await site.start()
    client = new Client(server.port)
    const steward = new Steward(client, server.managerToken)
    connections = {
      watching: Array.from({ length: watchingConnectionsCount }, () => new Client(server.port, { connections: 1 })),
      idle: new Client(server.port),
    }
    scene = new Scene({
      steward,
      ownerId: (await steward.account('owner')).id,
      isBatched: (connection) => connections.watching.indexOf(connection) % 2 === 1,
    })
  })
  after(() => {
    for (const one of [client, connections.idle, ...connections.watching]) one.close()
  })

  test(`none of ${revocationsCount} tokens verifies once its revocation is answered`, () =>
    takeAwayUnderWatch(connections, {
      count: revocationsCount,
      async prepare() {
        const { id, token } = await scene.issue()
        return { look: scene.isValid(token), take: () => whenAnswered(scene.ask('DELETE', `/api/v1/tokens/${id}`)) }
      },
    }))

  test('of two revocations at once neither is answered before the token is dead', () =>
    takeAwayUnderWatch(connections, {
      count: repeatedRevocationsCount,
      async prepare() {
        const { id, token } = await scene.issue()
        const revoke = () => whenAnswered(scene.ask('DELETE', `/api/v1/tokens/${id}`))
        const take = async () => Math.min(...(await Promise.all([revoke(), revoke()])))
        return { look: scene.isValid(token), take }
      },
    }))

  test('a revocation that meets the very first verification of its token leaves nothing behind', async () => {
    const tokens = await Promise.all(Array.from({ length: revocationsCount }, () => scene.issue()))
    await Promise.all(
      tokens.map(async ({ id, token }) => {
        await Promise.all([scene.steward.verify(token), scene.ask('DELETE', `/api/v1/tokens/${id}`)])
        assert.equal((await scene.steward.verify(token)).code, 'revoked')
      }),
    )
  })

  for (const [what, { count = othersCount, prepare }] of Object.entries(takings)) {
    test(`${what} is refused once the change is answered`, () =>
      takeAwayUnderWatch(connections, { count, prepare: (index) => prepare(scene, index) }))
  }
})
