import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openDeployment } from '../http/deployment.ts'
import { askAt, type Heard, type Request } from './ask.ts'
import { askWhileAway, bearer, Guarded, placesOf } from './guarded.ts'
import { nginx, peerHeader, startNginx } from './nginx.ts'
import type { Proxy } from './proxy.ts'
import { startService } from './service.ts'

interface Asked extends Request {
  /** The address of the client; one that no token is bound to unless said otherwise. */
  readonly from?: string
}

function askThrough({ socketPath }: Proxy, path: string, { from = '198.51.100.9', ...asked }: Asked): Promise<Heard> {
  return askAt(socketPath, path, { ...asked, headers: { ...asked.headers, [peerHeader]: from } })
}

// Whoever tests a change on a machine without nginx is told so; where changes are accepted, it must be there.
const reason = typeof nginx === 'string' && process.env['CI'] === undefined ? nginx : false

describe('a service behind nginx with the configuration of the guide', { skip: reason }, () => {
  const guarded = new Guarded(startNginx)
  const ask = (target: string, asked: Asked = {}) => askThrough(guarded.proxy, target, asked)

  describe('a request with a good token', () => {
    test('reaches the service, which is told whom it speaks for', async () => {
      const { status, body } = await ask('/data?page=2', { headers: bearer(guarded.narrow.secret) })
      assert.equal(status, 200)
      assert.equal(body, 'from the service')
      const { url, headers } = guarded.seen()
      assert.equal(url, '/data?page=2')
      assert.equal(headers['x-chatelaine-account'], guarded.ada.id)
      assert.equal(headers['x-chatelaine-token-id'], guarded.narrow.id)
      assert.equal(headers['x-chatelaine-scopes'], 'data:read')
      assert.equal(headers['x-chatelaine-project'], undefined)
    })

    test('reaches the service without the token, in whichever scheme it came', async () => {
      const schemes = [
        bearer(guarded.narrow.secret),
        { token: `Token ${guarded.narrow.secret}` },
        { 'x-api-key': guarded.narrow.secret },
        { authorization: `Basic ${Buffer.from(`ada:${guarded.narrow.secret}`).toString('base64')}` },
      ]
      for (const headers of schemes) {
        assert.equal((await ask('/', { headers })).status, 200)
        const { headers: arrived } = guarded.seen()
        for (const name of ['authorization', 'token', 'x-api-key']) assert.equal(arrived[name], undefined, name)
      }
    })

    test('reaches the service with its method, its body and its encoding', async () => {
      const headers = { ...bearer(guarded.narrow.secret), 'content-encoding': 'identity', 'content-type': 'text/plain' }
      assert.equal((await ask('/data', { method: 'PUT', headers, body: 'some data' })).status, 200)
      const { method, body } = guarded.seen()
      assert.deepEqual({ method, body }, { method: 'PUT', body: 'some data' })
    })

    test('reaches the service with a body in pieces and with many cookies, which are none of our business', async () => {
      const cookie = Array.from({ length: 80 }, (_, index) => `cookie-${index}=${'x'.repeat(80)}`).join('; ')
      const headers = { ...bearer(guarded.narrow.secret), cookie, 'transfer-encoding': 'chunked' }
      assert.equal((await ask('/data', { method: 'POST', headers, body: 'in pieces' })).status, 200)
      const { body, headers: arrived } = guarded.seen()
      assert.equal(body, 'in pieces')
      assert.equal(arrived.cookie, cookie)
    })

    test('with as many scopes as a token may have reaches the service with all of them', async () => {
      const scopes = ['data:read', ...Array.from({ length: 99 }, (_, index) => `data:${'a'.repeat(110)}-${index}`)]
      const { secret } = await guarded.create({ scopes })
      assert.equal((await ask('/', { headers: bearer(secret) })).status, 200)
      assert.deepEqual(new Set(String(guarded.seen().headers['x-chatelaine-scopes']).split(' ')), new Set(scopes))
    })

    test('whose service fails gets the answer of the service', async () => {
      const { status, body } = await ask('/broken', { headers: bearer(guarded.narrow.secret) })
      assert.deepEqual({ status, body }, { status: 500, body: 'from the service' })
    })
  })

  describe('a request that forges', () => {
    const forgeries = {
      'x-chatelaine-account': 'acc_forged0000000000',
      'X-CHATELAINE-TOKEN-ID': 'tok_forged0000000000',
      'x-chatelaine-scopes': '*',
      'x-chatelaine-project': 'prj_forged0000000000',
      x_chatelaine_account: 'acc_forged0000000000',
    }

    test('what the service is told has its words replaced or removed', async () => {
      const { status } = await ask('/', { headers: { ...forgeries, ...bearer(guarded.narrow.secret) } })
      assert.equal(status, 200)
      const { headers } = guarded.seen()
      assert.equal(headers['x-chatelaine-account'], guarded.ada.id)
      assert.equal(headers['x-chatelaine-token-id'], guarded.narrow.id)
      assert.equal(headers['x-chatelaine-scopes'], 'data:read')
      assert.ok(!JSON.stringify(headers).includes('forged'))
    })

    test('what the service is told and has no token does not reach it', async () => {
      assert.equal((await ask('/', { headers: forgeries })).status, 401)
      guarded.requireNothingSeen()
    })

    test('the same header twice has both replaced', async () => {
      const headers = {
        ...bearer(guarded.narrow.secret),
        'x-chatelaine-project': ['prj_forged0000000000', 'prj_forged1111111111'],
      }
      assert.equal((await ask('/', { headers })).status, 200)
      assert.equal(guarded.seen().headers['x-chatelaine-project'], undefined)
    })

    test('its requirements or its address of asking does not reach the service', async () => {
      for (const target of ['/chatelaine', '/chatelaine?scope=data:read']) {
        assert.equal((await ask(target, { headers: bearer(guarded.narrow.secret) })).status, 404)
      }
      for (const target of ['/admin/?scope=data:read', '/x/../admin/', '/%61dmin/', '//admin/']) {
        assert.equal((await ask(target, { headers: bearer(guarded.narrow.secret) })).status, 403, target)
      }
      const headers = {
        ...bearer(guarded.narrow.secret),
        'x-original-uri': '/',
        'x-forwarded-uri': '/',
        'x-forwarded-method': 'GET',
      }
      assert.equal((await ask('/admin/', { headers })).status, 403)
      guarded.requireNothingSeen()
    })

    test('the address that it comes from is judged by the one that nginx saw', async () => {
      const { secret } = await guarded.create({ scopes: ['data:read'], allowed_ips: ['192.0.2.0/24'] })
      const headers = { ...bearer(secret), 'x-forwarded-for': '192.0.2.8' }
      assert.equal((await ask('/', { headers, from: '198.51.100.9' })).status, 403)
      guarded.requireNothingSeen()
      assert.equal((await ask('/', { headers: bearer(secret), from: '192.0.2.8' })).status, 200)
    })
  })

  describe('a request that is refused', () => {
    test('for lack of a token, or for a dead one, is 401 with the challenge, once', async () => {
      const without = await ask('/')
      assert.equal(without.status, 401)
      assert.equal(without.headers['www-authenticate'], 'Bearer realm="chatelaine"')
      const dead = await ask('/', { headers: bearer('junk') })
      assert.equal(dead.status, 401)
      assert.equal(dead.headers['www-authenticate'], 'Bearer realm="chatelaine", error="invalid_token"')
      guarded.requireNothingSeen()
    })

    test('for lack of a scope of its place is 403 with the challenge that names them, once', async () => {
      const refused = await ask('/admin/users', { headers: bearer(guarded.narrow.secret) })
      assert.equal(refused.status, 403)
      const challenge = 'Bearer realm="chatelaine", error="insufficient_scope", scope="data:read data:admin"'
      assert.equal(refused.headers['www-authenticate'], challenge)
      guarded.requireNothingSeen()
      assert.equal((await ask('/admin/users', { headers: bearer(guarded.ada.token) })).status, 200)
    })

    test('for its kind is 403', async () => {
      assert.equal((await ask('/', { headers: bearer(guarded.deployment.root) })).status, 403)
      guarded.requireNothingSeen()
    })

    test('since its token was revoked is refused from the answer to the revocation on', async () => {
      const { id, secret } = await guarded.create({})
      for (const _ of [1, 2]) assert.equal((await ask('/', { headers: bearer(secret) })).status, 200)
      await guarded.deployment.ask('revokeToken', { as: guarded.ada.token, params: { id } })
      guarded.service.take()
      assert.equal((await ask('/', { headers: bearer(secret) })).status, 401)
      guarded.requireNothingSeen()
    })

    test('for a token in its URL is 400, and the token counts as exposed', async () => {
      const { id, secret } = await guarded.create({})
      assert.equal((await ask(`/data?key=${secret}`, { headers: bearer(guarded.narrow.secret) })).status, 400)
      guarded.requireNothingSeen()
      const log = await guarded.deployment.ask('listAuditEntries', {
        as: guarded.deployment.root,
        query: { subject: id },
      })
      assert.ok(log.body.data.some(({ action }) => action === 'token.exposed'))
    })

    test('since its token is used too often is 429, and says when to come back', async () => {
      const { secret } = await guarded.create({ scopes: ['data:read'], rate_limit: { limit: 1, window_seconds: 60 } })
      assert.equal((await ask('/', { headers: bearer(secret) })).status, 200)
      guarded.service.take()
      const refused = await ask('/', { headers: bearer(secret) })
      assert.equal(refused.status, 429)
      assert.match(refused.headers['retry-after'] ?? '', /^[1-9][0-9]*$/)
      guarded.requireNothingSeen()
    })

    test('for two tokens that differ is 400', async () => {
      const headers = { ...bearer(guarded.narrow.secret), 'x-api-key': guarded.ada.token }
      assert.equal((await ask('/', { headers })).status, 400)
      guarded.requireNothingSeen()
    })
  })
})

describe('a place behind nginx for which nobody has said what it takes', { skip: reason }, () => {
  test('is reached by nobody', async (context) => {
    const deployment = await openDeployment()
    context.after(() => deployment.close())
    const { token } = await deployment.member('ada')
    const service = await startService()
    context.after(() => service.stop())
    const proxy = await startNginx(placesOf(deployment, service), { 'set $chatelaine_requires "scope=data:read";': '' })
    context.after(() => proxy.stop())
    const { status } = await askThrough(proxy, '/', { headers: bearer(token) })
    assert.equal(status, 403)
    assert.deepEqual(service.take(), [])
  })
})

describe('a service behind nginx whose Chatelaine is away', { skip: reason }, () => {
  test('is reached by nobody, and everybody is told that it is no fault of theirs', async (context) => {
    assert.equal(await askWhileAway(context, startNginx), 503)
  })
})
