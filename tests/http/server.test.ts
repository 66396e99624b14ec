import assert from 'node:assert/strict'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openApiDocument, problems, problemType, routes, type ProblemKey, type Route } from '@chatelaine/api'
import packageJson from '../../packages/server/package.json' with { type: 'json' }
import { openDeployment, secretOf, type Deployment, type Member } from './deployment.ts'

describe('the server', () => {
  let deployment: Deployment
  let ada: Member

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
  })
  after(() => deployment.close())

  test('answers a path that does not exist with route-not-found', async () => {
    for (const path of ['/nowhere', '/api/v1', '/api/v1/tokens/', '/api/v9/tokens', '/API/v1/tokens', '//']) {
      assert.equal((await deployment.send('GET', path)).problem, 'route-not-found', path)
    }
  })

  test('answers a method that a path does not know with those that it knows', async () => {
    for (const [method, path, allow] of [
      ['PUT', '/api/v1/tokens', 'POST, GET, DELETE, HEAD, OPTIONS'],
      ['PATCH', '/api/v1/tokens/self', 'GET, DELETE, HEAD, OPTIONS'],
      ['GET', '/api/v1/tokens/verify', 'POST, OPTIONS'],
      ['GET', '/api/v1/tokens/revoke-leaked', 'POST, OPTIONS'],
      ['POST', '/healthz', 'GET, HEAD, OPTIONS'],
      ['POST', '/setup', 'GET, HEAD, OPTIONS'],
      ['PURGE', '/api/v1/tokens', 'POST, GET, DELETE, HEAD, OPTIONS'],
    ] as const) {
      const answer = await deployment.send(method, path)
      assert.equal(answer.problem, 'method-not-allowed', `${method} ${path}`)
      assert.equal(answer.headers.get('allow'), allow)
      const options = await deployment.send('OPTIONS', path)
      assert.equal(options.status, 204)
      assert.equal(options.headers.get('allow'), allow)
    }
  })

  test('says what runs: release, database, journal and the ids of its keys, and not who is asked', async () => {
    const { body, status } = await deployment.ask('getServer', { as: deployment.root })
    assert.equal(status, 200)
    const { database, journal, master_keys: keys, ...rest } = body
    assert.deepEqual(
      { kind: database.kind, file: database.file },
      { kind: 'sqlite', file: join(deployment.directory, 'chatelaine.db') },
    )
    assert.match(database.version, /^3\.\d+\.\d+$/)
    assert.ok(database.size_bytes >= 4_096)
    assert.deepEqual([journal.file, journal.is_behind], [join(deployment.directory, 'journal', 'journal.jsonl'), false])
    assert.deepEqual(
      keys.map(({ is_current: isCurrent }) => isCurrent),
      [true],
    )
    assert.ok(deployment.service.ports.keys.isCurrent(`${keys[0]!.id}:`))
    const { version, instance_count, unready_because, last_backup } = rest
    assert.deepEqual(
      { version, instance_count, unready_because, last_backup },
      { version: packageJson.version, instance_count: 1, unready_because: null, last_backup: null },
    )
    assert.ok(Date.parse(rest.started_at) <= Date.now())
  })

  test('answers HEAD as GET without the body', async () => {
    const [get, head] = [
      await deployment.send('GET', '/api/v1/tokens/self', { as: ada.token }),
      await deployment.send('HEAD', '/api/v1/tokens/self', { as: ada.token }),
    ]
    assert.equal(head.status, 200)
    assert.equal(head.body, '')
    assert.equal(head.headers.get('content-type'), get.headers.get('content-type'))
    assert.equal((await deployment.send('HEAD', '/api/v1/tokens')).status, 401)
  })

  test('tells every cache and browser to keep nothing, guess nothing and run nothing', async () => {
    const answers = [
      await deployment.send('GET', '/api/v1/tokens', { as: ada.token }),
      await deployment.send('GET', '/api/v1/tokens'),
      await deployment.send('GET', '/nowhere'),
      await deployment.send('DELETE', '/healthz'),
      await deployment.send('OPTIONS', '/api/v1/tokens'),
    ]
    for (const { headers } of answers) {
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      assert.equal(headers.get('referrer-policy'), 'no-referrer')
      assert.equal(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'")
      assert.equal(headers.get('x-powered-by'), null)
    }
  })

  test('lets browsers keep stylesheets for an hour, and no page', async () => {
    const keeps = async (path: string) => (await deployment.send('GET', path)).headers.get('cache-control')
    assert.equal(await keeps('/pages/form.css'), 'public, max-age=3600')
    for (const path of ['/setup', '/docs', '/pages/set-up.js']) assert.equal(await keeps(path), 'no-store')
  })

  test('names each request with an id of its own, which a problem repeats, and takes none from outside', async () => {
    const headers = { 'x-request-id': 'mine' }
    const [one, two] = [await deployment.send('GET', '/nowhere', { headers }), await deployment.send('GET', '/nowhere')]
    const id = one.headers.get('x-request-id') ?? ''
    assert.match(id, /^[0-9a-f-]{36}$/)
    assert.notEqual(two.headers.get('x-request-id'), id)
    assert.equal((one.body as { instance: string }).instance, `urn:uuid:${id}`)
  })

  test('reads a path with escapes or dots as the path that it means', async () => {
    const status = (path: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const { hostname, port } = new URL(deployment.origin)
        const headers = { authorization: `Bearer ${ada.token}` }
        const sent = request({ hostname, port, path, headers }, (response) => {
          response.resume()
          resolve(response.statusCode)
        })
        sent.on('error', reject).end()
      })
    assert.equal(await status('/api/v1/tokens/s%65lf'), 200)
    assert.equal(await status('/api/v1/accounts/../tokens/self'), 200)
    assert.equal(await status('/api/v1/tokens/..%2faudit'), 404)
    assert.equal(await status('/api/v1/tokens/%ff'), 404)
    assert.equal(await status('/api\\v1\\tokens\\self'), 400)
  })

  test('refuses a host that is none with bad-request', async () => {
    const { hostname, port } = new URL(deployment.origin)
    const answer = await new Promise<[number | undefined, string | undefined]>((resolve, reject) => {
      const sent = request({ hostname, port, path: '/healthz', headers: { host: 'a b' } }, (response) => {
        response.resume()
        resolve([response.statusCode, response.headers['content-type']])
      })
      sent.on('error', reject).end()
    })
    assert.deepEqual(answer, [400, 'application/problem+json'])
  })

  test('says that it lives', async () => {
    assert.deepEqual((await deployment.ask('getHealth')).body, { status: 'ok' })
  })

  test('says whether it can answer, and if not why, while it goes on living', async (t) => {
    const other = await openDeployment()
    t.after(() => other.close())
    assert.deepEqual((await other.ask('getReadiness')).body, { status: 'ok' })
    other.turnAway('The server is stopping.')
    const answer = await other.ask('getReadiness')
    assert.equal(answer.problem, 'unavailable')
    assert.match(answer.detail, /stopping/)
    assert.equal(answer.headers.get('retry-after'), '1')
    assert.equal((await other.ask('getHealth')).status, 200)
  })

  test('describes itself in the words of the tables', async () => {
    const { body } = await deployment.ask('getOpenApi')
    const expected = openApiDocument({ title: 'Chatelaine', version: '', serverUrl: '/' })
    const { info, ...rest } = body as typeof expected
    assert.deepEqual(rest, JSON.parse(JSON.stringify({ ...expected, info: undefined })))
    assert.match((info as { version: string }).version, /^\d+\.\d+\.\d+/)
  })

  test('has every route of the table under its path and method', async () => {
    for (const [name, route] of Object.entries<Route>(routes)) {
      const path = route.path.replaceAll(/\{\w+\}/g, 'x')
      const { problem, status } = await deployment.send(
        route.method,
        path,
        route.body === undefined ? {} : { body: 'x' },
      )
      assert.ok(problem !== 'route-not-found' && problem !== 'method-not-allowed' && status !== 501, name)
    }
  })

  test('has a page for every problem under its type', async () => {
    for (const key of Object.keys(problems) as ProblemKey[]) {
      const { status, body, headers } = await deployment.send('GET', problemType(key))
      assert.equal(status, 200)
      assert.match(headers.get('content-type') ?? '', /^text\/html/)
      assert.ok(String(body).includes(problems[key].title))
    }
    assert.equal((await deployment.send('GET', '/docs/errors/constructor')).problem, 'route-not-found')
  })

  test('has one mark: the icon of every page, and what stands beside its name', async () => {
    const icon = await deployment.send('GET', '/pages/mark.svg')
    assert.equal(icon.headers.get('content-type'), 'image/svg+xml')
    const shape = / d="([^"]+)"/.exec(String(icon.body))?.[1]
    assert.ok(shape !== undefined, 'the icon has no shape')
    assert.ok(String((await deployment.send('GET', '/pages/look.css')).body).includes(`'${shape}'`))
    for (const path of ['/', '/setup', '/docs', '/docs/index', '/device', '/console/']) {
      const { body, headers } = await deployment.send('GET', path)
      assert.match(String(body), /<link rel="icon" href="\/pages\/mark\.svg"/, path)
      assert.match(headers.get('content-security-policy') ?? '', /img-src 'self'/, path)
    }
  })

  test('shows pages that run only what it serves itself, and loads no page into a frame', async () => {
    for (const path of ['/', '/setup']) {
      const { status, body, headers } = await deployment.send('GET', path)
      assert.equal(status, 200)
      const policy = headers.get('content-security-policy') ?? ''
      assert.match(policy, /default-src 'none'.*script-src 'self'.*form-action 'none'.*frame-ancestors 'none'/)
      assert.ok(!/<script(?![^>]* src=)|<style|\son\w+=|https?:/.test(String(body)), `${path} has something inline`)
      for (const [, target = ''] of String(body).matchAll(/(?:src|href)="([^"]*)"/g)) {
        assert.equal((await deployment.send('GET', target)).status, 200, target)
      }
    }
  })
})

test('every page is headed as people call the platform, whatever is in its name', async (t) => {
  const deployment = await openDeployment({ CHATELAINE_PLATFORM_NAME: '<b>Ada</b> & Co' })
  t.after(() => deployment.close())
  for (const path of ['/', '/setup', '/docs', '/docs/index', '/docs/errors/not-found', '/device', '/console/']) {
    const body = String((await deployment.send('GET', path)).body)
    assert.match(body, /[>"]&lt;b>Ada&lt;\/b> &amp; Co["<]/, path)
    assert.ok(!body.includes('{platform}') && !body.includes('<b>Ada'), path)
  }
})

describe('scripts of other origins', () => {
  const friend = 'https://app.example.com'
  let deployment: Deployment

  before(async () => {
    deployment = await openDeployment({ CHATELAINE_CORS_ORIGINS: friend })
  })
  after(() => deployment.close())

  const preflight = (origin: string) =>
    deployment.send('OPTIONS', '/api/v1/tokens', {
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    })

  test('may call the API with a token when their origin is named, and read the answer', async () => {
    const asked = await preflight(friend)
    assert.equal(asked.status, 204)
    assert.equal(asked.headers.get('access-control-allow-origin'), friend)
    assert.match(asked.headers.get('access-control-allow-headers') ?? '', /authorization/)
    assert.match(asked.headers.get('access-control-allow-methods') ?? '', /POST/)
    const answer = await deployment.ask('listTokens', { as: deployment.root, headers: { origin: friend } })
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('access-control-allow-origin'), friend)
    assert.match(answer.headers.get('vary') ?? '', /origin/i)
    const refused = await deployment.send('GET', '/nowhere', { headers: { origin: friend } })
    assert.equal(refused.headers.get('access-control-allow-origin'), friend, 'problems are read too')
  })

  test('may use the wire whose JavaScript client runs in browsers too, with what it sends', async () => {
    const asked = await deployment.send('OPTIONS', '/v1/tokens/1/', {
      headers: {
        origin: friend,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'authorization, token, content-type',
      },
    })
    assert.equal(asked.status, 204)
    assert.equal(asked.headers.get('access-control-allow-origin'), friend)
    const listed = (name: string) => (asked.headers.get(name) ?? '').toLowerCase().split(/, */)
    const isListed = (name: string, wanted: string[]) => wanted.every((one) => listed(name).includes(one))
    assert.ok(isListed('access-control-allow-headers', ['authorization', 'token', 'content-type']))
    assert.ok(isListed('access-control-allow-methods', ['put', 'delete']))
    const refused = await fetch(`${deployment.origin}/v1/whoami/`, { headers: { origin: friend } })
    assert.deepEqual([refused.status, refused.headers.get('access-control-allow-origin')], [401, friend])
  })

  test('may verify and introspect too, and read the answer', async () => {
    const { root, ask } = deployment
    const headers = { origin: friend }
    const verified = await ask('verifyToken', { as: root, headers, body: { token: root, kinds: ['manager'] } })
    const introspected = await ask('introspectToken', { as: root, headers, form: { token: root } })
    for (const answer of [verified, introspected]) {
      assert.equal(answer.status, 200)
      assert.equal(answer.headers.get('access-control-allow-origin'), friend)
    }
    assert.equal(verified.body.code, 'valid')
  })

  test('never get to use the session cookie', async () => {
    assert.equal((await preflight(friend)).headers.get('access-control-allow-credentials'), null)
  })

  test('may not when their origin is not named', async () => {
    for (const origin of ['https://evil.example', `${friend}.evil.example`, 'null']) {
      assert.equal((await preflight(origin)).headers.get('access-control-allow-origin'), null)
    }
  })

  test('may not anywhere unless an origin is named', async (t) => {
    const other = await openDeployment()
    t.after(() => other.close())
    const { headers } = await other.send('GET', '/healthz', { headers: { origin: friend } })
    assert.equal(headers.get('access-control-allow-origin'), null)
  })
})

describe('a credential', () => {
  let deployment: Deployment
  let ada: Member

  before(async () => {
    deployment = await openDeployment({ CHATELAINE_TRUSTED_PROXIES: '127.0.0.0/8' })
    ada = await deployment.member('ada')
  })
  after(() => deployment.close())

  test('is read in every scheme, on the router and on the verification', async () => {
    const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`
    const root = deployment.root
    for (const headers of [
      { authorization: `bearer ${root}` },
      { authorization: `TOKEN ${root}` },
      { token: `Token ${root}` },
      { authorization: `Key 1:${root}` },
      { authorization: basic(`anybody:${root}`) },
      { authorization: basic(`${root}:`) },
      { 'x-api-key': root },
    ]) {
      assert.equal((await deployment.ask('getOwnToken', { headers })).status, 200, JSON.stringify(headers))
      const verified = await deployment.ask('verifyToken', { headers, body: { token: ada.token } })
      assert.equal(verified.body.valid, true)
    }
  })

  test('that differs from another in the same request is refused', async () => {
    const headers = { 'x-api-key': ada.token }
    const answer = await deployment.ask('getOwnToken', { as: deployment.root, headers })
    assert.equal(answer.problem, 'conflicting-credentials')
  })

  test('that is bound to addresses is held to whom the trusted proxy names', async () => {
    const body = { allowed_ips: ['192.0.2.0/24'] }
    const as = secretOf(await deployment.ask('createToken', { as: ada.token, body }))
    const from = (ip: string) => deployment.ask('getOwnToken', { as, headers: { 'x-forwarded-for': ip } })
    assert.equal((await from('192.0.2.7')).status, 200)
    assert.equal((await from('198.51.100.7, 192.0.2.7')).status, 200)
    assert.equal((await from('192.0.2.7, 198.51.100.7')).problem, 'address-not-allowed')
    assert.equal((await from('unknown')).problem, 'address-not-allowed')
    assert.equal((await deployment.ask('getOwnToken', { as })).problem, 'address-not-allowed')
  })

  test('is noted as used: when, from where, by what and how often', async () => {
    const member = await deployment.member('user')
    const headers = { 'x-forwarded-for': '192.0.2.9', 'user-agent': 'requests/2.32 python' }
    for (let times = 0; times < 3; times += 1) await deployment.ask('getOwnToken', { as: member.token, headers })
    await deployment.service.ports.tokens.recordUses(deployment.service.uses.take())
    const { body } = await deployment.ask('getToken', { as: deployment.root, params: { id: member.tokenId } })
    assert.equal(body.use_count, 3)
    assert.equal(body.last_used_ip, '192.0.2.9')
    assert.equal(body.last_used_client, 'requests/2.32')
    assert.ok(body.first_used_at !== null && body.first_used_at <= (body.last_used_at ?? ''))
  })
})
