import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { deviceGrantType } from '@chatelaine/api'
import { goodPassword, openDeployment, type Deployment } from './deployment.ts'
import { Visitor } from './visitor.ts'

const client = { client_id: 'chatelaine-cli' }

describe('signing in on a device without a browser', () => {
  let deployment: Deployment

  before(async () => {
    deployment = await openDeployment()
    const body = { username: 'ada', password: goodPassword }
    await deployment.ask('createAccount', { as: deployment.root, body })
  })
  after(() => deployment.close())

  const begin = async (more: Readonly<Record<string, string>> = {}) => {
    const answer = await deployment.ask('authorizeDevice', { form: { ...client, ...more } })
    assert.equal(answer.status, 200, answer.detail)
    return answer.body
  }
  const poll = (device_code: string, more: Readonly<Record<string, string>> = {}) => {
    deployment.clock.advance(5_000)
    return deployment.ask('exchangeGrant', { form: { grant_type: deviceGrantType, ...client, device_code, ...more } })
  }
  const pathOf = (uri: string) => uri.slice(deployment.origin.length)

  test('a person follows the link, compares the code, and agrees; the device is given its token once', async () => {
    const started = await begin({ label: 'build server', scope: 'data:read', lifetime_seconds: '2592000' })
    assert.deepEqual([started.expires_in, started.interval], [600, 5])
    assert.equal(started.verification_uri, `${deployment.origin}/device`)
    assert.equal((await poll(started.device_code)).oauthError, 'authorization_pending')
    const browser = new Visitor(deployment.origin)
    const page = await browser.signIn(pathOf(started.verification_uri_complete), 'ada', goodPassword)
    for (const said of [started.user_code, '127.0.0.1', 'build server', '30 days, until', 'chatelaine-cli']) {
      assert.ok(page.text.includes(said), said)
    }
    const done = await browser.press(page, 'agree')
    assert.deepEqual([done.status, done.location], [200, null])
    assert.match(done.text, /close this page/)
    const given = await poll(started.device_code)
    assert.equal(given.status, 200)
    assert.equal(given.body.scope, 'data:read')
    const own = await deployment.ask('getOwnToken', { as: given.body.access_token })
    assert.deepEqual([own.body.label, own.body.origin, own.body.scopes], ['build server', 'cli', ['data:read']])
    assert.equal((await poll(started.device_code)).oauthError, 'invalid_grant')
    const dead = await deployment.ask('getOwnToken', { as: given.body.access_token })
    assert.equal(dead.problem, 'credential-rejected')
  })

  test('a person types the code, however they type it, and refuses', async () => {
    const { user_code, device_code } = await begin()
    const browser = new Visitor(deployment.origin)
    const asking = await browser.signIn('/device', 'ada', goodPassword)
    assert.match(asking.text, /<form method="get" action="\/device" /)
    const typed = user_code.toLowerCase().replace('-', ' ')
    const page = await browser.get(`/device?user_code=${encodeURIComponent(typed)}`)
    assert.ok(page.text.includes(user_code))
    assert.match((await browser.press(page, 'refuse')).text, /gets nothing/)
    assert.equal((await poll(device_code)).oauthError, 'access_denied')
    assert.equal((await browser.get(page.action)).status, 404)
  })

  test('a wrong code is told so, and after ten of them nothing more is looked for', async () => {
    const browser = new Visitor(deployment.origin)
    const wrong = await browser.signIn('/device?user_code=BBBB-BBBB', 'ada', goodPassword)
    assert.equal(wrong.status, 404)
    assert.match(wrong.text, /No device waits/)
    const odd = await browser.get(`/device?user_code=${encodeURIComponent('"><b>')}`)
    assert.equal(odd.status, 404)
    assert.ok(!odd.text.includes('<b>'))
    for (let tries = 1; tries < 10; tries += 1) await browser.get('/device?user_code=BBBB-BBBB')
    const page = await browser.get('/device?user_code=BBBB-BBBB')
    assert.equal(page.status, 429)
    assert.ok(Number(page.headers.get('retry-after')) > 0)
    deployment.clock.advance(600_000)
  })

  test('a device that does not wait, is too late, or shows what is not its own, is told which', async () => {
    const { device_code } = await begin()
    await poll(device_code)
    const hasty = await deployment.ask('exchangeGrant', {
      form: { grant_type: deviceGrantType, ...client, device_code },
    })
    assert.equal(hasty.oauthError, 'slow_down')
    assert.equal((await poll(device_code, { client_id: 'other' })).oauthError, 'invalid_grant')
    assert.equal((await poll('x')).oauthError, 'invalid_grant')
    assert.equal((await poll('')).oauthError, 'invalid_request')
    deployment.clock.advance(600_000)
    assert.equal((await poll(device_code)).oauthError, 'expired_token')
  })

  test('what a device may not ask for is refused before anybody is bothered', async () => {
    const refuse = async (form: Readonly<Record<string, string>>) =>
      (await deployment.ask('authorizeDevice', { form: { ...client, ...form } })).oauthError
    assert.equal(await refuse({ scope: 'Data' }), 'invalid_scope')
    assert.equal(await refuse({ client_id: '<b>' }), 'invalid_request')
    assert.equal(await refuse({ lifetime_seconds: 'soon' }), 'invalid_request')
    assert.equal(await refuse({ label: 'x'.repeat(257) }), 'invalid_request')
  })

  test('an address that asks without end is told to come back later', async () => {
    let answer = await deployment.ask('authorizeDevice', { form: client })
    for (let tries = 0; tries < 30 && answer.status === 200; tries += 1) {
      answer = await deployment.ask('authorizeDevice', { form: client })
    }
    assert.equal(answer.oauthError, 'too_many_requests')
    assert.ok(Number(answer.headers.get('retry-after')) > 0)
  })
})
