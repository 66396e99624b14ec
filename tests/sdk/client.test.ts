import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { inspect } from 'node:util'
import {
  ChatelaineProblem,
  createClient,
  createVerifier,
  isProblem,
  type ClientSettings,
  type WaitedForVerifiers,
} from '@chatelaine/sdk'
import { openDeployment, type Deployment } from '../http/deployment.ts'

describe('the client', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await openDeployment()
  })
  after(() => deployment.close())

  const client = (settings: Partial<ClientSettings> = {}) =>
    createClient({ url: deployment.origin, token: deployment.root, ...settings })

  /** A `fetch` that carries requests out and loses the answers to the first of those that create. */
  function losing(count: number): typeof fetch {
    let left = count
    return async (url, init) => {
      const response = await fetch(url, init)
      if (init?.method !== 'POST' || left === 0) return response
      left -= 1
      await response.body?.cancel()
      throw new TypeError('the connection broke')
    }
  }

  async function account() {
    return client().accounts.create({ username: `u${Math.random().toString(36).slice(2)}` })
  }

  test('a token that it made verifies, and its secret prints as [redacted]', async () => {
    const { id } = await account()
    const issued = await client().tokens.create({ account_id: id, label: 'ci' })
    assert.equal(issued.label, 'ci')
    assert.ok(!inspect(issued).includes(issued.token.reveal()))
    assert.ok(!JSON.stringify(issued).includes(issued.token.reveal()))
    const answer = await client().tokens.verify({ token: issued.token.reveal() })
    assert.ok(answer.valid)
    assert.equal(answer.token_id, issued.id)
  })

  test('a call that waits for verifiers says how they stood', async () => {
    const { id: accountId } = await account()
    const { id, token } = await client().tokens.create({ account_id: accountId })
    const verifier = createVerifier({ url: deployment.origin, token: deployment.root })
    while (verifier.verify(token.reveal()) instanceof Promise) await verifier.verify(token.reveal())
    const heard: WaitedForVerifiers[] = []
    const onWaited = (waited: WaitedForVerifiers) => void heard.push(waited)
    await client().tokens.update(id, { label: 'another' }, { onWaited })
    assert.deepEqual(heard, [], 'one that does not wait says nothing')
    await client().tokens.revoke(id, {}, { wait: 'verifiers', onWaited })
    const withoutTime = heard.map(({ acknowledged, lapsed, outstanding }) => ({ acknowledged, lapsed, outstanding }))
    assert.deepEqual(withoutTime, [{ acknowledged: 1, lapsed: 0, outstanding: 0 }])
    await verifier.close()
  })

  test('a list goes on over its pages', async () => {
    const { id } = await account()
    for (const label of ['a', 'b', 'c', 'd', 'e']) await client().tokens.create({ account_id: id, label })
    const labels = await Array.fromAsync(client().tokens.list({ account_id: id, limit: 2 }), ({ label }) => label)
    assert.deepEqual(labels, ['e', 'd', 'c', 'b', 'a'])
    const page = await client().tokens.page({ account_id: id, limit: 2 })
    assert.equal(page.data.length, 2)
    assert.notEqual(page.next_cursor, null)
  })

  test('a filter that is a flag is understood, and one that is undefined is left out', async () => {
    const { id } = await account()
    await client().tokens.create({ account_id: id, permanent: true })
    assert.equal((await client().tokens.page({ account_id: id, permanent: true, q: undefined })).data.length, 1)
    assert.equal((await client().tokens.page({ account_id: id, permanent: false })).data.length, 0)
  })

  test('when the answer that holds the secret is lost, that token is revoked and another made', async () => {
    const { id } = await account()
    const issued = await client({ fetch: losing(1) }).tokens.create({ account_id: id })
    assert.equal((await client().tokens.verify({ token: issued.token.reveal() })).valid, true)
    const all = await Array.fromAsync(client().tokens.list({ account_id: id, status: 'active,revoked' }))
    assert.deepEqual(all.map(({ status }) => status).toSorted(), ['active', 'revoked'])
    assert.equal(all.find(({ status }) => status === 'active')?.id, issued.id)
  })

  test('when the answer to a rotation is lost, the next secret takes the place of the lost one', async () => {
    const { id } = await account()
    const issued = await client().tokens.create({ account_id: id })
    const rotated = await client({ fetch: losing(1) }).tokens.rotate(issued.id)
    assert.equal(rotated.id, issued.id)
    assert.notEqual(rotated.token.reveal(), issued.token.reveal())
    assert.equal((await client().tokens.verify({ token: rotated.token.reveal() })).valid, true)
  })

  test('a portal session reaches what it is for, prints as [redacted], and another is opened for a lost one', async () => {
    const { id } = await account()
    const opened = await client({ fetch: losing(1) }).portalSessions.create({ account_id: id })
    assert.equal(opened.account_id, id)
    assert.ok(!JSON.stringify(opened).includes(opened.session.reveal()))
    const page = client({ token: opened.session })
    const made = await page.tokens.create({ label: 'made on the page' })
    assert.equal((await page.tokens.get(made.id)).account_id, id)
  })

  test('an account whose creation was answered into the void is made once', async () => {
    const made = await client({ fetch: losing(2) }).accounts.create({ username: 'once' })
    assert.equal(made.username, 'once')
    const found = await Array.fromAsync(client().accounts.list({ q: 'once' }))
    assert.deepEqual(
      found.map(({ id }) => id),
      [made.id],
    )
  })

  test('what creates nothing and does more than read is sent once', async () => {
    const { id } = await account()
    let sent = 0
    const broken = client({
      fetch: () => {
        sent += 1
        return Promise.reject(new TypeError('no network'))
      },
    })
    await assert.rejects(broken.accounts.disable(id), { key: 'unavailable' })
    assert.equal(sent, 1)
  })

  test('a refusal is a problem whose key says which, with the fields that are wrong', async () => {
    const refused = await client()
      .tokens.create({ label: 'x', scopes: ['Not A Scope'] })
      .then(() => assert.fail('it was accepted'))
      .catch((error: unknown) => error)
    assert.ok(isProblem(refused, 'invalid-request'))
    assert.equal(refused.status, 400)
    assert.deepEqual(
      refused.faults.map(({ pointer }) => pointer),
      ['/scopes/0'],
    )
    assert.ok(refused.instance?.startsWith('urn:uuid:'))
    assert.ok(!isProblem(refused, 'not-found'))
  })

  test('a dead credential is credential-rejected, also where OAuth has another word for it', async () => {
    const dead = client({ token: 'chl_acc_nonsense' })
    await assert.rejects(dead.tokens.getSelf(), { key: 'credential-rejected', status: 401 })
    await assert.rejects(dead.oauth.introspect({ token: 'x' }), { key: 'credential-rejected', status: 401 })
  })

  test('introspection and revocation of OAuth are asked as forms', async () => {
    const { id } = await account()
    const { token } = await client().tokens.create({ account_id: id })
    assert.equal((await client().oauth.introspect({ token: token.reveal() })).active, true)
    await client().oauth.revoke({ token: token.reveal() })
    assert.equal((await client().oauth.introspect({ token: token.reveal() })).active, false)
  })

  test('a device that nobody has answered yet hears so in the words of RFC 8628', async () => {
    const { oauth } = createClient({ url: deployment.origin })
    const { device_code: deviceCode } = await oauth.authorizeDevice({ client_id: 'a test' })
    const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'a test' }
    await assert.rejects(oauth.exchange({ ...grant, device_code: deviceCode }), {
      oauthError: 'authorization_pending',
      status: 400,
    })
  })

  test('an export of the audit log comes in as it is read, and one may stop reading', async () => {
    const text = (await Array.fromAsync(client().audit.export())).join('')
    assert.ok(text.endsWith('\n'))
    for await (const piece of client().audit.export()) {
      assert.ok(piece.length > 0)
      break
    }
  })

  test('the token is asked for before each request', async () => {
    const { id } = await account()
    const tokens = [await client().tokens.create({ account_id: id }), await client().tokens.create({ account_id: id })]
    const given = tokens.map(({ token }) => token)
    const changing = client({ token: () => given.shift()! })
    assert.equal((await changing.tokens.getSelf()).id, tokens[0]!.id)
    assert.equal((await changing.tokens.getSelf()).id, tokens[1]!.id)
  })

  test('what is no id goes into no URL', async () => {
    for (const id of ['', '..', 'self', deployment.root]) {
      await assert.rejects(client().tokens.get(id), RangeError)
    }
  })

  describe('before a server that is not well', () => {
    async function during<T>(listener: RequestListener, work: (url: string) => Promise<T>): Promise<T> {
      const server = createServer(listener)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      try {
        return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      } finally {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    }

    const busy = JSON.stringify({
      type: '/docs/errors/unavailable',
      title: '',
      status: 503,
      detail: 'busy',
      instance: '',
    })

    test('it comes back when the server says so', async () => {
      const askedAt: number[] = []
      await during(
        (_, response) => {
          askedAt.push(performance.now())
          if (askedAt.length > 1) response.end('{"status":"ok"}')
          else response.writeHead(503, { 'retry-after': '1' }).end(busy)
        },
        (url) => createClient({ url }).server.health(),
      )
      assert.equal(askedAt.length, 2)
      assert.ok(askedAt[1]! - askedAt[0]! >= 990, 'it came back too early')
    })

    test('it does not wait for what comes after its deadline', async () => {
      const began = performance.now()
      const asked = during(
        (_, response) => void response.writeHead(503, { 'retry-after': '60' }).end(busy),
        (url) => createClient({ url }).server.health({ deadlineMs: 500 }),
      )
      await assert.rejects(asked, { key: 'unavailable', status: 503, retryAfterSeconds: 60 })
      assert.ok(performance.now() - began < 400)
    })

    test('a server that says nothing is unavailable by the deadline', async () => {
      const asked = during(
        () => undefined,
        (url) => createClient({ url }).server.health({ deadlineMs: 50 }),
      )
      await assert.rejects(asked, (error) => isProblem(error, 'unavailable') && error.status === undefined)
    })

    test('a call ends with the reason of its signal, while it waits to repeat too', async () => {
      const reason = new Error('enough')
      const ending = new AbortController()
      const asked = during(
        (_, response) => {
          response.writeHead(503, { 'retry-after': '5' }).end(busy, () => setImmediate(() => ending.abort(reason)))
        },
        (url) => createClient({ url }).server.health({ signal: ending.signal }),
      )
      await assert.rejects(asked, (error) => error === reason)
    })

    test('a redirect is not followed: whoever could redirect would be sent the token', async () => {
      let asked = 0
      const redirected = during(
        (_, response) => {
          asked += 1
          response.writeHead(302, { location: '/elsewhere' }).end()
        },
        (url) => createClient({ url, token: 'secret' }).tokens.getSelf(),
      )
      await assert.rejects(redirected, { key: 'unexpected-answer' })
      assert.equal(asked, 1)
    })

    test('what is no Chatelaine is told from a Chatelaine that refuses', async () => {
      const lost = during(
        (_, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not here</h1>'),
        (url) => createClient({ url }).server.health(),
      )
      await assert.rejects(lost, { key: 'unexpected-answer', status: 404 })
      const odd = during(
        (_, response) => response.end('<h1>Welcome</h1>'),
        (url) => createClient({ url }).server.health(),
      )
      await assert.rejects(odd, { key: 'unexpected-answer', status: 200 })
    })

    test('a list whose cursor leads nowhere ends', async () => {
      const listed = during(
        (_, response) => void response.end('{"data":[],"next_cursor":"same"}'),
        (url) => Array.fromAsync(createClient({ url }).tokens.list()),
      )
      await assert.rejects(listed, { key: 'unexpected-answer' })
    })

    test('nothing there at all is unavailable', async () => {
      const url = await during(
        () => undefined,
        (url) => Promise.resolve(url),
      )
      const asked = createClient({ url, deadlineMs: 300 }).server.health()
      await assert.rejects(asked, (error) => error instanceof ChatelaineProblem && error.key === 'unavailable')
    })
  })

  test('a URL that could carry a credential is refused', () => {
    for (const url of ['https://user:pw@example.org', 'https://example.org/?t=1', 'ftp://example.org', 'nonsense']) {
      assert.throws(() => createClient({ url }), TypeError)
    }
  })
})
