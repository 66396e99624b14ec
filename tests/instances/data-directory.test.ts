import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runServer } from '../start/processes.ts'
import { Fleet, withoutPostgres } from './fleet.ts'

test(
  'two instances on one PostgreSQL never share a data directory, and with it a journal',
  { skip: withoutPostgres },
  async (context) => {
    const fleet = new Fleet(context)
    const place = fleet.place()
    const first = await fleet.start({}, place)
    const { code, told } = await runServer(place.directory, await fleet.environmentAt(place)).ended
    assert.equal(code, 1, told)
    assert.match(
      told,
      /error: The data directory .* is in use by another process\. Stop the server that runs there first\./,
    )
    await first.stop()
    // Whoever has ended has let go of it.
    await (await fleet.start({}, place)).stop()
  },
)
