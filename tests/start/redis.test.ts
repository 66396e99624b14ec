import assert from 'node:assert/strict'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { startRedis, withoutRedis } from '../services/redis.ts'
import { ask } from './api.ts'
import { makeDirectory, runServer } from './processes.ts'

const bootstrap = { CHATELAINE_BOOTSTRAP_TOKEN_FILE: 'root.token' }

test(
  'with Redis a limit holds over a restart, and without it verification goes on',
  { skip: withoutRedis },
  async (context) => {
    const redis = await startRedis()
    context.after(() => redis.stop())
    const directory = makeDirectory(context)
    const settings = { ...bootstrap, CHATELAINE_REDIS_URL: redis.url.reveal() }
    let server = runServer(directory, settings)
    let origin = await server.ready()
    const manager = readFileSync(join(directory, 'root.token'), 'utf8').trim()
    const account = await ask(origin, 'POST', '/api/v1/accounts', { token: manager, body: { username: 'ada' } })
    const made = await ask(origin, 'POST', '/api/v1/tokens', {
      token: manager,
      body: { account_id: account.body.id, label: 'limited', rate_limit: { limit: 3, window_seconds: 3_600 } },
    })
    const verify = () =>
      ask(origin, 'POST', '/api/v1/tokens/verify', { token: manager, body: { token: made.body.token } })
    const codes = async (count: number) =>
      (await Promise.all(Array.from({ length: count }, verify))).map(({ body }) => String(body.code)).toSorted()

    assert.deepEqual(await codes(2), ['valid', 'valid'])
    server.signal('SIGTERM')
    assert.equal((await server.ended).code, 0)
    server = runServer(directory, settings)
    origin = await server.ready()
    assert.deepEqual(await codes(3), ['rate_limited', 'rate_limited', 'valid'])
    await redis.kill()
    assert.deepEqual(await codes(4), ['rate_limited', 'valid', 'valid', 'valid'])
    await server.says(/Redis is out of reach/)
    assert.equal((await ask(origin, 'GET', '/readyz')).status, 200)
    server.signal('SIGTERM')
    assert.equal((await server.ended).code, 0)
  },
)

test('a Redis that refuses our password is out of reach, and the log does not have the password', async (context) => {
  const password = 'correct-horse-battery'
  const redis = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => socket.write('-WRONGPASS invalid username-password pair or user is disabled.\r\n'))
  }).listen(0, '127.0.0.1')
  context.after(() => redis.close())
  await once(redis, 'listening')
  const { port } = redis.address() as AddressInfo
  const server = runServer(makeDirectory(context), {
    CHATELAINE_REDIS_URL: `redis://chatelaine:${password}@127.0.0.1:${port}`,
    CHATELAINE_LOG: 'trace',
  })
  await server.ready()
  await server.says(/Redis is out of reach/)
  server.signal('SIGTERM')
  const { code, out, told } = await server.ended
  assert.equal(code, 0)
  assert.match(out, /WRONGPASS/)
  assert.ok(!(out + told).includes(password))
})
