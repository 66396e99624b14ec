import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, test, type TestContext } from 'node:test'
import { Client } from 'pg'
import { newestPostgres, systemPostgres } from './postgres-programs.ts'
import { absenceOf, startPostgres } from './postgres.ts'

for (const release of [newestPostgres(), systemPostgres()]) {
  describe(`a server for tests: ${release.name}`, { skip: absenceOf(release) }, () => {
    async function open(context: TestContext) {
      const server = await startPostgres(release)
      context.after(() => server.close())
      return server
    }

    async function ask(url: string, sql: string): Promise<unknown[][]> {
      const client = new Client(url)
      await client.connect()
      try {
        return (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows
      } finally {
        await client.end()
      }
    }

    test('tells its version, and brings commits to the disk', async (context) => {
      const { version, url } = await open(context)
      assert.ok(Number.parseInt(version, 10) >= 15, version)
      const settings = await ask(url, "SELECT current_setting('fsync'), current_setting('synchronous_commit')")
      assert.deepEqual(settings, [['on', 'on']])
    })

    test('sorts text as people do, so that whoever relies on the order of bytes notices', async (context) => {
      const { url } = await open(context)
      assert.deepEqual(await ask(url, "SELECT 'a' < 'B', 'a' COLLATE \"C\" < 'B'"), [[true, false]])
    })

    test('makes databases that know nothing of each other', async (context) => {
      const server = await open(context)
      const [one, other] = [await server.createDatabase(), await server.createDatabase()]
      await ask(one, 'CREATE TABLE here (id int)')
      assert.deepEqual(await ask(other, "SELECT to_regclass('here')"), [[null]])
    })

    test('keeps connections and answers nothing while it is frozen, and everything when it is thawed', async (context) => {
      const server = await open(context)
      const client = new Client(server.url)
      await client.connect()
      const { rows } = await client.query<[number]>({ text: 'SELECT pg_backend_pid()', rowMode: 'array' })
      await server.freeze()
      assert.equal(stateOf(rows[0]![0]), 'T')
      const answer = client.query('SELECT 1')
      server.thaw()
      assert.equal((await answer).rowCount, 1)
      await client.end()
    })

    test('has what was committed when it was stopped at once and started again on its port', async (context) => {
      const server = await open(context)
      await ask(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
      await server.stopAtOnce()
      await assert.rejects(ask(server.url, 'SELECT 1'), { code: 'ECONNREFUSED' })
      await server.startAgain()
      assert.deepEqual(await ask(server.url, 'SELECT answer FROM kept'), [[42]])
    })

    test('leaves nothing behind, frozen or not', async () => {
      const server = await startPostgres(release)
      const [[directory]] = (await ask(server.url, 'SHOW data_directory')) as [[string]]
      await server.freeze()
      await server.close()
      assert.equal(existsSync(directory), false)
      assert.deepEqual(processesIn(directory), [])
    })
  })
}

/** proc(5): T stands for a process that a signal has stopped. */
function stateOf(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).at(0)
}

function processesIn(directory: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return Number.isInteger(Number(pid)) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(directory)
    } catch {
      return false
    }
  })
}
