import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { goodPassword, openDeployment, type Deployment, type Member } from '../http/deployment.ts'
import { Visitor, type VisitedPage } from '../http/visitor.ts'

async function withPassword(deployment: Deployment, username: string): Promise<Member> {
  const member = await deployment.member(username, { lifetime_seconds: 600 })
  const params = { id: member.id }
  await deployment.ask('changePassword', { as: deployment.root, params, body: { new_password: goodPassword } })
  return member
}

describe('the hand-off of CoCalc', () => {
  let deployment: Deployment
  let visitor: Visitor
  before(async () => {
    deployment = await openDeployment()
    await withPassword(deployment, 'ada')
  })
  after(() => deployment.close())
  beforeEach(() => {
    visitor = new Visitor(deployment.origin)
  })

  const path = '/app?get_api_key=myapp'
  const signIn = (page: VisitedPage, fields: Record<string, string> = {}) =>
    visitor.press(page, 'sign-in', {
      fields: { username: 'ada', password: goodPassword, expires: '90 days', ...fields },
    })
  function keyIn({ status, location, text }: VisitedPage): string {
    assert.equal(status, 302, text)
    const [, key] = /^https:\/\/authenticated\/\?api_key=(.+)$/.exec(location ?? '') ?? []
    assert.ok(key !== undefined, location ?? '')
    return decodeURIComponent(key)
  }
  const tokenOf = async (key: string) => (await deployment.ask('getOwnToken', { as: key })).body

  test('shows its banner, what is granted and until when, and works without scripts', async () => {
    const page = await visitor.get(path)
    assert.equal(page.status, 200)
    assert.match(page.text, /<h1>Chatelaine API Key Access for Myapp<\/h1>/)
    assert.match(page.text, /<option selected>90 days<\/option>/)
    assert.match(page.text, /<option>never<\/option>/)
    assert.match(page.text, /everything that you can do here/)
    assert.match(page.text, /You can revoke it at any time/)
    assert.doesNotMatch(page.text, /<script/)
    const policy = page.headers.get('content-security-policy') ?? ''
    assert.match(policy, /form-action 'self' https:\/\/authenticated(?:;|$)/)
    assert.match(policy, /frame-ancestors 'none'/)
  })

  test('answers a right password with the key, labelled with the application, and nobody stays signed in', async () => {
    const answer = await signIn(await visitor.get(path))
    const key = keyIn(answer)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    const token = await tokenOf(key)
    assert.deepEqual([token.origin, token.label, token.kind], ['cocalc', 'myapp', 'account'])
    const lifeMs = Date.parse(token.expires_at!) - Date.parse(token.created_at)
    assert.equal(lifeMs, 90 * 86_400_000)
    assert.match((await visitor.get(path)).text, /Sign in and give access/)
    for (const line of deployment.logged) assert.ok(!line.includes(key.slice(-38, -6)))
  })

  test('tells a wrong password on the same page, which goes on working', async () => {
    const changes = deployment.changeCount()
    const again = await signIn(await visitor.get(path), { password: 'not the password at all' })
    assert.equal(again.status, 401)
    assert.match(again.text, /role="alert">User name and password do not match/)
    assert.equal(deployment.changeCount(), changes)
    keyIn(await signIn(again))
  })

  test('gives whoever is signed in already a key for a click, and not before', async () => {
    const [name, value] = (await deployment.signIn('ada', goodPassword)).split('=')
    visitor.cookies.set(name!, value!)
    const page = await visitor.get(path)
    assert.match(page.text, /Continue as ada/)
    assert.doesNotMatch(page.text, /name="password"/)
    const key = keyIn(await visitor.press(page, 'agree', { fields: { expires: 'never' } }))
    assert.equal((await tokenOf(key)).permanent, true)
    // A page is good once.
    assert.equal((await visitor.press(page, 'agree', { fields: { expires: 'never' } })).status, 409)
    const out = await visitor.press(await visitor.get(path), 'sign-out', { fields: { expires: 'never' } })
    assert.deepEqual([out.status, out.location], [303, path])
    assert.match((await visitor.get(path)).text, /Sign in and give access/)
  })

  test('ends earlier keys of the same application where they are ticked, and no others', async () => {
    const other = keyIn(await signIn(await visitor.get('/app?get_api_key=other')))
    const first = keyIn(await signIn(await visitor.get(path)))
    const second = keyIn(await signIn(await visitor.get(path)))
    assert.equal((await deployment.ask('getOwnToken', { as: first })).status, 200)
    const [name, value] = (await deployment.signIn('ada', goodPassword)).split('=')
    visitor.cookies.set(name!, value!)
    const page = await visitor.get(path)
    const { serial, start } = await tokenOf(first)
    assert.ok(page.text.includes(start))
    keyIn(await visitor.press(page, 'agree', { fields: { expires: '7 days', end: String(serial) } }))
    assert.equal((await deployment.ask('getOwnToken', { as: first })).status, 401)
    assert.equal((await deployment.ask('getOwnToken', { as: second })).status, 200)
    visitor.cookies.clear()
    const last = keyIn(await signIn(await visitor.get(path), { end: 'all' }))
    assert.equal((await deployment.ask('getOwnToken', { as: second })).status, 401)
    for (const key of [other, last]) assert.equal((await deployment.ask('getOwnToken', { as: key })).status, 200)
  })

  test('offers no life that policy does not allow', async () => {
    const { policy } = (await deployment.ask('getSettings', { as: deployment.root })).body
    const replace = (asked: object) =>
      deployment.ask('replaceSettings', { as: deployment.root, body: { policy: asked } })
    await replace({ ...policy, longest_lifetime_seconds: 30 * 86_400 })
    const page = await visitor.get(path)
    assert.match(page.text, /<option selected>30 days<\/option>/)
    assert.doesNotMatch(page.text, /90 days|never<\/option>/)
    assert.equal((await signIn(page, { expires: 'never' })).status, 400)
    await replace(policy)
  })

  test('refuses names that are none, and forms of other sites, of other browsers and without a choice', async () => {
    for (const name of ['', 'a/b', '<script>', 'x'.repeat(65), 'a&get_api_key=b']) {
      assert.equal((await visitor.get(`/app?get_api_key=${name.replace('<', '%3C')}`)).status, 400, name)
    }
    assert.equal((await visitor.get('/app')).status, 404)
    const page = await visitor.get(path)
    const changes = deployment.changeCount()
    const fields = { username: 'ada', password: goodPassword, expires: '90 days' }
    const crossed = await visitor.press(page, 'sign-in', { fields, headers: { 'sec-fetch-site': 'cross-site' } })
    assert.equal(crossed.status, 403)
    const other = new Visitor(deployment.origin)
    await other.get(path)
    assert.equal((await other.press(page, 'sign-in', { fields })).status, 409)
    assert.equal((await visitor.press(page, 'nonsense', { fields })).status, 400)
    assert.equal(deployment.changeCount(), changes)
  })
})

describe('the hand-off of Cogniac', () => {
  let deployment: Deployment
  let visitor: Visitor
  before(async () => {
    deployment = await openDeployment()
    await withPassword(deployment, 'ada')
  })
  after(() => deployment.close())
  beforeEach(() => {
    visitor = new Visitor(deployment.origin)
  })

  const path = '/app/cli-auth?port=53682&state=a%26b%3Dc'

  test('sends a key to the computer that the browser runs on, where it proves itself', async () => {
    const page = await visitor.signIn(path, 'ada', goodPassword)
    assert.match(page.text, /http:\/\/127\.0\.0\.1:53682\/cb/)
    const { status, location } = await visitor.press(page, 'agree')
    assert.equal(status, 302)
    const url = new URL(location!)
    assert.deepEqual(
      [url.origin, url.pathname, url.searchParams.get('state')],
      ['http://127.0.0.1:53682', '/cb', 'a&b=c'],
    )
    const authorization = `Key ${url.searchParams.get('code')}`
    const tenants = await fetch(`${deployment.origin}/1/users/current/tenants`, { headers: { authorization } })
    assert.equal(tenants.status, 200)
    const secret = url.searchParams.get('code')!.split(':')[1]!
    const { body } = await deployment.ask('getOwnToken', { as: secret })
    assert.deepEqual([body.origin, body.permanent], ['cogniac', true])
  })

  test('tells the program when the person refuses', async () => {
    const page = await visitor.signIn(path, 'ada', goodPassword)
    const { status, location } = await visitor.press(page, 'refuse')
    assert.deepEqual([status, location], [302, 'http://127.0.0.1:53682/cb?error=access_denied&state=a%26b%3Dc'])
  })

  test('leads nowhere but to a port of this computer', async () => {
    const none = ['', '0', '65536', '-1', '1e3', '080', '0x50', '%D9%A8%D9%A0', ' 80', '80&port=81']
    const elsewhere = [
      '80@evil.example',
      '@evil.example',
      '.evil.example:80',
      '80/',
      '80%5ce',
      '80%00',
      '80%0d%0a',
      '//e',
    ]
    for (const port of [...none, ...elsewhere]) {
      const { status, location } = await visitor.get(`/app/cli-auth?port=${port}&state=x`)
      assert.deepEqual([status, location], [400, null], port)
    }
    for (const state of ['x'.repeat(1_025), 'a%0d%0aLocation:%20//e', 'a%00', 'a%C2%85', 'a&state=b']) {
      const { status, location } = await visitor.get(`/app/cli-auth?port=80&state=${state}`)
      assert.deepEqual([status, location], [400, null], state)
    }
  })
})

test('a hand-off of a wire that is off is absent', async () => {
  const deployment = await openDeployment({ CHATELAINE_WIRES: 'none' })
  try {
    for (const path of ['/app?get_api_key=myapp', '/app/cli-auth?port=80&state=x']) {
      assert.equal((await deployment.send('GET', path)).problem, 'route-not-found')
    }
  } finally {
    await deployment.close()
  }
})
