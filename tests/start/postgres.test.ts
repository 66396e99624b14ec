import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { newestPostgres, systemPostgres } from '../services/postgres-programs.ts'
import { absenceOf, startPostgres, type PostgresServer } from '../services/postgres.ts'
import { copyOf } from '../postgres/committing.ts'
import { ask } from './api.ts'
import { makeDirectory, operate, runServer, type Environment, type Process } from './processes.ts'

for (const release of [newestPostgres(), systemPostgres()]) {
  describe(`a server on ${release.name}`, { skip: absenceOf(release) }, () => {
    let database: PostgresServer

    before(async () => {
      database = await startPostgres(release)
    })
    after(() => database.close())

    test('what one instance issued, another verifies, and none does once any of them has revoked it', async (context) => {
      const url = await database.createDatabase()
      const key = randomBytes(32).toString('base64')
      const directory = makeDirectory(context)
      const first = start(directory, key, url, { CHATELAINE_BOOTSTRAP_TOKEN_FILE: 'root.token' })
      const one = await first.ready()
      const token = readFileSync(join(directory, 'root.token'), 'utf8').trim()
      const second = start(makeDirectory(context), key, url)
      const other = await second.ready()
      const account = await ask(one, 'POST', '/api/v1/accounts', { token, body: { username: 'ada' } })
      const body = { account_id: account.body.id, label: 'laptop' }
      const made = await ask(other, 'POST', '/api/v1/tokens', { token, body })
      assert.equal(made.status, 201)
      const codes = async () => {
        const asked = { token, body: { token: made.body.token } }
        const answers = await Promise.all([one, other].map((at) => ask(at, 'POST', '/api/v1/tokens/verify', asked)))
        return answers.map((answer) => answer.body.code)
      }
      assert.deepEqual(await codes(), ['valid', 'valid'])
      assert.equal((await ask(one, 'DELETE', `/api/v1/tokens/${String(made.body.id)}`, { token })).status, 204)
      assert.deepEqual(await codes(), ['revoked', 'revoked'])
      const { body: facts } = await ask(one, 'GET', '/api/v1/server', { token })
      const { kind, file, size_bytes } = facts.database as { kind: string; file: null; size_bytes: number }
      assert.deepEqual([kind, file, size_bytes > 0], ['postgresql', null, true])
      assert.deepEqual([facts.instance_count, facts.last_backup], [2, null])
      await Promise.all([first, second].map(stop))
    })

    test('after the database was put back, the journal is replayed: what was revoked since is revoked again', async (context) => {
      const url = await database.createDatabase()
      const key = randomBytes(32).toString('base64')
      const directory = makeDirectory(context)
      const first = start(directory, key, url, { CHATELAINE_BOOTSTRAP_TOKEN_FILE: 'root.token' })
      const token = await first.ready().then(() => readFileSync(join(directory, 'root.token'), 'utf8').trim())
      const body = { kind: 'manager', scopes: ['chatelaine.audit:read'], label: 'reader' }
      const made = await ask(await first.ready(), 'POST', '/api/v1/tokens', { token, body })
      const codeAt = (origin: string) =>
        ask(origin, 'POST', '/api/v1/tokens/verify', { token, body: { token: made.body.token, kinds: ['manager'] } })
      await stop(first)
      const copy = await copyOf(database, url)

      const second = start(directory, key, url)
      const path = `/api/v1/tokens/${String(made.body.id)}`
      assert.equal((await ask(await second.ready(), 'DELETE', path, { token })).status, 204)
      await stop(second)

      const early = await start(directory, key, copy).ended
      assert.equal(early.code, 1)
      assert.match(early.told, /npm run operate -- replay-journal/)
      const environment = environmentOf(copy)
      const preview = await operate(directory, ['replay-journal'], environment)
      assert.match(preview.out, /What was taken away since then is taken away again/)
      const { code, out, told } = await operate(directory, ['replay-journal', '--yes'], environment)
      assert.equal(code, 0, told)
      assert.match(out, /token\.revoked: 1/)
      const last = start(directory, key, copy)
      assert.equal((await codeAt(await last.ready())).body.code, 'revoked')
      await stop(last)
    })

    test('an instance that is being stopped answers on, each time for the last time on that connection', async (context) => {
      const url = await database.createDatabase()
      const server = start(makeDirectory(context), randomBytes(32).toString('base64'), url)
      const origin = await server.ready()
      assert.equal((await ask(origin, 'GET', '/readyz')).headers.get('connection'), 'keep-alive')
      server.signal('SIGTERM')
      await server.says(/"msg":"stopping"/)
      const { status, headers } = await ask(origin, 'GET', '/readyz')
      assert.deepEqual([status, headers.get('connection')], [503, 'close'])
      assert.equal((await server.ended).code, 0)
    })

    test('without the master key of the others an instance does not start, and says how to get it', async (context) => {
      const url = await database.createDatabase()
      const server = runServer(makeDirectory(context), { CHATELAINE_DATABASE_URL: url })
      const { code, told } = await server.ended
      assert.equal(code, 1)
      assert.match(told, /every instance on one database needs the same/)
    })
  })
}

test('a database that cannot be reached ends the start with a sentence that has no password in it', async (context) => {
  const password = 'correct-horse-battery'
  const url = `postgres://chatelaine:${password}@127.0.0.1:1/chatelaine`
  const { code, out, told } = await start(makeDirectory(context), randomBytes(32).toString('base64'), url).ended
  assert.equal(code, 1)
  assert.match(told, /See that PostgreSQL runs, and that CHATELAINE_DATABASE_URL is right/)
  assert.ok(!`${out}${told}`.includes(password))
})

/** Starts an instance with a data directory of its own and the master key of all. */
function start(directory: string, key: string, url: string, environment: Environment = {}): Process {
  writeFileSync(join(directory, 'shared.key'), `${key}\n`, { mode: 0o600 })
  return runServer(directory, { ...environmentOf(url), ...environment })
}

function environmentOf(url: string): Environment {
  return { CHATELAINE_DATABASE_URL: url, CHATELAINE_MASTER_KEY_FILE: 'shared.key' }
}

async function stop(server: Process): Promise<void> {
  server.signal('SIGTERM')
  assert.equal((await server.ended).code, 0)
}
