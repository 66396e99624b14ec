import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sodarSchemas as schemas } from '@chatelaine/api/wires'
import { goodPassword, openDeployment, secretOf, type Deployment } from '../http/deployment.ts'
import { exchange, exchangeJson, shaped } from './exchange.ts'

const login = '/tokens/api/login'
const auth = '/irodsbackend/api/auth'

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

describe('the wire of SODAR', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await openDeployment()
    for (const username of ['ada', 'bea@EXAMPLE']) {
      await deployment.ask('createAccount', { as: deployment.root, body: { username, password: `${goodPassword}:x` } })
    }
  })
  after(() => deployment.close())

  const password = `${goodPassword}:x`
  const ask = (authorization?: string) =>
    exchange(deployment, 'GET', auth, authorization === undefined ? {} : { headers: { authorization } })
  async function made(username: string, body: object = {}): Promise<string> {
    const { status, body: answer } = await exchangeJson(deployment, 'POST', login, basic(username, password), body)
    assert.equal(status, 201)
    return shaped(schemas.LoggedIn, answer).token
  }

  test('user name and password are traded for a token that lives for whole hours', async () => {
    const before = Date.now()
    const { status, headers, body } = await exchange(deployment, 'POST', login, {
      headers: {
        authorization: basic('ada', password),
        'content-type': 'application/json',
        accept: 'application/vnd.bihealth.sodar-core.tokens+json; version=1.0',
      },
      body: '{"expiry": 24, "sodar_label": "cli"}',
    })
    assert.deepEqual([status, headers.get('cache-control')], [201, 'no-store'])
    const { expiry, sodar_label: label, token } = shaped(schemas.LoggedIn, body)
    assert.equal(label, 'cli')
    const lifeMs = Date.parse(expiry!) - before
    assert.ok(lifeMs >= 86_400_000 && lifeMs < 86_460_000, `${lifeMs} ms`)
    const self = await deployment.ask('getOwnToken', { as: token })
    assert.deepEqual([self.body.origin, self.body.label, self.body.permanent], ['sodar', 'cli', false])
  })

  test('0 hours, and none, mean until deleted, and such tokens count as permanent', async () => {
    for (const body of [{ expiry: 0 }, {}, { expiry: null }]) {
      const self = await deployment.ask('getOwnToken', { as: await made('ada', body) })
      assert.equal(self.body.permanent, true)
    }
    const { status } = await exchange(deployment, 'POST', login, { headers: { authorization: basic('ada', password) } })
    assert.equal(status, 201)
    await made('ada')
    const sixth = await exchangeJson(deployment, 'POST', login, basic('ada', password), {})
    assert.equal(sixth.status, 403)
    assert.match(shaped(schemas.Refused, sixth.body).detail, /^5 of 5 permanent tokens are in use/)
  })

  test('a login ends no other token', async () => {
    const first = await made('ada', { expiry: 1 })
    await made('ada', { expiry: 1 })
    assert.equal((await deployment.ask('getOwnToken', { as: first })).status, 200)
  })

  test('a token stands in for the password of its owner, and of nobody else', async () => {
    const ofAda = await made('ada', { expiry: 1 })
    const ofBea = await made('bea@EXAMPLE', { expiry: 1 })
    for (const [username, token] of [
      ['ada', ofAda],
      ['ADA', ofAda],
      ['bea@EXAMPLE', ofBea],
    ] as const) {
      const { status, body } = await ask(basic(username, token))
      assert.deepEqual([status, body], [200, 'Authenticated'], username)
    }
    for (const [username, token] of [
      ['bea@EXAMPLE', ofAda],
      ['ada', ofBea],
      ['', ofAda],
      ['bea', ofBea],
    ] as const) {
      const { status, body, headers } = await ask(basic(username, token))
      assert.deepEqual([status, body], [401, ''], username)
      assert.match(headers.get('www-authenticate') ?? '', /^Basic realm="/)
    }
  })

  test('the password itself is as good, colons and all', async () => {
    assert.equal((await ask(basic('bea@EXAMPLE', password))).status, 200)
    assert.equal((await ask(basic('bea@EXAMPLE', goodPassword))).status, 401)
  })

  test('a token is read in its own scheme too, in any case', async () => {
    const token = await made('ada', { expiry: 1 })
    for (const scheme of ['token', 'Token', 'TOKEN', 'Bearer'])
      assert.equal((await ask(`${scheme} ${token}`)).status, 200)
    await deployment.ask('revokeOwnToken', { as: token })
    const dead = await ask(`token ${token}`)
    assert.deepEqual([dead.status, dead.body], [401, { detail: 'Invalid token.' }])
    assert.deepEqual((await ask(basic('ada', token))).body, '')
  })

  test('a token that is revoked, suspended or expired opens nothing from then on', async () => {
    const tokens = await Promise.all([
      made('ada', { expiry: 2 }),
      made('ada', { expiry: 2 }),
      made('ada', { expiry: 1 }),
    ])
    const [revoked, suspended, expired] = await Promise.all(
      tokens.map(async (token) => ({ token, id: (await deployment.ask('getOwnToken', { as: token })).body.id })),
    )
    for (const { token } of [revoked!, suspended!, expired!]) assert.equal((await ask(basic('ada', token))).status, 200)
    await deployment.ask('revokeToken', { as: deployment.root, params: { id: revoked!.id } })
    await deployment.ask('updateToken', {
      as: deployment.root,
      params: { id: suspended!.id },
      body: { is_active: false },
    })
    deployment.clock.advance(3_600_001)
    for (const { token } of [revoked!, suspended!, expired!]) assert.equal((await ask(basic('ada', token))).status, 401)
  })

  test('nothing, a project token, a manager token and two that differ are refused without a body', async () => {
    const token = await made('ada', { expiry: 1 })
    const as = token
    const { id } = (await deployment.ask('createProject', { as, body: { name: 'lab' } })).body
    const ofProject = secretOf(await deployment.ask('createToken', { as, body: { kind: 'project', project_id: id } }))
    const two = { authorization: basic('ada', token), 'x-api-key': deployment.root }
    for (const [status, answer] of [
      [401, await ask()],
      [403, await ask(basic('ada', ofProject))],
      [403, await ask(basic('ada', deployment.root))],
      [400, await exchange(deployment, 'GET', auth, { headers: two })],
    ] as const) {
      assert.deepEqual([answer.status, answer.body], [status, ''])
    }
  })

  test('a token in place of the password logs in its owner, and nobody who names somebody else', async () => {
    const token = await made('ada', { expiry: 2 })
    const changes = deployment.changeCount()
    for (const username of ['bea@EXAMPLE', '']) {
      const refused = await exchangeJson(deployment, 'POST', login, basic(username, token), { expiry: 1 })
      assert.equal(refused.status, 401, username)
      shaped(schemas.Refused, refused.body)
    }
    assert.equal(deployment.changeCount(), changes)
    for (const authorization of [basic('ADA', token), basic(token, ''), `Key any:${token}`]) {
      const { status } = await exchangeJson(deployment, 'POST', login, authorization, { expiry: 1 })
      assert.equal(status, 201, authorization.split(' ')[0])
    }
  })

  test('a thousand logins of iRODS one after the other are each answered, and by the token that they show', async () => {
    const token = await made('ada', { expiry: 1 })
    const answers = new Set<string>()
    for (let asked = 0; asked < 1_000; asked += 1) {
      const { status, body } = await ask(basic('ada', token))
      answers.add(`${status} ${String(body)}`)
    }
    assert.deepEqual([...answers], ['200 Authenticated'])
  })

  test('what is refused is a detail, or the fields that are wrong', async () => {
    const changes = deployment.changeCount()
    const wrong = await exchangeJson(deployment, 'POST', login, basic('ada', 'not the password at all'), {})
    assert.equal(wrong.status, 401)
    shaped(schemas.Refused, wrong.body)
    assert.match(wrong.headers.get('www-authenticate') ?? '', /^Basic /)
    const dead = await exchangeJson(deployment, 'POST', login, 'Token nonsense', {})
    assert.deepEqual([dead.status, dead.body], [401, { detail: 'Invalid token.' }])
    for (const body of [{ expiry: -1 }, { expiry: 1.5 }, { expiry: 'x' }, { sodar_label: 'x'.repeat(257) }]) {
      const refused = await exchangeJson(deployment, 'POST', login, basic('ada', password), body)
      assert.equal(refused.status, 400)
      shaped(schemas.Invalid, refused.body)
    }
    assert.equal((await exchangeJson(deployment, 'GET', `${login}x`)).status, 404)
    assert.equal(deployment.changeCount(), changes)
  })

  test('whoever fails too often is told 403', async () => {
    await deployment.ask('createAccount', { as: deployment.root, body: { username: 'cleo', password } })
    const statuses: number[] = []
    for (let attempt = 0; attempt < 12; attempt += 1) {
      statuses.push((await exchangeJson(deployment, 'POST', login, basic('cleo', 'a wrong password'), {})).status)
    }
    assert.deepEqual([...new Set(statuses)], [401, 403])
  })
})
