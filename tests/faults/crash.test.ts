import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { Acknowledged } from './acknowledged.ts'
import { Client } from './client.ts'
import { readIntactLog } from './log-check.ts'
import { Site } from './running-server.ts'
import { Steward } from './steward.ts'
import { writeUntil } from './write-load.ts'

/** `npm run test:crash` asks for fifty. */
const rounds = Number(process.argv[2] ?? 3)

/** After how many acknowledgements the process is killed: another number each time, so that it is met at every stage. */
const acknowledgementsMin = 100
const acknowledgementsMax = 600

test(`a server killed ${rounds} times under write load loses nothing and undoes nothing that it acknowledged`, async (context) => {
  const site = new Site(context)
  const acknowledged = new Acknowledged()
  for (let round = 1; round <= rounds; round += 1) {
    const server = await site.start()
    const client = new Client(server.port, { connections: 24 })
    const steward = new Steward(client, server.managerToken)
    await acknowledged.check(steward)
    const { id: accountId } = await steward.account(`round-${round}`)
    const count = randomInt(acknowledgementsMin, acknowledgementsMax)
    await writeUntil(steward, acknowledged, { accountId, count, kill: () => server.kill() })
    client.close()
  }

  const server = await site.start()
  const client = new Client(server.port)
  await acknowledged.check(new Steward(client, server.managerToken))
  client.close()
  await server.stop()
  for (const taking of ['revoked', 'suspended'] as const) {
    assert.ok(acknowledged.countTaken(taking) >= 5 * rounds, `too few were ${taking} for the test to mean anything`)
  }

  const entries = await readIntactLog(site.directory)
  const rowCounts = Map.groupBy(entries, ({ action, subject }) => `${action} ${subject.id}`)
  for (const id of acknowledged.ids) {
    for (const action of ['token.created', 'token.revoked', 'token.suspended']) {
      const rows = rowCounts.get(`${action} ${id}`)?.length ?? 0
      assert.equal(rows, acknowledged.expectedRows(action, id), `rows of ${action} for ${id}`)
    }
  }
})
