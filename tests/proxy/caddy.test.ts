import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { openDeployment, secretOf, type Deployment, type Member } from '../http/deployment.ts'
import { askAt, type Request, type Running } from './ask.ts'
import { caddy, startCaddy } from './caddy.ts'
import { startService, type Seen, type Service } from './service.ts'

// Whoever tests a change on a machine without Caddy is told so; where changes are accepted, it must be there.
const reason = typeof caddy === 'string' && process.env['CI'] === undefined ? caddy : false

describe('a service behind Caddy with the configuration of the guide', { skip: reason }, () => {
  let deployment: Deployment
  let service: Service
  let proxy: Running
  let ada: Member
  let narrow: { readonly id: string; readonly secret: string }

  before(async () => {
    deployment = await openDeployment({ CHATELAINE_TRUSTED_PROXIES: '127.0.0.1' })
    service = await startService()
    proxy = await startCaddy({ chatelaine: new URL(deployment.origin).host, service: service.address })
    ada = await deployment.member('ada')
    narrow = await create({ scopes: ['data:read'] })
  })
  after(async () => {
    await proxy?.stop()
    await service?.stop()
    await deployment?.close()
  })
  beforeEach(() => void service.take())

  async function create(body: object) {
    const answer = await deployment.ask('createToken', { as: ada.token, body })
    assert.equal(answer.status, 201, answer.detail)
    return { id: answer.body.id, secret: secretOf(answer) }
  }

  const ask = (target: string, asked: Request = {}) => askAt(proxy.socketPath, target, asked)
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

  /** The one request that reached the service. */
  function seen(): Seen {
    const [only, ...more] = service.take()
    assert.ok(only !== undefined && more.length === 0, 'one request reached the service')
    return only
  }

  async function requireRefused(status: number, target: string, asked: Request) {
    const refused = await ask(target, asked)
    assert.equal(refused.status, status, refused.body)
    assert.deepEqual(service.take(), [])
    return refused
  }

  test('is told whom a good token speaks for, and gets the request as it was', async () => {
    const headers = { ...bearer(narrow.secret), 'content-type': 'text/plain' }
    const { status, body } = await ask('/data?page=2', { method: 'PUT', headers, body: 'some data' })
    assert.deepEqual({ status, body }, { status: 200, body: 'from the service' })
    const arrived = seen()
    assert.deepEqual([arrived.method, arrived.url, arrived.body], ['PUT', '/data?page=2', 'some data'])
    assert.equal(arrived.headers['x-chatelaine-account'], ada.id)
    assert.equal(arrived.headers['x-chatelaine-token-id'], narrow.id)
    assert.equal(arrived.headers['x-chatelaine-scopes'], 'data:read')
    assert.ok(!arrived.headers['x-chatelaine-project'])
  })

  test('never sees the token, in whichever scheme it came', async () => {
    const schemes = [
      bearer(narrow.secret),
      { token: `Token ${narrow.secret}` },
      { 'x-api-key': narrow.secret },
      { authorization: `Basic ${Buffer.from(`ada:${narrow.secret}`).toString('base64')}` },
    ]
    for (const headers of schemes) {
      assert.equal((await ask('/', { headers })).status, 200)
      assert.ok(!JSON.stringify(seen().headers).includes(narrow.secret))
    }
  })

  test('is told nothing that a client forged, also where the answer says nothing', async () => {
    const forged = {
      'x-chatelaine-account': 'acc_forged0000000000',
      'X-CHATELAINE-TOKEN-ID': 'tok_forged0000000000',
      'x-chatelaine-scopes': '*',
      'x-chatelaine-project': ['prj_forged0000000000', 'prj_forged1111111111'],
      x_chatelaine_account: 'acc_forged0000000000',
    }
    assert.equal((await ask('/', { headers: { ...forged, ...bearer(narrow.secret) } })).status, 200)
    const { headers } = seen()
    assert.equal(headers['x-chatelaine-account'], ada.id)
    assert.equal(headers['x-chatelaine-scopes'], 'data:read')
    assert.ok(!JSON.stringify(headers).includes('forged'))
    await requireRefused(401, '/', { headers: forged })
  })

  test('is not reached without a token, with a dead one, or with one that lacks the scope', async () => {
    const without = await requireRefused(401, '/', {})
    assert.equal(without.headers['www-authenticate'], 'Bearer realm="chatelaine"')
    await requireRefused(401, '/', { headers: bearer('junk') })
    const other = await create({ scopes: ['other:read'] })
    const lacking = await requireRefused(403, '/', { headers: bearer(other.secret) })
    assert.match(String(lacking.headers['www-authenticate']), /error="insufficient_scope", scope="data:read"$/)
    await requireRefused(403, '/', { headers: bearer(deployment.root) })
  })

  test('is not reached from the answer to a revocation on', async () => {
    const { id, secret } = await create({})
    assert.equal((await ask('/', { headers: bearer(secret) })).status, 200)
    service.take()
    await deployment.ask('revokeToken', { as: ada.token, params: { id } })
    await requireRefused(401, '/', { headers: bearer(secret) })
  })

  test('is not reached by a token that is used too often, and the client hears when to come back', async () => {
    const { secret } = await create({ scopes: ['data:read'], rate_limit: { limit: 1, window_seconds: 60 } })
    assert.equal((await ask('/', { headers: bearer(secret) })).status, 200)
    service.take()
    const refused = await requireRefused(429, '/', { headers: bearer(secret) })
    assert.match(refused.headers['retry-after'] ?? '', /^[1-9][0-9]*$/)
  })

  test('is not reached with a token in the URL, which counts as exposed', async () => {
    const { id, secret } = await create({})
    await requireRefused(400, `/data?key=${secret}`, { headers: bearer(narrow.secret) })
    const log = await deployment.ask('listAuditEntries', { as: deployment.root, query: { subject: id } })
    assert.ok(log.body.data.some(({ action }) => action === 'token.exposed'))
  })

  test('is not reached from an address that the client only says it has', async () => {
    const { secret } = await create({ scopes: ['data:read'], allowed_ips: ['192.0.2.0/24'] })
    await requireRefused(403, '/', { headers: { ...bearer(secret), 'x-forwarded-for': '192.0.2.8' } })
  })
})

describe('a service behind Caddy whose Chatelaine is away', { skip: reason }, () => {
  test('is reached by nobody', async (context) => {
    const deployment = await openDeployment()
    const { host } = new URL(deployment.origin)
    await deployment.close()
    const service = await startService()
    context.after(() => service.stop())
    const proxy = await startCaddy({ chatelaine: host, service: service.address })
    context.after(() => proxy.stop())
    const { status } = await askAt(proxy.socketPath, '/', { headers: { authorization: `Bearer ${deployment.root}` } })
    assert.equal(status, 502)
    assert.deepEqual(service.take(), [])
  })
})
