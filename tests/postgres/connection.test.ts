import assert from 'node:assert/strict'
import { after, before, describe, test, type TestContext } from 'node:test'
import { newestPostgres } from '../services/postgres-programs.ts'
import { absenceOf, startPostgres, type PostgresServer } from '../services/postgres.ts'
import { callMs, Connection, connectMs, lockMs, statementMs } from '../../packages/storage/src/postgres/connection.ts'
import { ConnectionLost, DatabaseError } from '../../packages/storage/src/postgres/fault.ts'
import { Lane, type LaneBounds } from '../../packages/storage/src/postgres/lane.ts'
import { all, allValues, get, getValues, run, runOne } from '../../packages/storage/src/sql/steps.ts'

/** What the machine may add to a deadline when it is busy. */
const marginMs = 400

describe('connections to PostgreSQL', { skip: absenceOf(newestPostgres()) }, () => {
  let server: PostgresServer

  before(async () => {
    server = await startPostgres()
  })
  after(() => server.close())

  async function connect(context: TestContext, url = server.url): Promise<Connection> {
    const connection = await Connection.open(url)
    context.after(() => connection.close())
    return connection
  }

  function openLane(context: TestContext, bounds: LaneBounds): Lane {
    const lane = new Lane(
      (withinMs) => Connection.open(server.url, { connectMs: withinMs, statementMs, callMs }),
      bounds,
    )
    context.after(() => lane.close())
    return lane
  }

  const ping = (connection: Connection) => connection.perform(get('SELECT 1 AS answer'))
  const pause = (seconds: number) => run('SELECT pg_sleep(?)', seconds)

  describe('what is asked', () => {
    test('comes back as it went, in text, numbers up to 2^53, null, and truth as 0 and 1', async (context) => {
      const connection = await connect(context)
      const values = ['käse 🧀', Number.MAX_SAFE_INTEGER, null, 1]
      const sql = 'SELECT ?::text, ?::bigint, ?::text, ?::boolean, sum(2::bigint), 3::int'
      assert.deepEqual(await connection.perform(getValues(sql, ...values)), [...values, 2, 3])
      assert.deepEqual({ ...(await connection.perform(get('SELECT 1 AS one'))) }, { one: 1 })
    })

    test('is answered in its order, also when several statements go out together', async (context) => {
      const connection = await connect(context)
      const numbers = [1, 2, 3].map((number) => connection.perform(get('SELECT ?::int AS number', number)))
      assert.deepEqual(
        (await Promise.all(numbers)).map((row) => row?.number),
        [1, 2, 3],
      )
    })

    test('may call what SQLite calls otherwise by that name', async (context) => {
      const connection = await connect(context)
      assert.deepEqual(await connection.perform(getValues('SELECT instr(?, ?)', 'abc', 'c')), [3])
    })

    test('stays usable after so many different statements that not all of them are kept prepared', async (context) => {
      const connection = await connect(context)
      for (let number = 0; number < 600; number += 1) {
        assert.deepEqual(await connection.perform(getValues(`SELECT ${number}, ?::int`, number)), [number, number])
      }
    })
  })

  describe('steps', () => {
    const table = 'CREATE TEMPORARY TABLE things (id int PRIMARY KEY)'

    test('hear of one change that did not happen before anything that follows it', async (context) => {
      const connection = await connect(context)
      await connection.script(table)
      await assert.rejects(
        connection.perform(
          (function* () {
            yield* runOne('UPDATE things SET id = ? WHERE id = ?', 1, 2)
            yield* get('SELECT 1')
            assert.fail('went on')
          })(),
        ),
        /changed 0 rows where it had to be one/,
      )
      await assert.rejects(connection.perform(runOne('UPDATE things SET id = 1')), /changed 0 rows/)
    })

    test('are told the first failure of a transaction, and may go back to where they were', async (context) => {
      const connection = await connect(context)
      await connection.script(table)
      const code = await connection.perform(
        (function* () {
          yield* run('BEGIN')
          yield* run('SAVEPOINT here')
          yield* runOne('INSERT INTO things VALUES (?)', 1)
          let code: string | undefined
          try {
            yield* runOne('INSERT INTO things VALUES (?)', 1)
            yield* runOne('INSERT INTO things VALUES (?)', 2)
            yield* all('SELECT * FROM things')
          } catch (error) {
            code = error instanceof DatabaseError ? error.code : undefined
          }
          yield* run('ROLLBACK TO here')
          yield* runOne('INSERT INTO things VALUES (?)', 3)
          yield* run('COMMIT')
          return code
        })(),
      )
      assert.equal(code, '23505')
      assert.deepEqual(await connection.perform(allValues('SELECT id FROM things')), [[3]])
    })

    test('that read at one moment do not see what is committed meanwhile', async (context) => {
      const [reader, writer] = [await connect(context), await connect(context)]
      await writer.script('CREATE TABLE seen (id int)')
      let writing: Promise<unknown> | undefined
      const count = 'SELECT count(*) FROM seen'
      const counts = await reader.atOneMoment(
        (function* () {
          const before = yield* getValues(count)
          writing = writer.perform(runOne('INSERT INTO seen VALUES (1)'))
          yield* pause(0.1)
          return [before, yield* getValues(count)]
        })(),
      )
      await writing
      assert.deepEqual(counts, [[0], [0]])
      assert.deepEqual(await reader.perform(getValues(count)), [1])
    })

    test('that fail at one moment leave the connection as it was', async (context) => {
      const connection = await connect(context)
      await assert.rejects(connection.atOneMoment(get('SELECT 1 / 0')), DatabaseError)
      await connection.perform(run('CREATE TEMPORARY TABLE written (id int)'))
    })
  })

  describe('a deadline', () => {
    test('ends a statement that the server works on for too long', async (context) => {
      const connection = await connect(context)
      const failure = await within(statementMs, connection.perform(pause(5)))
      assert.ok(failure instanceof DatabaseError && failure.code === '57014', String(failure))
      assert.ok(connection.isOpen)
    })

    test('ends a wait for a lock', async (context) => {
      const [holder, other] = [await connect(context), await connect(context)]
      await holder.script('CREATE TABLE locked AS SELECT 1 AS seq')
      const lock = 'SELECT seq FROM locked FOR UPDATE'
      await holder.script(`BEGIN; ${lock}`)
      const holding = holder.perform(pause((lockMs + 50) / 1_000))
      const failure = await within(lockMs, other.perform(get(lock)))
      assert.ok(failure instanceof DatabaseError && failure.code === '55P03', String(failure))
      await holding
    })

    test('ends a transaction for which nothing more arrives, and gives its locks back', async (context) => {
      const [silent, other] = [await connect(context), await connect(context)]
      await silent.script('CREATE TABLE forgotten AS SELECT 1 AS seq')
      const lock = 'SELECT seq FROM forgotten FOR UPDATE'
      await silent.script(`BEGIN; ${lock}`)
      await other.perform(pause((lockMs + 50) / 1_000))
      assert.equal((await other.perform(get(lock)))?.seq, 1)
      await assert.rejects(ping(silent), { name: 'ConnectionLost' })
    })

    test('ends every call on a frozen server, and the connection with it', async (context) => {
      const connection = await connect(context)
      const other = await connect(context)
      const lane = openLane(context, { connectionsMax: 2, waitingMax: 10 })
      await lane.use(ping)
      await server.freeze()
      try {
        const calls = [
          [callMs, ping(connection)],
          [callMs, connection.atOneMoment(get('SELECT 1'))],
          [callMs, connection.script('SELECT 1')],
          [callMs, connection.listen('news', () => undefined)],
          [connectMs, Connection.open(server.url)],
          [connectMs + callMs, lane.use(ping)],
          [connectMs + callMs, lane.use(ping)],
          [connectMs + callMs, lane.use(ping)],
        ] as const
        for (const failure of await Promise.all(calls.map(([ms, call]) => within(ms, call)))) {
          assert.ok(failure instanceof ConnectionLost, String(failure))
        }
        assert.equal(connection.isOpen, false)
        await within(callMs, other.close())
      } finally {
        server.thaw()
      }
      assert.equal((await lane.use(ping))?.answer, 1)
    })
  })

  test('a server that takes no writes is refused, as a replica would be', async () => {
    const url = await server.createDatabase()
    const connection = await Connection.open(url)
    await connection.script(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_read_only = on`)
    await connection.close()
    await assert.rejects(Connection.open(url), { name: 'ConnectionLost', message: /replica/ })
  })

  test('a connection that breaks fails what is under way, and nothing else', async (context) => {
    const connection = await connect(context)
    const failed = assert.rejects(connection.perform(pause(0.3)), { name: 'ConnectionLost' })
    await server.stopAtOnce()
    await failed
    await assert.rejects(ping(connection), { name: 'ConnectionLost' })
    await assert.rejects(Connection.open(server.url), { name: 'ConnectionLost' })
    await server.startAgain()
  })

  describe('a lane', () => {
    test('makes its connections again when they were lost', async (context) => {
      const lane = openLane(context, { connectionsMax: 1, waitingMax: 1 })
      await lane.use(ping)
      await server.stopAtOnce()
      await server.startAgain()
      assert.equal((await lane.use(ping))?.answer, 1)
    })

    test('hands its connections on to those who wait, the first come first, and refuses those who are too many', async (context) => {
      const lane = openLane(context, { connectionsMax: 1, waitingMax: 2 })
      const order: number[] = []
      const work = (number: number) =>
        lane.use(async (connection) => {
          await ping(connection)
          order.push(number)
        })
      const outcomes = await Promise.allSettled([1, 2, 3, 4].map(work))
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'fulfilled', 'fulfilled', 'rejected'],
      )
      assert.deepEqual(order, [1, 2, 3])
    })

    test('keeps nobody waiting for longer than a connection may take', async (context) => {
      const lane = openLane(context, { connectionsMax: 1, waitingMax: 1 })
      const { promise: end, resolve } = Promise.withResolvers<void>()
      const holding = lane.use(() => end)
      assert.ok((await within(connectMs, lane.use(ping))) instanceof ConnectionLost)
      resolve()
      await holding
      assert.equal((await lane.use(ping))?.answer, 1)
    })

    test('gives the place of a lost connection to whoever waits', async (context) => {
      const lane = openLane(context, { connectionsMax: 1, waitingMax: 1 })
      const losing = lane.use(async (connection) => {
        connection.destroy('a test')
        await ping(connection)
      })
      const waiting = lane.use(ping)
      await assert.rejects(losing, { name: 'ConnectionLost' })
      assert.equal((await waiting)?.answer, 1)
    })

    test('lends nothing when it is closed, after it has waited for the work under way', async (context) => {
      const lane = openLane(context, { connectionsMax: 1, waitingMax: 1 })
      let isDone = false
      const working = lane.use(async (connection) => {
        await connection.perform(pause(0.05))
        isDone = true
      })
      await lane.use(() => Promise.resolve())
      await lane.close()
      assert.ok(isDone)
      await working
      await assert.rejects(lane.use(ping), { name: 'ConnectionLost' })
    })
  })
})

/** The failure of a call, which must come within so long; `undefined` when it does not fail. */
async function within(ms: number, call: Promise<unknown>): Promise<unknown> {
  const began = performance.now()
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  const tookMs = performance.now() - began
  assert.ok(tookMs < ms + marginMs, `took ${tookMs} ms where ${ms} were allowed`)
  return failure
}
