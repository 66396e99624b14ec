import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { goodPassword, openDeployment, type Deployment } from './deployment.ts'
import { Visitor } from './visitor.ts'

const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const codeChallenge = createHash('sha256').update(verifier).digest('base64url')
const redirectUri = 'http://127.0.0.1:53682/cb'

const good = {
  response_type: 'code',
  client_id: 'chatelaine-cli',
  redirect_uri: redirectUri,
  code_challenge: codeChallenge,
  code_challenge_method: 'S256',
  state: 'x y&z',
  label: 'laptop',
}

function authorizePath(more: Readonly<Record<string, string>> = {}): string {
  return `/oauth/authorize?${new URLSearchParams({ ...good, ...more }).toString()}`
}

describe('signing in from a program through a browser', () => {
  let deployment: Deployment
  let accountId: string

  before(async () => {
    deployment = await openDeployment()
    const body = { username: 'ada', password: goodPassword }
    accountId = (await deployment.ask('createAccount', { as: deployment.root, body })).body.id
  })
  after(() => deployment.close())

  const visitor = () => new Visitor(deployment.origin)
  const signedIn = async (path = authorizePath()) => {
    const browser = visitor()
    return { browser, page: await browser.signIn(path, 'ada', goodPassword) }
  }
  const grant = (code: string, more: Readonly<Record<string, string>> = {}) => ({
    grant_type: 'authorization_code',
    client_id: 'chatelaine-cli',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...more,
  })
  const newCode = async (path = authorizePath()) => {
    const { browser, page } = await signedIn(path)
    const done = await browser.press(page, 'agree')
    assert.equal(done.status, 303, done.text)
    return new URL(done.location!).searchParams.get('code')!
  }

  test('a person signs in, sees who asks for what, and agrees; the program exchanges the code for its token', async () => {
    const { browser, page } = await signedIn(authorizePath({ scope: 'data:read chatelaine.tokens:read' }))
    for (const said of [
      'chatelaine-cli',
      redirectUri,
      'data:read',
      'See tokens',
      '1 day, until',
      'laptop',
      '<dd>ada</dd>',
    ]) {
      assert.ok(page.text.includes(said), said)
    }
    const done = await browser.press(page, 'agree')
    const target = new URL(done.location!)
    assert.equal(`${target.origin}${target.pathname}`, redirectUri)
    assert.equal(target.searchParams.get('state'), good.state)
    assert.equal(target.searchParams.get('iss'), deployment.origin)
    const code = target.searchParams.get('code')!
    assert.match(code, /^[0-9A-Za-z]{43}$/)
    const { status, body, headers } = await deployment.ask('exchangeGrant', { form: grant(code) })
    assert.equal(status, 200)
    assert.deepEqual([body.token_type, body.expires_in], ['Bearer', 86_400])
    assert.equal(body.scope, 'chatelaine.tokens:read data:read')
    assert.equal(headers.get('cache-control'), 'no-store')
    const own = await deployment.ask('getOwnToken', { as: body.access_token })
    const { account_id, label, origin, parent_token_id, created_by } = own.body
    assert.deepEqual([account_id, label, origin], [accountId, 'laptop', 'cli'])
    assert.deepEqual([parent_token_id, created_by], [null, accountId])
    assert.ok(!deployment.logged.join('').includes(code), 'the code is in the log')
  })

  test('whoever refuses sends the program away without anything', async () => {
    const { browser, page } = await signedIn()
    const { location } = await browser.press(page, 'refuse')
    const { searchParams } = new URL(location!)
    assert.deepEqual([searchParams.get('error'), searchParams.get('code')], ['access_denied', null])
    assert.equal(searchParams.get('state'), good.state)
  })

  test('a code is good once, and the second time ends what it gave', async () => {
    const code = await newCode()
    const first = await deployment.ask('exchangeGrant', { form: grant(code) })
    assert.equal(first.status, 200)
    const second = await deployment.ask('exchangeGrant', { form: grant(code) })
    assert.deepEqual([second.status, second.oauthError], [400, 'invalid_grant'])
    const dead = await deployment.ask('getOwnToken', { as: first.body.access_token })
    assert.equal(dead.problem, 'credential-rejected')
  })

  test('a code is worth nothing without its verifier, its redirect and its client, or after a minute', async () => {
    const code = await newCode()
    const wrong = [
      { code_verifier: verifier.replace('d', 'e') },
      { redirect_uri: 'http://127.0.0.1:53683/cb' },
      { client_id: 'somebody else' },
      { code: 'x' },
    ]
    for (const more of wrong) {
      assert.equal((await deployment.ask('exchangeGrant', { form: grant(code, more) })).oauthError, 'invalid_grant')
    }
    for (const missing of ['code', 'redirect_uri', 'code_verifier', 'client_id', 'grant_type']) {
      const { [missing]: _, ...form } = grant(code) as Record<string, string>
      assert.equal((await deployment.ask('exchangeGrant', { form })).oauthError, 'invalid_request', missing)
    }
    const other = await deployment.ask('exchangeGrant', { form: grant(code, { grant_type: 'password' }) })
    assert.equal(other.oauthError, 'unsupported_grant_type')
    deployment.clock.advance(60_000)
    assert.equal((await deployment.ask('exchangeGrant', { form: grant(code) })).oauthError, 'invalid_grant')
  })

  test('what asks under another name is told apart, and lives no longer than policy allows', async () => {
    const code = await newCode(authorizePath({ client_id: 'My App 2.0', lifetime_seconds: '600', label: '' }))
    const { body } = await deployment.ask('exchangeGrant', { form: grant(code, { client_id: 'My App 2.0' }) })
    assert.equal(body.expires_in, 600)
    const own = await deployment.ask('getOwnToken', { as: body.access_token })
    assert.deepEqual([own.body.label, own.body.origin], ['My App 2.0', 'handoff'])
  })

  describe('the request', () => {
    const tricks = [
      '',
      '//e',
      '/\\e',
      'javascript:alert(1)',
      'http://localhost:1/',
      'http://127.0.0.1/',
      'http://127.0.0.1.evil.example:1/',
      'http://127.0.0.1:1@evil.example/',
      'http://2130706433:1/',
      'http://0177.0.0.1:1/',
      'http://127.0.0.1:1/#x',
      'http://127.0.0.1:1/\n',
      'https://evil.example/',
    ]
    for (const uri of tricks) {
      test(`leads nowhere when it is to lead to ${JSON.stringify(uri)}`, async () => {
        const page = await visitor().get(authorizePath({ redirect_uri: uri }))
        assert.deepEqual([page.status, page.location, page.formToken], [400, null, ''])
        assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
      })
    }

    test('leads nowhere when it names two places, or no client', async () => {
      const twice = `${authorizePath()}&redirect_uri=${encodeURIComponent('http://127.0.0.1:1/')}`
      for (const path of [twice, authorizePath({ client_id: '' }), authorizePath({ client_id: '<b>' })]) {
        const page = await visitor().get(path)
        assert.deepEqual([page.status, page.location], [400, null])
      }
    })

    const wrong: [Record<string, string>, string][] = [
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ code_challenge: '' }, 'invalid_request'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
      [{ code_challenge: 'short' }, 'invalid_request'],
      [{ scope: 'Data' }, 'invalid_scope'],
      [{ lifetime_seconds: '0' }, 'invalid_request'],
      [{ lifetime_seconds: '-1' }, 'invalid_request'],
      [{ label: 'x'.repeat(257) }, 'invalid_request'],
      [{ label: 'a\nb' }, 'invalid_request'],
      [{ state: 'x'.repeat(1_025) }, 'invalid_request'],
    ]
    for (const [more, error] of wrong) {
      test(`with ${JSON.stringify(more).slice(0, 50)} is told ${error} where the program is`, async () => {
        const { status, location } = await visitor().get(authorizePath(more))
        assert.equal(status, 303)
        assert.ok(location!.startsWith(`${redirectUri}?error=${error}&`), location!)
      })
    }

    test('that repeats a parameter is refused', async () => {
      const { location } = await visitor().get(`${authorizePath()}&scope=a:b&scope=c:d`)
      assert.match(location ?? '', /error=invalid_request/)
    })
  })

  describe('the page', () => {
    test('runs no script, loads nothing of others, cannot be framed, and leads only to itself and the program', async () => {
      const { page } = await signedIn()
      const policy = page.headers.get('content-security-policy') ?? ''
      assert.ok(policy.includes("default-src 'none'"))
      assert.ok(policy.includes("frame-ancestors 'none'"))
      assert.ok(policy.includes("form-action 'self' http://127.0.0.1:53682;"))
      assert.ok(!policy.includes('script-src'))
      assert.ok(!page.text.includes('<script'))
      assert.equal(page.headers.get('cache-control'), 'no-store')
    })

    test('shows whatever it is told as text', async () => {
      const { page } = await signedIn(authorizePath({ label: '"><img src=x onerror=alert(1)>' }))
      assert.ok(!page.text.includes('<img'))
      assert.ok(page.text.includes('&lt;img src=x'))
    })

    test('never uses a session without a click', async () => {
      const { browser } = await signedIn()
      const again = await browser.get(authorizePath())
      assert.deepEqual([again.status, again.location], [200, null])
    })

    test('gives a session that was not there before', async () => {
      const browser = visitor()
      browser.cookies.set('chatelaine_session', 'ses_planted.planted')
      await browser.signIn(authorizePath(), 'ada', goodPassword)
      const first = browser.cookies.get('chatelaine_session')!
      assert.ok(!first.includes('planted'))
      const page = await visitor().get(authorizePath())
      browser.cookies.set('chatelaine_browser', 'another')
      assert.equal(
        (await browser.press(page, 'sign-in', { fields: { username: 'ada', password: goodPassword } })).status,
        409,
      )
    })

    test('says that name and password do not match, and goes on asking', async () => {
      const browser = visitor()
      const fields = { username: 'ada', password: 'wrong' }
      const page = await browser.press(await browser.get(authorizePath()), 'sign-in', { fields })
      assert.equal(page.status, 401)
      assert.match(page.text, /do not match/)
      assert.ok(!page.text.includes('wrong'))
      assert.equal(
        (await browser.press(page, 'sign-in', { fields: { ...fields, password: goodPassword } })).status,
        303,
      )
    })

    test('lets somebody else sign in instead', async () => {
      const { browser, page } = await signedIn()
      const out = await browser.press(page, 'sign-out')
      assert.equal(out.status, 303)
      assert.equal(browser.cookies.has('chatelaine_session'), false)
      assert.match((await browser.get(out.location!)).text, /Sign in to Chatelaine/)
    })

    test('takes nothing from other sites, other browsers, other people, other requests, or twice', async () => {
      const { browser, page } = await signedIn()
      const changes = deployment.changeCount()
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'none' },
        { 'sec-fetch-site': 'cross-site', origin: deployment.origin },
      ]) {
        assert.equal((await browser.press(page, 'agree', { headers })).status, 403, JSON.stringify(headers))
      }
      const mallory = await signedIn()
      const since = deployment.changeCount()
      const refusals = [
        await mallory.browser.press(page, 'agree'),
        await browser.press({ ...page, formToken: mallory.page.formToken }, 'agree'),
        await browser.press({ ...page, action: authorizePath({ label: 'other' }) }, 'agree'),
        await browser.press({ ...page, formToken: '' }, 'agree'),
        await browser.press(page, 'nothing'),
      ]
      assert.deepEqual(
        refusals.map(({ status, location }) => [status, location]),
        [
          [409, null],
          [409, null],
          [409, null],
          [409, null],
          [400, null],
        ],
      )
      assert.equal(deployment.changeCount(), since)
      assert.equal(since, changes + 1, 'only mallory signed in')
      assert.equal((await browser.press(page, 'agree')).status, 303)
      assert.deepEqual([(await browser.press(page, 'agree')).status], [409])
    })

    test('is out of date after ten minutes', async () => {
      const { browser, page } = await signedIn()
      deployment.clock.advance(600_000)
      const late = await browser.press(page, 'agree')
      assert.equal(late.status, 409)
      assert.equal((await browser.press(late, 'agree')).status, 303)
    })

    test('asks to sign in again when the session has ended', async () => {
      const { browser, page } = await signedIn()
      browser.cookies.delete('chatelaine_session')
      const answer = await browser.press(page, 'agree')
      assert.equal(answer.location, null)
      assert.match(answer.text, /Sign in to Chatelaine/)
    })

    test('answers other methods, other bodies and long ones with a refusal', async () => {
      const { browser } = await signedIn()
      const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const post = (body: string, type: string) =>
        fetch(deployment.origin + authorizePath(), {
          method: 'POST',
          headers: { cookie, 'content-type': type, 'sec-fetch-site': 'same-origin' },
          body,
        })
      assert.equal((await post('{}', 'application/json')).status, 400)
      assert.equal((await post('a'.repeat(9_000), 'application/x-www-form-urlencoded')).status, 413)
      assert.equal((await fetch(deployment.origin + authorizePath(), { method: 'DELETE' })).status, 405)
    })
  })

  test('the metadata says where everything is, and all of it is there', async () => {
    const { body } = await deployment.ask('getOAuthMetadata')
    assert.equal(body.issuer, deployment.origin)
    assert.deepEqual(body.code_challenge_methods_supported, ['S256'])
    const places = Object.entries(body).filter(([name]) => name.endsWith('_endpoint'))
    for (const [, place] of places) {
      const { status } = await fetch(String(place), { method: 'POST' })
      assert.notEqual(status, 404, String(place))
    }
  })
})
