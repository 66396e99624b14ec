import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { openDeployment, secretOf, type Deployment, type Member } from './deployment.ts'

describe('forward authentication', () => {
  let deployment: Deployment
  let ada: Member

  before(async () => {
    deployment = await openDeployment({ CHATELAINE_TRUSTED_PROXIES: '127.0.0.1' })
    ada = await deployment.member('ada')
  })
  after(() => deployment.close())

  async function create(body: object, as = ada.token) {
    const answer = await deployment.ask('createToken', { as, body })
    assert.equal(answer.status, 201, answer.detail)
    return { id: answer.body.id, secret: secretOf(answer) }
  }

  interface Asked {
    readonly query?: string
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
  }

  async function verify(as: string | undefined, { query = '', method = 'GET', headers = {} }: Asked = {}) {
    return deployment.send(method, `/auth/verify${query}`, { ...(as === undefined ? {} : { as }), headers })
  }

  const names = ['x-chatelaine-account', 'x-chatelaine-token-id', 'x-chatelaine-scopes', 'x-chatelaine-project']

  describe('a request that may go on', () => {
    test('is answered 200 without a body, and with whose it is and what it may do', async () => {
      const { id, secret } = await create({ scopes: ['data:read', 'data:write'] })
      const { status, headers, body } = await verify(secret)
      assert.equal(status, 200)
      assert.equal(body, '')
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.deepEqual(
        names.map((name) => headers.get(name)),
        [ada.id, id, 'data:read data:write', ''],
      )
    })

    test('gets all four headers also where there is nothing to say, so that they replace what a client forged', async () => {
      const { secret, id } = await create({ kind: 'manager', scopes: ['chatelaine.tokens:verify'] }, deployment.root)
      const forged = Object.fromEntries(names.map((name) => [name, 'forged']))
      const { headers } = await verify(secret, { query: '?kind=manager', headers: forged })
      assert.deepEqual(
        names.map((name) => headers.get(name)),
        ['', id, 'chatelaine.tokens:verify', ''],
      )
    })

    test('is let go on in every scheme that a token is presented in', async () => {
      const { token } = ada
      const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
      const schemes: Record<string, string>[] = [
        { authorization: `Bearer ${token}` },
        { authorization: `bearer ${token}` },
        { authorization: `Token ${token}` },
        { authorization: `Key some-id:${token}` },
        { authorization: basic(`ada:${token}`) },
        { authorization: basic(`${token}:`) },
        { token: `Token ${token}` },
        { 'x-api-key': token },
      ]
      for (const headers of schemes) assert.equal((await verify(undefined, { headers })).status, 200)
    })

    test('is let go on by whichever method the proxy asks', async () => {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        assert.equal((await verify(ada.token, { method })).status, 200, method)
        assert.equal((await verify(undefined, { method })).status, 401, method)
      }
    })

    test('is answered at once when a body comes along that nobody reads, and the connection ends', async () => {
      const headers = { authorization: `Bearer ${ada.token}`, 'content-length': '1000' }
      const { status, connection } = await new Promise<{ status?: number; connection?: string }>((resolve, reject) => {
        const asked = request(`${deployment.origin}/auth/verify`, { method: 'POST', headers }, (answer) => {
          resolve({ status: answer.statusCode!, connection: answer.headers.connection! })
          asked.destroy()
        })
        asked.on('error', reject)
        asked.write('the first few bytes')
      })
      assert.deepEqual({ status, connection }, { status: 200, connection: 'close' })
    })

    test('may say how its body is encoded, since the body stays with the proxy', async () => {
      assert.equal((await verify(ada.token, { headers: { 'content-encoding': 'gzip' } })).status, 200)
    })

    test('counts as a use of its token, by the client behind the proxy', async () => {
      const { id, secret } = await create({})
      await verify(secret, { headers: { 'x-forwarded-for': '198.51.100.1, 192.0.2.8', 'user-agent': 'probe/2.0' } })
      const uses = deployment.service.uses.take()
      const use = uses.find(({ tokenId }) => tokenId === id)
      assert.deepEqual([use?.count, use?.lastIp, use?.lastClient], [1, '192.0.2.8', 'probe/2.0'])
      deployment.service.uses.giveBack(uses)
    })

    test('is answered the same when it reaches the router', async () => {
      const { id, secret } = await create({ scopes: ['data:read'] })
      const said = { as: secret }
      const good = await deployment.send('GET', '/auth/%76erify?scope=data:read', said)
      assert.equal(good.status, 200)
      assert.equal(good.headers.get('x-chatelaine-token-id'), id)
      assert.equal((await deployment.send('GET', '/auth/%76erify?scope=data:write', said)).problem, 'scope-missing')
    })
  })

  describe('a request that may not', () => {
    test('is answered 401 with a challenge when it carries no token, also when its browser is signed in', async () => {
      for (const headers of [{}, { cookie: 'chatelaine_session=whatever' }]) {
        const answer = await verify(undefined, { headers })
        assert.equal(answer.problem, 'credential-required')
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="chatelaine"')
      }
    })

    test('is answered 401 when its token is dead, and says that it is', async () => {
      const revoked = await create({})
      assert.equal((await verify(revoked.secret)).status, 200)
      await deployment.ask('revokeToken', { as: ada.token, params: { id: revoked.id } })
      for (const token of [revoked.secret, 'junk', ada.token.slice(0, -1)]) {
        const answer = await verify(token)
        assert.equal(answer.problem, 'credential-rejected')
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="chatelaine", error="invalid_token"')
      }
    })

    test('leaves the connection of the proxy open', async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const ports = new Set<number>()
      for (const headers of [{}, { authorization: 'Bearer junk' }, { authorization: `Bearer ${ada.token}` }]) {
        await new Promise((resolve, reject) => {
          const asked = request(`${deployment.origin}/auth/verify`, { agent, headers }, (answer) => {
            ports.add(answer.socket.localPort!)
            answer.resume().on('end', resolve)
          })
          asked.on('error', reject).end()
        })
      }
      agent.destroy()
      assert.equal(ports.size, 1)
    })

    test('carries none of the four headers in its answer', async () => {
      const { headers } = await verify(undefined, { headers: { 'x-chatelaine-account': ada.id } })
      for (const name of names) assert.ok(!headers.has(name), name)
    })

    test('is answered 403 when its token lacks a scope, naming all that it takes', async () => {
      const { secret } = await create({ scopes: ['data:read'] })
      const query = '?scope=data:read&scope=data:write'
      const answer = await verify(secret, { query })
      assert.equal(answer.problem, 'scope-missing')
      assert.match(answer.detail, /lacks data:write/)
      const challenge = 'Bearer realm="chatelaine", error="insufficient_scope", scope="data:read data:write"'
      assert.equal(answer.headers.get('www-authenticate'), challenge)
      assert.equal((await verify(ada.token, { query })).status, 200)
    })

    test('is answered 403 when its token is of a kind that is not welcome; managers are only when they are named', async () => {
      assert.equal((await verify(deployment.root)).problem, 'not-permitted')
      assert.equal((await verify(deployment.root, { query: '?kind=account&kind=manager' })).status, 200)
      assert.equal((await verify(ada.token, { query: '?kind=project' })).problem, 'not-permitted')
    })

    test('is answered 403 when its token does not reach the project', async () => {
      assert.equal((await verify(ada.token, { query: '?project=prj_0123456789abcdef' })).problem, 'not-permitted')
    })

    test('is answered 403 when its account is no member of the project, or is one no longer', async () => {
      const made = await deployment.ask('createProject', { as: ada.token, body: { name: 'imaging' } })
      const { id } = made.body
      const query = `?project=${id}`
      const eve = await deployment.member('eve')
      assert.equal((await verify(ada.token, { query })).status, 200)
      assert.equal((await verify(eve.token, { query })).problem, 'not-permitted')
      const params = { id }
      await deployment.ask('addMember', { as: ada.token, params, body: { account_id: eve.id, role: 'member' } })
      assert.equal((await verify(eve.token, { query })).status, 200)
      await deployment.ask('removeMember', { as: ada.token, params: { id, account_id: eve.id } })
      assert.equal((await verify(eve.token, { query })).problem, 'not-permitted')
      const own = await create({ kind: 'project', project_id: id })
      const { status, headers } = await verify(own.secret, { query })
      assert.equal(status, 200)
      assert.deepEqual([headers.get('x-chatelaine-account'), headers.get('x-chatelaine-project')], ['', id])
    })

    test('is answered 403 from an address that its token is not bound to, whatever the client says on the left', async () => {
      const { secret } = await create({ allowed_ips: ['192.0.2.0/24'] })
      const from = (address: string) => verify(secret, { headers: { 'x-forwarded-for': address } })
      assert.equal((await from('192.0.2.8')).status, 200)
      assert.equal((await from('198.51.100.1')).problem, 'address-not-allowed')
      assert.equal((await from('192.0.2.8, 198.51.100.1')).problem, 'address-not-allowed')
      assert.equal((await verify(secret)).problem, 'address-not-allowed')
    })

    test('is answered 401 when the uses of its token are used up, and a refused request uses none', async () => {
      const { secret } = await create({ uses_remaining: 2 })
      assert.equal((await verify(secret, { query: '?kind=project' })).status, 403)
      assert.deepEqual([(await verify(secret)).status, (await verify(secret)).status], [200, 200])
      const answer = await verify(secret)
      assert.equal(answer.problem, 'credential-rejected')
      assert.match(answer.detail, /used up/)
    })

    test('is answered 429 when its token is used too often, and goes on when the time that it names is over', async () => {
      const { secret } = await create({ rate_limit: { limit: 1, window_seconds: 60 } })
      assert.equal((await verify(secret)).status, 200)
      const answer = await verify(secret)
      assert.equal(answer.problem, 'too-many-attempts')
      deployment.clock.advance(Number(answer.headers.get('retry-after')) * 1_000)
      assert.equal((await verify(secret)).status, 200)
    })

    test('is answered 400 when it carries two tokens that differ', async () => {
      const { secret } = await create({})
      assert.equal((await verify(ada.token, { headers: { 'x-api-key': secret } })).problem, 'conflicting-credentials')
    })
  })

  describe('what it is asked', () => {
    test('an address that makes no sense is refused, by the name of its parameter, and never let through', async () => {
      for (const query of ['?scope=Data', '?scopes=data:read', '?project=42', '?kind=robot', '?kind=account&kind=a']) {
        const answer = await verify(ada.token, { query })
        assert.equal(answer.problem, 'invalid-request', query)
        assert.match(answer.detail, /^(?:scope|scopes|project|kind)/, query)
      }
    })

    test('an empty value is refused, since a variable that nobody has set must not open the service', async () => {
      const { secret } = await create({ scopes: ['data:read'] })
      for (const query of ['?scope=', '?scope', '?project=', '?kind=', '?scope=data:read&scope=']) {
        const answer = await verify(secret, { query })
        assert.equal(answer.problem, 'invalid-request', query)
        assert.match(answer.detail, /^(?:scope|project|kind) is empty/, query)
      }
    })

    test('addresses that differ are kept apart, however many there are', async () => {
      const { secret } = await create({ scopes: ['data:read'] })
      for (let count = 0; count < 300; count += 1) {
        assert.equal((await verify(secret, { query: `?scope=data:write${count}` })).status, 403)
      }
      assert.equal((await verify(secret, { query: '?scope=data:read' })).status, 200)
    })
  })

  describe('a token in a URL', () => {
    async function requireExposed(id: string): Promise<void> {
      const log = await deployment.ask('listAuditEntries', { as: deployment.root, query: { subject: id } })
      assert.equal(log.body.data.filter(({ action }) => action === 'token.exposed').length, 1)
    }

    test('of the original request is exposed and refused, in whichever header the proxy says that URL', async () => {
      for (const name of ['x-original-uri', 'x-forwarded-uri']) {
        const { id, secret } = await create({})
        const answer = await verify(ada.token, { headers: { [name]: `/data?key=${secret}` } })
        assert.equal(answer.problem, 'token-in-url')
        await requireExposed(id)
        const escaped = await verify(ada.token, { headers: { [name]: `/data?key=${secret.replace('_', '%5F')}` } })
        assert.equal(escaped.problem, 'token-in-url')
      }
    })

    test('of our own is exposed and refused, and stays so when it is asked again', async () => {
      const { id, secret } = await create({})
      for (const _ of [1, 2]) assert.equal((await verify(secret, { query: `?t=${secret}` })).problem, 'token-in-url')
      await requireExposed(id)
    })

    test('in its path is let be, and so is a query without a token', async () => {
      const { secret } = await create({})
      for (const uri of [`/v1/tokens/${secret}/`, '/data?page_acc_size=5&q=%20', '/data', '?']) {
        assert.equal((await verify(ada.token, { headers: { 'x-original-uri': uri } })).status, 200, uri)
      }
    })
  })
})
