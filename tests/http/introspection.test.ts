import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { coldReadsMax } from '@chatelaine/core'
import { generateToken } from '@chatelaine/token'
import { createApp } from '../../packages/server/src/http/app.ts'
import { openDeployment, secretOf, type Deployment, type Member } from './deployment.ts'

const issuer = 'https://tokens.example.org'

/** A token that nobody has issued. */
const newToken = () => generateToken({ prefix: 'chl', kind: 'account' }, (count) => randomBytes(count)).token.reveal()

describe('introspection (RFC 7662)', () => {
  let deployment: Deployment
  let ada: Member
  /** May verify, and nothing else. */
  let resourceServer: string

  before(async () => {
    deployment = await openDeployment({ CHATELAINE_PUBLIC_URL: issuer })
    ada = await deployment.member('ada')
    resourceServer = await manager({ scopes: ['chatelaine.tokens:verify'] })
  })
  after(() => deployment.close())

  async function create(body: object, as = ada.token) {
    const answer = await deployment.ask('createToken', { as, body })
    assert.equal(answer.status, 201, answer.detail)
    return { ...answer.body, secret: secretOf(answer) }
  }

  async function manager(body: object): Promise<string> {
    return (await create({ kind: 'manager', permanent: true, ...body }, deployment.root)).secret
  }

  const introspect = (form: Readonly<Record<string, string>>, as = resourceServer) =>
    deployment.ask('introspectToken', { as, form })

  const inactive = { active: false }

  async function requireInactive(form: Readonly<Record<string, string>>, as = resourceServer): Promise<void> {
    const { status, body } = await introspect(form, as)
    assert.equal(status, 200)
    assert.deepEqual(body, inactive)
  }

  describe('§2.1, the request', () => {
    test('a token that is sent as a form is introspected, with or without a hint of its type', async () => {
      const hints = [
        {},
        { token_type_hint: 'access_token' },
        { token_type_hint: 'refresh_token' },
        { token_type_hint: '?' },
      ]
      for (const hint of hints) assert.equal((await introspect({ token: ada.token, ...hint })).body.active, true)
    })

    test('a charset may stand beside the type of the form, and escapes are read', async () => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }
      const body = `token=%63${ada.token.slice(1)}`
      const answer = await deployment.send('POST', '/oauth/introspect', { as: resourceServer, body, headers })
      assert.equal((answer.body as { active: boolean }).active, true)
    })

    test('a parameter that is not known is ignored, and an empty one counts as left out', async () => {
      const { body } = await introspect({ token: ada.token, resource: 'https://example.org', token_type_hint: '' })
      assert.equal(body.active, true)
    })

    test('a request without a token, or with two, is an invalid request', async () => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      for (const body of ['', 'token=', 'token_type_hint=access_token', `token=${ada.token}&token=${ada.token}`]) {
        const answer = await deployment.send('POST', '/oauth/introspect', { as: resourceServer, body, headers })
        assert.equal(answer.status, 400, body)
        assert.equal(answer.oauthError, 'invalid_request', body)
      }
    })

    test('a body that is no form is an invalid request', async () => {
      const answer = await deployment.send('POST', '/oauth/introspect', {
        as: resourceServer,
        body: { token: ada.token },
      })
      assert.equal(answer.status, 400)
      assert.equal(answer.oauthError, 'invalid_request')
      assert.match(answer.detail, /x-www-form-urlencoded/)
    })

    test('a body of more than 64 KiB is an invalid request', async () => {
      const answer = await introspect({ token: 'x'.repeat(64 * 1_024) })
      assert.equal(answer.oauthError, 'invalid_request')
    })

    test('only POST is answered', async () => {
      const answer = await deployment.send('GET', '/oauth/introspect', { as: resourceServer })
      assert.equal(answer.status, 405)
      assert.equal(answer.headers.get('allow'), 'POST, OPTIONS')
    })

    test('a token in the URL is an invalid request, and counts as exposed', async () => {
      const { secret, id } = await create({ label: 'in a URL' })
      const answer = await deployment.send('POST', `/oauth/introspect?token=${secret}`, { as: resourceServer })
      assert.equal(answer.oauthError, 'invalid_request')
      const log = await deployment.ask('listAuditEntries', { as: deployment.root, query: { subject: id } })
      assert.ok(log.body.data.some(({ action }) => action === 'token.exposed'))
    })
  })

  describe('§2.2, the response', () => {
    test('an active token is told with all that is known of it', async () => {
      const expiresAt = '2090-01-02T03:04:05.678Z'
      const { secret, id } = await create({ scopes: ['data:read', 'data:write'], expires_at: expiresAt })
      const { status, headers, body } = await introspect({ token: secret })
      assert.equal(status, 200)
      assert.equal(headers.get('content-type'), 'application/json')
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.ok(body.active)
      const { iat, ...rest } = body
      assert.deepEqual(rest, {
        active: true,
        scope: 'data:read data:write',
        username: 'ada',
        token_type: 'Bearer',
        exp: Math.floor(Date.parse(expiresAt) / 1_000),
        sub: ada.id,
        iss: issuer,
        jti: id,
      })
      assert.ok(Math.abs(iat - deployment.clock.now() / 1_000) < 60)
    })

    test('a permanent token has no exp, and a token that began has the nbf from which on it is good', async () => {
      const { body: permanent } = await introspect({ token: ada.token })
      assert.ok(permanent.active && !('exp' in permanent) && !('nbf' in permanent))
      const notBefore = deployment.clock.now() + 60_500
      const { secret } = await create({ not_before: new Date(notBefore).toISOString() })
      await requireInactive({ token: secret })
      deployment.clock.advance(62_000)
      const { body: begun } = await introspect({ token: secret })
      assert.equal(begun.active && begun.nbf, Math.ceil(notBefore / 1_000))
    })

    test('a user name that was changed is told as it is now', async () => {
      const member = await deployment.member('before')
      await introspect({ token: member.token })
      const params = { id: member.id }
      await deployment.ask('updateAccount', { as: deployment.root, params, body: { username: 'after' } })
      const { body } = await introspect({ token: member.token })
      assert.equal(body.active && body.username, 'after')
    })

    test('the second answer is the first', async () => {
      const { secret } = await create({})
      const first = await introspect({ token: secret })
      assert.deepEqual((await introspect({ token: secret })).body, first.body)
    })

    test('of a token that is not good nothing is said but that it is not active', async () => {
      const revoked = await create({})
      await deployment.ask('revokeToken', { as: ada.token, params: { id: revoked.id } })
      const suspended = await create({})
      const change = { as: ada.token, params: { id: suspended.id }, body: { is_active: false } }
      await deployment.ask('updateToken', change)
      const expired = await create({ lifetime_seconds: 1 })
      assert.equal((await introspect({ token: expired.secret })).body.active, true)
      deployment.clock.advance(1_001)
      const disabled = await deployment.member('disabled')
      await deployment.ask('disableAccount', { as: deployment.root, params: { id: disabled.id } })
      const nobodys = generateToken({ prefix: 'chl', kind: 'account' }, (count) => randomBytes(count)).token.reveal()
      const dead = [
        revoked.secret,
        suspended.secret,
        expired.secret,
        disabled.token,
        nobodys,
        'junk',
        ada.token.slice(1),
      ]
      for (const token of dead) await requireInactive({ token })
    })

    test('a token that is revoked is inactive from the answer on, however often it was introspected before', async () => {
      const { secret, id } = await create({})
      for (const _ of [1, 2]) assert.equal((await introspect({ token: secret })).body.active, true)
      await deployment.ask('revokeToken', { as: ada.token, params: { id } })
      await requireInactive({ token: secret })
    })

    test('the old secret of a rotated token is active until its grace ends, and says when that is', async () => {
      const { id, secret } = await create({ permanent: true })
      const said = { as: ada.token, params: { id }, body: { grace_seconds: 60 } }
      const next = secretOf(await deployment.ask('rotateToken', said))
      const begun = await introspect({ token: next })
      assert.ok(begun.body.active && !('exp' in begun.body))
      const { body } = await introspect({ token: secret })
      assert.ok(body.active && body.exp !== undefined)
      assert.equal(body.jti, id)
      assert.ok(Math.abs(body.exp - (deployment.clock.now() / 1_000 + 60)) < 30)
      deployment.clock.advance(61_000)
      await requireInactive({ token: secret })
      assert.equal((await introspect({ token: next })).body.active, true)
    })

    test('a token of a project is told by the project, and has no user name', async () => {
      const project = await deployment.ask('createProject', { as: ada.token, body: { name: 'imaging' } })
      const { secret } = await create({ kind: 'project', project_id: project.body.id })
      const { body } = await introspect({ token: secret })
      assert.ok(body.active && !('username' in body))
      assert.equal(body.sub, project.body.id)
    })

    test('a manager token is inactive, unless its kind is asked for', async () => {
      await requireInactive({ token: resourceServer })
      const { body } = await introspect({ token: resourceServer, kinds: 'account manager' })
      assert.ok(body.active)
      assert.ok(!('sub' in body) && !('username' in body))
      await requireInactive({ token: ada.token, kinds: 'manager' })
    })

    test('a token that is bound to addresses is active for the address that is stated, and for none when none is', async () => {
      const { secret } = await create({ allowed_ips: ['192.0.2.0/24'] })
      assert.equal((await introspect({ token: secret, client_ip: '192.0.2.9' })).body.active, true)
      await requireInactive({ token: secret, client_ip: '198.51.100.9' })
      await requireInactive({ token: secret, client_ip: 'elsewhere' })
      await requireInactive({ token: secret })
    })
  })

  test('a token whose uses are used up is inactive, and so is one that is used too often, for as long as that holds', async () => {
    const counted = await create({ uses_remaining: 1 })
    assert.equal((await introspect({ token: counted.secret })).body.active, true)
    await requireInactive({ token: counted.secret })
    const rated = await create({ rate_limit: { limit: 1, window_seconds: 60 } })
    assert.equal((await introspect({ token: rated.secret })).body.active, true)
    await requireInactive({ token: rated.secret })
    deployment.clock.advance(60_000)
    assert.equal((await introspect({ token: rated.secret })).body.active, true)
  })

  test('a caller that asks too often is told when to ask again', async () => {
    const rate = { limit: 1, window_seconds: 60 }
    const hasty = await manager({ scopes: ['chatelaine.tokens:verify'], rate_limit: rate })
    assert.equal((await introspect({ token: ada.token }, hasty)).status, 200)
    const answer = await introspect({ token: ada.token }, hasty)
    assert.deepEqual([answer.status, answer.oauthError], [429, 'too_many_requests'])
    assert.match(answer.headers.get('retry-after') ?? '', /^[1-9][0-9]*$/)
    assert.equal(answer.headers.get('ratelimit-policy'), '"default";q=1;w=60')
  })

  describe('§2.3, errors, and who may ask', () => {
    const authorization = (value: string) => ({ headers: { authorization: value }, form: { token: ada.token } })

    test('without a credential the answer is 401 with a challenge, also when a browser is signed in', async () => {
      for (const headers of [{}, { cookie: 'chatelaine_session=whatever' }]) {
        const answer = await deployment.ask('introspectToken', { form: { token: ada.token }, headers })
        assert.equal(answer.oauthError, 'invalid_client')
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="chatelaine"')
      }
    })

    test('nobody without a credential learns what is wrong with the request', async () => {
      assert.equal((await deployment.ask('introspectToken', { form: {} })).oauthError, 'invalid_client')
    })

    test('a bearer token that is dead is answered 401 as RFC 6750 §3 says', async () => {
      const answer = await deployment.ask('introspectToken', authorization('Bearer junk'))
      assert.equal(answer.oauthError, 'invalid_client')
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="chatelaine", error="invalid_token"')
    })

    test('a bearer token that lacks the scope is answered 401 too, naming the scope', async () => {
      const narrow = await create({ scopes: ['data:read'] })
      const answer = await introspect({ token: ada.token }, narrow.secret)
      assert.equal(answer.status, 401)
      assert.equal(answer.oauthError, 'insufficient_scope')
      const challenge = 'Bearer realm="chatelaine", error="insufficient_scope", scope="chatelaine.tokens:verify"'
      assert.equal(answer.headers.get('www-authenticate'), challenge)
    })

    test('a client that uses Basic is answered, and challenged, in its own scheme', async () => {
      const basic = (password: string) => `Basic ${Buffer.from(`service:${password}`).toString('base64')}`
      const good = await deployment.ask('introspectToken', authorization(basic(resourceServer)))
      assert.equal(good.status === 200 && good.body.active, true)
      const bad = await deployment.ask('introspectToken', authorization(basic('wrong')))
      assert.equal(bad.oauthError, 'invalid_client')
      assert.match(bad.headers.get('www-authenticate') ?? '', /^Basic realm="chatelaine"/)
    })

    test('a client that authenticates twice and differently has made an invalid request', async () => {
      const headers = { authorization: `Bearer ${resourceServer}`, 'x-api-key': ada.token }
      const answer = await deployment.ask('introspectToken', { form: { token: ada.token }, headers })
      assert.equal(answer.status, 400)
      assert.equal(answer.oauthError, 'invalid_request')
    })

    test('an account that asks hears of its own tokens, and of those of others that they are inactive', async () => {
      const eve = await deployment.member('eve')
      const own = await create({}, eve.token)
      assert.equal((await introspect({ token: own.secret }, eve.token)).body.active, true)
      await requireInactive({ token: ada.token }, eve.token)
      await requireInactive({ token: resourceServer, kinds: 'manager' }, eve.token)
    })

    test('an error is described in the characters that RFC 6749 §5.2 allows', async () => {
      const answer = await introspect({ token: ada.token, kinds: 'everything' })
      assert.equal(answer.oauthError, 'invalid_request')
      assert.match(answer.detail, /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
      assert.match(answer.detail, /^kinds must be/)
    })
  })

  test('introspection counts as a use, by whoever presented the token', async () => {
    const { secret, id } = await create({})
    await introspect({ token: secret, client_ip: '192.0.2.77', user_agent: 'probe/1.0 (x)' })
    const uses = deployment.service.uses.take()
    const use = uses.find(({ tokenId }) => tokenId === id)
    assert.deepEqual([use?.count, use?.lastIp, use?.lastClient], [1, '192.0.2.77', 'probe/1.0'])
    deployment.service.uses.giveBack(uses)
  })

  test('a request that reaches the router is answered the same', async () => {
    const answer = await deployment.send('POST', '/oauth/%69ntrospect', {
      as: resourceServer,
      form: { token: ada.token },
    })
    assert.deepEqual(answer.body, (await introspect({ token: ada.token })).body)
  })
})

test('when it cannot be known whether a token is good, introspection says so and not that it is inactive', async () => {
  const deployment = await openDeployment()
  const app = createApp(deployment.service)
  // All at once, and each for a token that has to be looked up: more than the server is ready to look up at a time.
  const asks = Array.from({ length: coldReadsMax + 100 }, () =>
    app.fetch(
      new Request('http://127.0.0.1/oauth/introspect', {
        method: 'POST',
        headers: { authorization: `Bearer ${deployment.root}` },
        body: new URLSearchParams({ token: newToken() }),
      }),
    ),
  )
  const answers = await Promise.all(asks)
  const turnedAway = answers.filter(({ status }) => status === 503)
  assert.ok(turnedAway.length > 0)
  for (const answer of turnedAway) {
    assert.equal(((await answer.json()) as { error: string }).error, 'temporarily_unavailable')
    assert.equal(answer.headers.get('retry-after'), '1')
  }
  for (const answer of answers.filter(({ status }) => status !== 503)) {
    assert.deepEqual(await answer.json(), { active: false })
  }
  await deployment.close()
})

test('where no public URL is set, the issuer is the address at which the server is reached from its own machine', async () => {
  const origins = {
    '127.0.0.1:8470': 'http://127.0.0.1:8470',
    '0.0.0.0:8470': 'http://127.0.0.1:8470',
    '[::]:8470': 'http://127.0.0.1:8470',
    '[::1]:8470': 'http://[::1]:8470',
  }
  for (const [listen, origin] of Object.entries(origins)) {
    const deployment = await openDeployment({ CHATELAINE_LISTEN: listen })
    const { token } = await deployment.member('ada')
    const { body } = await deployment.ask('introspectToken', { as: deployment.root, form: { token } })
    assert.equal(body.active && body.iss, origin)
    await deployment.close()
  }
})
