import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { askAt, type Request } from './ask.ts'
import { caddy, startCaddy } from './caddy.ts'
import { askWhileAway, bearer, Guarded } from './guarded.ts'

// Whoever tests a change on a machine without Caddy is told so; where changes are accepted, it must be there.
const reason = typeof caddy === 'string' && process.env['CI'] === undefined ? caddy : false

describe('a service behind Caddy with the configuration of the guide', { skip: reason }, () => {
  const guarded = new Guarded(startCaddy)
  const ask = (target: string, asked: Request = {}) => askAt(guarded.proxy.socketPath, target, asked)

  async function requireRefused(status: number, target: string, asked: Request) {
    const refused = await ask(target, asked)
    assert.equal(refused.status, status, refused.body)
    guarded.requireNothingSeen()
    return refused
  }

  test('is told whom a good token speaks for, and gets the request as it was', async () => {
    const headers = { ...bearer(guarded.narrow.secret), 'content-type': 'text/plain' }
    const { status, body } = await ask('/data?page=2', { method: 'PUT', headers, body: 'some data' })
    assert.deepEqual({ status, body }, { status: 200, body: 'from the service' })
    const arrived = guarded.seen()
    assert.deepEqual([arrived.method, arrived.url, arrived.body], ['PUT', '/data?page=2', 'some data'])
    assert.equal(arrived.headers['x-chatelaine-account'], guarded.ada.id)
    assert.equal(arrived.headers['x-chatelaine-token-id'], guarded.narrow.id)
    assert.equal(arrived.headers['x-chatelaine-scopes'], 'data:read')
    assert.ok(!arrived.headers['x-chatelaine-project'])
  })

  test('never sees the token, in whichever scheme it came', async () => {
    const schemes = [
      bearer(guarded.narrow.secret),
      { token: `Token ${guarded.narrow.secret}` },
      { 'x-api-key': guarded.narrow.secret },
      { authorization: `Basic ${Buffer.from(`ada:${guarded.narrow.secret}`).toString('base64')}` },
    ]
    for (const headers of schemes) {
      assert.equal((await ask('/', { headers })).status, 200)
      assert.ok(!JSON.stringify(guarded.seen().headers).includes(guarded.narrow.secret))
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
    assert.equal((await ask('/', { headers: { ...forged, ...bearer(guarded.narrow.secret) } })).status, 200)
    const { headers } = guarded.seen()
    assert.equal(headers['x-chatelaine-account'], guarded.ada.id)
    assert.equal(headers['x-chatelaine-scopes'], 'data:read')
    assert.ok(!JSON.stringify(headers).includes('forged'))
    await requireRefused(401, '/', { headers: forged })
  })

  test('is not reached without a token, with a dead one, or with one that lacks the scope', async () => {
    const without = await requireRefused(401, '/', {})
    assert.equal(without.headers['www-authenticate'], 'Bearer realm="chatelaine"')
    await requireRefused(401, '/', { headers: bearer('junk') })
    const other = await guarded.create({ scopes: ['other:read'] })
    const lacking = await requireRefused(403, '/', { headers: bearer(other.secret) })
    assert.match(String(lacking.headers['www-authenticate']), /error="insufficient_scope", scope="data:read"$/)
    await requireRefused(403, '/', { headers: bearer(guarded.deployment.root) })
  })

  test('is not reached from the answer to a revocation on', async () => {
    const { id, secret } = await guarded.create({})
    assert.equal((await ask('/', { headers: bearer(secret) })).status, 200)
    guarded.service.take()
    await guarded.deployment.ask('revokeToken', { as: guarded.ada.token, params: { id } })
    await requireRefused(401, '/', { headers: bearer(secret) })
  })

  test('is not reached by a token that is used too often, and the client hears when to come back', async () => {
    const { secret } = await guarded.create({ scopes: ['data:read'], rate_limit: { limit: 1, window_seconds: 60 } })
    assert.equal((await ask('/', { headers: bearer(secret) })).status, 200)
    guarded.service.take()
    const refused = await requireRefused(429, '/', { headers: bearer(secret) })
    assert.match(refused.headers['retry-after'] ?? '', /^[1-9][0-9]*$/)
  })

  test('is not reached with a token in the URL, which counts as exposed', async () => {
    const { id, secret } = await guarded.create({})
    await requireRefused(400, `/data?key=${secret}`, { headers: bearer(guarded.narrow.secret) })
    const log = await guarded.deployment.ask('listAuditEntries', {
      as: guarded.deployment.root,
      query: { subject: id },
    })
    assert.ok(log.body.data.some(({ action }) => action === 'token.exposed'))
  })

  test('is not reached from an address that the client only says it has', async () => {
    const { secret } = await guarded.create({ scopes: ['data:read'], allowed_ips: ['192.0.2.0/24'] })
    await requireRefused(403, '/', { headers: { ...bearer(secret), 'x-forwarded-for': '192.0.2.8' } })
  })
})

describe('a service behind Caddy whose Chatelaine is away', { skip: reason }, () => {
  test('is reached by nobody', async (context) => {
    assert.equal(await askWhileAway(context, startCaddy), 502)
  })
})
