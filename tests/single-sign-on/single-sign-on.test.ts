import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Failure } from '@chatelaine/core'
import { goodPassword, openDeployment, type Deployment } from '../http/deployment.ts'
import { Visitor, type VisitedPage } from '../http/visitor.ts'
import { openProvider, signInThere, type LocalProvider } from './provider.ts'

/** OpenID Connect Core §2: a subject has at most 255 characters. */
const longest = 'x'.repeat(255)
const tooLong = 'x'.repeat(256)

const people = {
  ada: { preferred_username: 'ada', name: 'Ada Lovelace', email: 'ada@example.org', email_verified: true },
  eve: { preferred_username: 'grace', name: 'Eve', email: 'grace@example.org', email_verified: true },
  mallory: { preferred_username: 'mallory', email: 'root@example.org', email_verified: false },
  [longest]: {},
  [tooLong]: {},
  nameless: { preferred_username: ' \u0007 ', email: 'nothing', email_verified: true },
}

describe('single sign-on', () => {
  let directory: string
  let provider: LocalProvider
  let deployment: Deployment

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'chatelaine-sign-on-'))
    provider = await openProvider()
    deployment = await openDeployment({
      ...provider.environment(directory),
      CHATELAINE_OIDC_CREATE_ACCOUNTS: 'true',
    })
    provider.admit(deployment.origin, people)
  })
  after(async () => {
    await deployment.close()
    await provider.close()
    rmSync(directory, { recursive: true })
  })

  /** Goes to the provider, signs in there and comes back. */
  async function signOn(visitor: Visitor, login: string, returnTo?: string): Promise<VisitedPage> {
    const query = returnTo === undefined ? '' : `?${new URLSearchParams({ return_to: returnTo }).toString()}`
    const started = await visitor.get(`/auth/oidc/start${query}`)
    assert.equal(started.status, 303, started.text)
    return visitor.get(pathOf(await signInThere(started.location!, login)))
  }

  const sessionOf = ({ cookies }: Visitor) => `chatelaine_session=${cookies.get('chatelaine_session') ?? ''}`
  const whoAmI = async (visitor: Visitor) => deployment.ask('getSession', { cookie: sessionOf(visitor) })
  const pathOf = ({ pathname, search }: URL) => pathname + search

  test('somebody who comes for the first time has an account, and the same one the next time', async () => {
    const visitor = new Visitor(deployment.origin)
    const back = await signOn(visitor, 'ada', '/console/tokens?label=x')
    assert.deepEqual([back.status, back.location], [303, '/console/tokens?label=x'])
    const { account } = (await whoAmI(visitor)).body
    const { username, name, email, role, has_password, identity } = account
    assert.deepEqual(
      { username, name, email, role, has_password },
      {
        username: 'ada',
        name: 'Ada Lovelace',
        email: 'ada@example.org',
        role: 'member',
        has_password: false,
      },
    )
    assert.deepEqual(identity, { issuer: provider.issuer, subject: 'ada' })
    const again = new Visitor(deployment.origin)
    await signOn(again, 'ada')
    assert.equal((await whoAmI(again)).body.account.id, account.id)
    const { body } = await deployment.ask('listAuditEntries', { as: deployment.root, query: { subject: account.id } })
    assert.deepEqual(
      body.data.map(({ action }) => action),
      ['account.signed_in', 'account.signed_in', 'account.created'],
    )
    assert.equal(body.data[0]!.details['issuer'], provider.issuer)
    assert.equal(body.data[2]!.actor.account_id, account.id)
  })

  test('a name or an address of somebody else leads to no account of theirs', async () => {
    const body = { username: 'grace', email: 'grace@example.org', password: goodPassword }
    const { body: grace } = await deployment.ask('createAccount', { as: deployment.root, body })
    const visitor = new Visitor(deployment.origin)
    await signOn(visitor, 'eve')
    const { account } = (await whoAmI(visitor)).body
    assert.notEqual(account.id, grace.id)
    assert.match(account.username, /^grace-[a-z0-9]{6}$/)
    assert.equal(account.email, null)
  })

  test('an address that the provider has not checked is left out, and so is a name that cannot be one', async () => {
    const mallory = new Visitor(deployment.origin)
    await signOn(mallory, 'mallory')
    assert.equal((await whoAmI(mallory)).body.account.email, null)
    const nameless = new Visitor(deployment.origin)
    await signOn(nameless, 'nameless')
    const { username, name, email } = (await whoAmI(nameless)).body.account
    assert.deepEqual([username, name, email], ['person-nameless', '', null])
  })

  test('a session that was there before is another one afterwards, and has ended', async () => {
    const visitor = new Visitor(deployment.origin)
    await signOn(visitor, 'ada')
    const before = sessionOf(visitor)
    await signOn(visitor, 'ada')
    assert.notEqual(sessionOf(visitor), before)
    assert.equal((await deployment.ask('getSession', { cookie: before })).status, 401)
    assert.equal((await whoAmI(visitor)).status, 200)
    visitor.cookies.set('chatelaine_session', 'ses_planted.planted')
    await signOn(visitor, 'ada')
    assert.notEqual(sessionOf(visitor), 'chatelaine_session=ses_planted.planted')
  })

  describe('signs nobody in', () => {
    async function refused(visitor: Visitor, path: string, status: number): Promise<VisitedPage> {
      const changes = deployment.changeCount()
      const page = await visitor.get(path)
      assert.equal(page.status, status, page.text)
      assert.match(page.text, /You are not signed in/)
      assert.equal(deployment.changeCount(), changes)
      assert.equal((await whoAmI(visitor)).status, 401)
      return page
    }

    async function answered(visitor: Visitor, login = 'ada'): Promise<URL> {
      return signInThere((await visitor.get('/auth/oidc/start')).location!, login)
    }

    test('in a browser that did not set out', async () => {
      const callback = await answered(new Visitor(deployment.origin))
      await refused(new Visitor(deployment.origin), pathOf(callback), 400)
      const other = new Visitor(deployment.origin)
      await other.get('/auth/oidc/start')
      await refused(other, pathOf(callback), 401)
    })

    test('with a code of another browser under the own state', async () => {
      const [victim, visitor] = [new Visitor(deployment.origin), new Visitor(deployment.origin)]
      const theirs = await answered(victim, 'eve')
      const own = await answered(visitor)
      own.searchParams.set('code', theirs.searchParams.get('code')!)
      await refused(visitor, pathOf(own), 401)
    })

    test('with another state, without one, or with a second one', async () => {
      for (const [change, expected] of [
        [(url: URL) => url.searchParams.set('state', 'x'.repeat(43)), 401],
        [(url: URL) => url.searchParams.delete('state'), 401],
        [(url: URL) => url.searchParams.append('state', url.searchParams.get('state')!), 401],
        [(url: URL) => url.searchParams.set('iss', 'https://evil.example'), 401],
        [(url: URL) => url.searchParams.delete('code'), 401],
      ] as const) {
        const visitor = new Visitor(deployment.origin)
        const callback = await answered(visitor)
        change(callback)
        await refused(visitor, pathOf(callback), expected)
      }
    })

    test('twice with the same answer', async () => {
      const visitor = new Visitor(deployment.origin)
      const started = await visitor.get('/auth/oidc/start')
      const kept = new Map(visitor.cookies)
      const callback = pathOf(await signInThere(started.location!, 'ada'))
      assert.equal((await visitor.get(callback)).status, 303)
      assert.equal(visitor.cookies.has('chatelaine_sign_on'), false)
      const thief = new Visitor(deployment.origin)
      for (const [name, value] of kept) thief.cookies.set(name, value)
      await refused(thief, callback, 401)
    })

    test('with a cookie that we did not write, or wrote more than ten minutes ago', async () => {
      const visitor = new Visitor(deployment.origin)
      const callback = pathOf(await answered(visitor))
      const cookie = visitor.cookies.get('chatelaine_sign_on')!
      const [text = '', mac = ''] = cookie.split('.')
      for (const planted of [`${text}A.${mac}`, text, `${cookie}.x`, '.', 'e30.']) {
        const other = new Visitor(deployment.origin)
        other.cookies.set('chatelaine_sign_on', planted)
        await refused(other, callback, 400)
      }
      deployment.clock.advance(10 * 60_000)
      await refused(visitor, callback, 400)
    })

    test('whom the provider refused, and the page does not repeat what it was given', async () => {
      const visitor = new Visitor(deployment.origin)
      const { location } = await visitor.get('/auth/oidc/start')
      const state = new URL(location!).searchParams.get('state')!
      const said = { error: 'access_denied', error_description: '<b>call 0900</b>', state, iss: provider.issuer }
      const page = await refused(visitor, `/auth/oidc/callback?${new URLSearchParams(said).toString()}`, 401)
      assert.doesNotMatch(page.text, /0900/)
    })

    test('whose account is disabled', async () => {
      const visitor = new Visitor(deployment.origin)
      await signOn(visitor, 'mallory')
      const { id } = (await whoAmI(visitor)).body.account
      await deployment.ask('disableAccount', { as: deployment.root, params: { id } })
      await refused(visitor, pathOf(await answered(visitor, 'mallory')), 401)
    })

    test('whose subject is longer than one may be', async () => {
      const visitor = new Visitor(deployment.origin)
      await refused(visitor, pathOf(await answered(visitor, tooLong)), 401)
      await signOn(visitor, longest)
      assert.equal((await whoAmI(visitor)).body.account.identity?.subject, longest)
    })

    test('whose nonce is another', async () => {
      const { singleSignOn } = deployment.service
      const checks = { state: 's'.repeat(43), nonce: 'n'.repeat(43), codeVerifier: 'v'.repeat(43) }
      const redirectUri = `${deployment.origin}/auth/oidc/callback`
      const bring = async (nonce: string) => {
        const url = await singleSignOn!.begin(redirectUri, checks)
        return singleSignOn!.finish(await signInThere(url.href, 'ada'), { ...checks, nonce })
      }
      await assert.rejects(bring('m'.repeat(43)), (error) => error instanceof Failure && error.key === 'sign-in-failed')
      assert.equal((await bring(checks.nonce)).identity.subject, 'ada')
    })
  })

  describe('is connected to the account of whoever is signed in', () => {
    /** Somebody with a password, signed in by it in a browser of their own. */
    async function signedIn(username: string) {
      const body = { username, password: goodPassword }
      const { id } = (await deployment.ask('createAccount', { as: deployment.root, body })).body
      const visitor = new Visitor(deployment.origin)
      const [name = '', value = ''] = (await deployment.signIn(username, goodPassword)).split('=')
      visitor.cookies.set(name, value)
      return { id, visitor }
    }

    async function setOut(visitor: Visitor): Promise<string> {
      const { body, headers } = await deployment.ask('connectIdentity', { cookie: sessionOf(visitor) })
      visitor.cookies.set('chatelaine_sign_on', /chatelaine_sign_on=([^;]+)/.exec(headers.get('set-cookie')!)![1]!)
      return body.location
    }

    const actionsOf = async (id: string) => {
      const { body } = await deployment.ask('listAuditEntries', { as: deployment.root, query: { subject: id } })
      return body.data.map(({ action }) => action)
    }
    const identityOf = async (id: string) =>
      (await deployment.ask('getAccount', { as: deployment.root, params: { id } })).body.identity

    async function refused(visitor: Visitor, path: string, status: number, why: RegExp): Promise<void> {
      const changes = deployment.changeCount()
      const page = await visitor.get(path)
      assert.equal(page.status, status, page.text)
      assert.match(page.text, why)
      assert.equal(deployment.changeCount(), changes)
    }

    test('with an entry of its own, in the same session, and leads there from then on', async () => {
      const { id, visitor } = await signedIn('connie')
      const session = sessionOf(visitor)
      const back = await visitor.get(pathOf(await signInThere(await setOut(visitor), 'connie-there')))
      assert.deepEqual([back.status, back.location], [303, '/console/profile'])
      assert.equal(sessionOf(visitor), session)
      assert.deepEqual(await identityOf(id), { issuer: provider.issuer, subject: 'connie-there' })
      assert.deepEqual(await actionsOf(id), ['account.identity_connected', 'account.signed_in', 'account.created'])
      const elsewhere = new Visitor(deployment.origin)
      await signOn(elsewhere, 'connie-there')
      assert.equal((await whoAmI(elsewhere)).body.account.id, id)
      const again = await deployment.ask('connectIdentity', { cookie: session })
      assert.equal(again.problem, 'not-permitted')
    })

    test('never by what another browser brought back, nor in another session', async () => {
      const [victim, thief] = [await signedIn('victor'), await signedIn('thea')]
      const theirs = pathOf(await signInThere(await setOut(thief.visitor), 'thea-there'))
      // As a link that the victim was made to follow.
      await refused(victim.visitor, theirs, 400, /You are not signed in/)
      // With the cookie too, which a neighbouring host can set.
      victim.visitor.cookies.set('chatelaine_sign_on', thief.visitor.cookies.get('chatelaine_sign_on')!)
      await refused(victim.visitor, theirs, 400, /Single sign-on is not connected[^]*no longer signed in as/)
      const own = pathOf(await signInThere(await setOut(victim.visitor), 'victor-there'))
      const kept = victim.visitor.cookies.get('chatelaine_sign_on')!
      const later = (await deployment.signIn('victor', goodPassword)).split('=')[1]!
      victim.visitor.cookies.set('chatelaine_session', later)
      await refused(victim.visitor, own, 400, /no longer signed in as/)
      victim.visitor.cookies.set('chatelaine_sign_on', kept)
      victim.visitor.cookies.delete('chatelaine_session')
      await refused(victim.visitor, own, 400, /no longer signed in as/)
      assert.deepEqual([await identityOf(victim.id), await identityOf(thief.id)], [null, null])
    })

    test('never for a request from another site, nor by a link', async () => {
      const { visitor } = await signedIn('lina')
      const cookie = sessionOf(visitor)
      const headers = { cookie, 'sec-fetch-site': 'cross-site' }
      const { problem } = await deployment.send('POST', '/api/v1/accounts/me/identity', { headers })
      assert.equal(problem, 'cross-site-request')
      const get = await deployment.send('GET', '/api/v1/accounts/me/identity', { cookie })
      assert.equal(get.problem, 'method-not-allowed')
    })

    test('never when it is the sign-in of somebody else here', async () => {
      await signOn(new Visitor(deployment.origin), 'ada')
      const { id, visitor } = await signedIn('otto')
      const theirs = pathOf(await signInThere(await setOut(visitor), 'ada'))
      await refused(visitor, theirs, 409, /somebody comes to another account here/)
      assert.equal(await identityOf(id), null)
    })

    test('never by a token', async () => {
      const { token } = await deployment.member('machine')
      assert.equal((await deployment.ask('connectIdentity', { as: token })).problem, 'not-permitted')
    })

    test('until they disconnect it, which ends their sessions', async () => {
      const { id, visitor } = await signedIn('dora')
      await visitor.get(pathOf(await signInThere(await setOut(visitor), 'dora-there')))
      const elsewhere = new Visitor(deployment.origin)
      await signOn(elsewhere, 'dora-there')
      const { status, headers } = await deployment.ask('disconnectIdentity', { cookie: sessionOf(visitor) })
      assert.equal(status, 204)
      assert.match(headers.get('set-cookie')!, /^chatelaine_session=; .*Max-Age=0/)
      for (const ended of [visitor, elsewhere]) assert.equal((await whoAmI(ended)).status, 401)
      assert.deepEqual((await actionsOf(id))[0], 'account.identity_disconnected')
      assert.equal(await identityOf(id), null)
      const stranger = new Visitor(deployment.origin)
      await signOn(stranger, 'dora-there')
      assert.notEqual((await whoAmI(stranger)).body.account.id, id)
    })

    test('and is not disconnected by whoever has no other way to sign in', async () => {
      const visitor = new Visitor(deployment.origin)
      await signOn(visitor, 'nameless')
      const changes = deployment.changeCount()
      const { problem } = await deployment.ask('disconnectIdentity', { cookie: sessionOf(visitor) })
      assert.equal(problem, 'last-sign-in-method')
      assert.equal(deployment.changeCount(), changes)
      const { id } = (await whoAmI(visitor)).body.account
      const set = { as: deployment.root, params: { id }, body: { new_password: goodPassword } }
      assert.equal((await deployment.ask('changePassword', set)).status, 204)
      await signOn(visitor, 'nameless')
      assert.equal((await deployment.ask('disconnectIdentity', { cookie: sessionOf(visitor) })).status, 204)
    })
  })

  test('leads back to our own pages and nowhere else', async () => {
    const visitor = new Visitor(deployment.origin)
    const tricks = [
      '//evil.example/console',
      '/\\evil.example/console',
      'https://evil.example/console',
      `${deployment.origin}@evil.example/console`,
      `${deployment.origin}.evil.example/console`,
      'javascript:alert(1)',
      'data:text/html,x',
      '/api/v1/session',
      '/console/../auth/oidc/start',
      '/consoles',
      '/\t/evil.example/console',
      'http://127.0.0.1/console',
      'http://2130706433/console',
      'http://0177.0.0.1/console',
      `/console/${'x'.repeat(2_048)}`,
    ]
    for (const trick of tricks) {
      const page = await visitor.get(`/auth/oidc/start?${new URLSearchParams({ return_to: trick }).toString()}`)
      assert.deepEqual([page.status, page.location], [400, null], trick)
    }
    const page = await signOn(visitor, 'ada', `${deployment.origin}/device?user_code=BCDF-GHJK`)
    assert.equal(page.location, '/device?user_code=BCDF-GHJK')
  })

  test('leads back to an application that asks for a key, which gets one for a click and not before', async () => {
    const visitor = new Visitor(deployment.origin)
    const path = '/app?get_api_key=my%20app'
    const [, offered = ''] = /href="\/auth\/oidc\/start\?return_to=([^"]+)"/.exec((await visitor.get(path)).text) ?? []
    assert.equal(decodeURIComponent(offered.replaceAll('+', ' ')), path)
    const back = await signOn(visitor, 'ada', path)
    assert.deepEqual([back.status, back.location], [303, path])
    const page = await visitor.get(path)
    assert.deepEqual([page.status, page.location], [200, null])
    assert.match(page.text, /Continue as ada/)
    const { status, location } = await visitor.press(page, 'agree', { fields: { expires: '90 days' } })
    assert.equal(status, 302)
    const { body } = await deployment.ask('getOwnToken', { as: new URL(location!).searchParams.get('api_key')! })
    assert.deepEqual([body.origin, body.label], ['cocalc', 'my app'])
    const cliAuth = '/app/cli-auth?port=53682&state=s'
    assert.equal((await signOn(visitor, 'ada', cliAuth)).location, cliAuth)
  })

  test('is offered where people sign in', async () => {
    const { body } = await deployment.ask('getSignInMethods')
    assert.deepEqual(body, { single_sign_on: '/auth/oidc/start' })
    const page = await new Visitor(deployment.origin).get('/device?user_code=BCDF-GHJK')
    assert.match(page.text, /href="\/auth\/oidc\/start\?return_to=%2Fdevice%3Fuser_code%3D[A-Z-]+"/)
  })
})

describe('single sign-on that makes no accounts', () => {
  let directory: string
  let provider: LocalProvider
  let deployment: Deployment

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'chatelaine-sign-on-'))
    provider = await openProvider()
    deployment = await openDeployment(provider.environment(directory))
  })
  after(async () => {
    await deployment.close()
    await provider.close()
    rmSync(directory, { recursive: true })
  })

  test('says that the provider cannot be reached, and finds it once it can', async () => {
    const visitor = new Visitor(deployment.origin)
    const page = await visitor.get('/auth/oidc/start')
    assert.deepEqual([page.status, page.headers.get('retry-after')], [503, '60'])
    assert.match(page.text, /does not answer properly/)
    provider.admit(deployment.origin, people)
    assert.equal((await visitor.get('/auth/oidc/start')).status, 303)
  })

  test('lets in whose identity an administrator has set, until it is another', async () => {
    const visitor = new Visitor(deployment.origin)
    const come = async () => {
      const { location } = await visitor.get('/auth/oidc/start')
      const { pathname, search } = await signInThere(location!, 'ada')
      return visitor.get(pathname + search)
    }
    const stranger = await come()
    assert.equal(stranger.status, 401)
    assert.match(stranger.text, /Ask an administrator to add you/)
    const { id } = await deployment.member('ada')
    const setIdentity = (identity: object | null) =>
      deployment.ask('updateAccount', { as: deployment.root, params: { id }, body: { identity } })
    assert.equal((await setIdentity({ issuer: provider.issuer, subject: 'ada' })).status, 200)
    assert.equal((await come()).status, 303)
    const cookie = `chatelaine_session=${visitor.cookies.get('chatelaine_session')!}`
    assert.equal((await deployment.ask('getSession', { cookie })).body.account.id, id)
    assert.equal((await setIdentity(null)).body.identity, null)
    assert.equal((await deployment.ask('getSession', { cookie })).status, 401)
    assert.equal((await come()).status, 401)
  })
})

test('without a provider there is no single sign-on, and nothing that offers it', async (t) => {
  const deployment = await openDeployment()
  t.after(() => deployment.close())
  assert.deepEqual((await deployment.ask('getSignInMethods')).body, { single_sign_on: null })
  assert.equal((await deployment.send('GET', '/auth/oidc/start')).status, 404)
  await deployment.ask('createAccount', { as: deployment.root, body: { username: 'ada', password: goodPassword } })
  const cookie = await deployment.signIn('ada', goodPassword)
  assert.equal((await deployment.ask('connectIdentity', { cookie })).problem, 'not-permitted')
  assert.equal((await deployment.ask('disconnectIdentity', { cookie })).status, 204)
  assert.doesNotMatch((await new Visitor(deployment.origin).get('/device')).text, /single sign-on/)
})
