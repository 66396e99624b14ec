import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Client } from './client.ts'
import { Intruder } from './intruder.ts'
import { readIntactLog, readLog } from './log-check.ts'
import { copyPrivately, placesIn, Site } from './running-server.ts'
import { Steward } from './steward.ts'

const tokensCount = 12

describe('the export of a log that an intruder has written to', () => {
  const site = new Site({ after })

  before(async () => {
    const server = await site.start()
    const steward = new Steward(new Client(server.port), server.managerToken)
    const { id } = await steward.account('ada')
    for (let made = 0; made < tokensCount; made += 1) await steward.issue({ account_id: id })
    steward.client.close()
    await server.stop()
    assert.ok((await readIntactLog(site.directory)).length > tokensCount)
  })

  const alterations = {
    'a row with another actor': {
      sql: `UPDATE changes SET actor_ip = '192.0.2.1' WHERE seq = 7`,
      fault: 'altered',
      seq: 7,
    },
    'a row with other details': { sql: `UPDATE changes SET details = '{}' WHERE seq = 4`, fault: 'altered', seq: 4 },
    'a row at another time': { sql: 'UPDATE changes SET at = at + 1 WHERE seq = 9', fault: 'altered', seq: 9 },
    'a row that is gone': { sql: 'DELETE FROM changes WHERE seq = 5', fault: 'missing', seq: 5 },
    'two rows swapped': {
      sql: `UPDATE changes SET seq = -1 WHERE seq = 6; UPDATE changes SET seq = 6 WHERE seq = 8;
            UPDATE changes SET seq = 8 WHERE seq = -1`,
      fault: 'altered',
      seq: 6,
    },
  } as const

  for (const [what, { sql, fault, seq }] of Object.entries(alterations)) {
    test(`names ${what}`, async (context) => {
      const copy = new Site(context)
      copyPrivately(site.directory, copy.directory)
      const intruder = new Intruder(placesIn(copy.directory).database)
      intruder.run(sql)
      intruder.close()
      assert.deepEqual((await readLog(copy.directory)).verdict, { intact: false, seq, fault })
    })
  }

  test('is not vouched for by a key that the intruder planted, however well chained and signed what he wrote is', async (context) => {
    const copy = new Site(context)
    copyPrivately(site.directory, copy.directory)
    const intruder = new Intruder(placesIn(copy.directory).database)
    intruder.rewriteLog()
    intruder.close()
    await assert.rejects(readLog(copy.directory), { key: 'log-altered' })
  })
})
