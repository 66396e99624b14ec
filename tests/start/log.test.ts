import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { generateToken } from '@chatelaine/token'
import { randomBytes } from 'node:crypto'
import { createLog } from '../../packages/server/src/log.ts'
import { ask, codeOf, issue, revoke } from './api.ts'
import { makeDirectory, runServer } from './processes.ts'

/** What a log at the most talkative level writes while `act` runs. */
function logged(act: (log: ReturnType<typeof createLog>) => void): string {
  let text = ''
  act(createLog('trace', { write: (line) => void (text += line) }))
  return text
}

test('a line of the log is one JSON object with its level by name, its time and its fields', () => {
  const line = logged((log) => log.info({ tokenId: 'tok_1' }, 'token revoked'))
  const { time, ...rest } = JSON.parse(line) as Record<string, unknown>
  assert.deepEqual(rest, { level: 'info', tokenId: 'tok_1', msg: 'token revoked' })
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

test('a token does not get into the log, in a field of any name, in a message, or in an error', () => {
  for (const prefix of ['chl', 'myapp2']) {
    const token = generateToken({ prefix, kind: 'account' }, randomBytes).token.reveal()
    const text = logged((log) => {
      log.info({ token, presented: token, deep: { er: { still: token } }, list: [token] }, `got ${token}`)
      log.error({ err: new Error(`cannot verify ${token}`, { cause: new Error(token) }) })
    })
    assert.equal(text.split('\n').length, 3)
    assert.doesNotMatch(text, new RegExp(token.slice(-38)))
  }
})

test('the bearer of a portal session does not get into the log either', () => {
  const [mark, mac] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')]
  const said = ['tok_7Yp2mQx9Kd4RtV1b', 'acc_3Fh8Lw0ZqT6uYc2N', 'member', '1795341600000', mark].join('~')
  const text = logged((log) =>
    log.info({ deep: { er: `portal.k1f6q2.${said}.${mac}` } }, `got portal.k1f6q2.${said}.${mac}!`),
  )
  assert.ok(!text.includes(mac))
  assert.equal(text.match(/\[redacted\]/g)?.length, 2)
})

test('passwords, cookies and authorization do not get into the log by their fields', () => {
  const text = logged((log) => {
    log.info({ password: 'hunter2', body: { password: 'hunter2' }, authorization: 'Bearer hunter2' })
    log.info({ request: { headers: { cookie: 'hunter2' }, authorization: 'hunter2' }, secret: 'hunter2' })
  })
  assert.doesNotMatch(text, /hunter2/)
})

test('at its most talkative the log of a server holds no secret that it was given or gave', async (context) => {
  const directory = makeDirectory(context)
  const file = join(directory, 'manager.token')
  const server = runServer(directory, { CHATELAINE_LOG: 'trace', CHATELAINE_BOOTSTRAP_TOKEN_FILE: file })
  const origin = await server.ready()
  const manager = readFileSync(file, 'utf8')
  const code = /setup#(\S+)/.exec(server.told())![1]!
  const password = 'correct horse battery staple'
  const person = { username: 'ada', password }
  assert.equal((await ask(origin, 'POST', '/api/v1/setup', { body: { code, ...person } })).status, 201)
  assert.equal((await ask(origin, 'POST', '/api/v1/setup', { body: { code, ...person } })).status, 409)
  const signedIn = await ask(origin, 'POST', '/api/v1/session', { body: person })
  const cookie = signedIn.headers.getSetCookie()[0]!.split(';')[0]!
  const { id, token } = await issue(origin, manager, 'grace')
  assert.equal(await codeOf(origin, manager, token), 'valid')
  await ask(origin, 'POST', '/api/v1/session', { body: { ...person, password: `${password}!` } })
  await ask(origin, 'GET', `/api/v1/tokens?token=${token}`, { token })
  await ask(origin, 'GET', `/api/v1/tokens/${token}`, { token })
  await ask(origin, 'POST', '/api/v1/tokens', { token, body: { [token]: token, label: cookie } })
  await ask(origin, 'GET', '/api/v1/session', { headers: { cookie } })
  await revoke(origin, manager, id)
  await ask(origin, 'GET', '/api/v1/tokens/self', { token })
  server.signal('SIGTERM')
  const { out } = await server.ended
  assert.match(out, /"level":"debug"/)
  const secrets = { manager, code, password, cookie: cookie.split('=')[1]!, token }
  for (const [name, secret] of Object.entries(secrets)) {
    const bytes = Buffer.from(secret)
    const spellings = [secret, bytes.toString('hex'), bytes.toString('base64').slice(0, -4), encodeURIComponent(secret)]
    for (const spelling of spellings) assert.ok(!out.includes(spelling), `the log holds the ${name}`)
  }
  assert.doesNotMatch(out, /\$argon2id/)
})
