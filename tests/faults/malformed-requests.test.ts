import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { bodyOf, Client } from './client.ts'
import { askable, holdingOf, holdingWithin } from './held-memory.ts'
import type { Holding } from './heap.ts'
import { malformedRequests, smuggledLabel, type MalformedRequest } from './malformed-requests.ts'
import { exchange } from './raw-connection.ts'
import { Site, type RunningServer } from './running-server.ts'
import { Steward } from './steward.ts'

const seed = 20_261_122
const requestsCount = 10_000
/** After so many, everything is loaded and compiled that refusing needs. */
const warmUpCount = 2_000
const connectionsCount = 64
/** Less than half a kilobyte for each request: what one kept request, or its connection, would hold. */
const heapGrowthBytesMax = 3 * 1_024 * 1_024

describe(`after ${requestsCount} malformed requests`, () => {
  const site = new Site({ after })
  const wrong: string[] = []
  let server: RunningServer
  let steward: Steward
  let warm: Holding

  before(async () => {
    server = await site.start({ nodeOptions: askable })
    steward = new Steward(new Client(server.port), server.managerToken)
    const requests = malformedRequests(server.managerToken, { seed, count: requestsCount })
    await sendAll(requests.slice(0, warmUpCount))
    warm = await holdingOf(server)
    await sendAll(requests.slice(warmUpCount))
  })
  after(() => steward.client.close())

  async function sendAll(requests: readonly MalformedRequest[]): Promise<void> {
    const queue = requests.values()
    const send = async (): Promise<void> => {
      for (const { fault, bytes, endsEarly } of queue) {
        const { statuses, isClosed } = await exchange(server.port, bytes, { endsEarly })
        if (isClosed && statuses.every((status) => status >= 400 && status < 500)) continue
        const outcome = [...statuses, ...(isClosed ? [] : ['still open'])].join(', ')
        wrong.push(`${fault} → ${outcome}: ${JSON.stringify(bytes.toString('latin1').slice(0, 600))}`)
      }
    }
    await Promise.all(Array.from({ length: connectionsCount }, send))
  }

  test('each was refused with a 4xx or by closing, and nothing else was said', () => {
    assert.equal(wrong.length, 0, `${wrong.length} were not, such as:\n${wrong.slice(0, 20).join('\n')}`)
  })

  test('nothing that followed a refused one on its connection was carried out', async () => {
    const path = `/api/v1/tokens?limit=200&q=${smuggledLabel}`
    const listed = bodyOf('listTokens', 200, await steward.client.ask('GET', path, { as: steward.token }))
    assert.deepEqual(
      listed.data.map(({ label }) => label),
      [],
    )
  })

  test('the process lives and has nothing to report', async () => {
    assert.equal(server.child.exitCode, null)
    assert.equal((await steward.verify(server.managerToken, { kinds: ['manager'] })).code, 'valid')
    assert.doesNotMatch(server.log(), /"level":"(?:error|fatal)"/)
  })

  test('no connection is left open and no memory held', async () => {
    steward.client.close()
    const { heapBytes } = await holdingWithin(server, 0)
    const grownBytes = heapBytes - warm.heapBytes
    assert.ok(grownBytes < heapGrowthBytesMax, `the heap grew by ${grownBytes} bytes`)
  })
})
