import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { cookieOf, goodPassword, openDeployment, secretOf, type Deployment } from './deployment.ts'

const minuteMs = 60_000

describe('sessions', () => {
  let deployment: Deployment

  before(async () => {
    deployment = await openDeployment()
  })
  after(() => deployment.close())

  async function person(username: string, more: object = {}): Promise<string> {
    const body = { username, password: goodPassword, ...more }
    const { status, body: account } = await deployment.ask('createAccount', { as: deployment.root, body })
    assert.equal(status, 201)
    return account.id
  }

  const whoAmI = (cookie: string) => deployment.ask('getSession', { cookie })

  test('begin with a name in any case and the password, and say who signed in and until when', async () => {
    const id = await person('Ada')
    const answer = await deployment.ask('signIn', { body: { username: 'aDA', password: goodPassword } })
    assert.equal(answer.status, 201)
    assert.equal(answer.body.account.id, id)
    assert.equal(Date.parse(answer.body.expires_at) - Date.parse(answer.body.created_at), 12 * 60 * minuteMs)
    assert.equal((await whoAmI(cookieOf(answer))).body.account.username, 'Ada')
    const { body } = await deployment.ask('getAccount', { as: deployment.root, params: { id } })
    assert.equal(body.last_sign_in_at, answer.body.created_at)
  })

  test('end on every browser at once when somebody signs out everywhere, and a token goes on', async () => {
    const id = await person('everywhere')
    const elsewhere = await deployment.signIn('everywhere', goodPassword)
    const here = await deployment.signIn('everywhere', goodPassword)
    const made = await deployment.ask('createToken', { as: deployment.root, body: { account_id: id } })
    const { status } = await deployment.ask('signOut', { cookie: here, query: { everywhere: 'true' } })
    assert.equal(status, 204)
    for (const cookie of [here, elsewhere]) assert.equal((await whoAmI(cookie)).status, 401)
    assert.equal((await deployment.ask('getOwnToken', { as: secretOf(made) })).status, 200)
  })

  test('are held by a cookie that scripts cannot read and other sites do not get', async () => {
    await person('cookie')
    const answer = await deployment.ask('signIn', { body: { username: 'cookie', password: goodPassword } })
    const [pair = '', ...attributes] = (answer.headers.get('set-cookie') ?? '').split('; ')
    assert.match(pair, /^chatelaine_session=ses_[0-9A-Za-z]{16}\.[0-9A-Za-z]{43}$/)
    assert.deepEqual(attributes, ['Path=/', 'Max-Age=43200', 'HttpOnly', 'SameSite=Lax'])
  })

  test('over https are held by a cookie that is Secure and bound to this host', async (t) => {
    const other = await openDeployment({ CHATELAINE_PUBLIC_URL: 'https://tokens.example.com' })
    t.after(() => other.close())
    const body = { username: 'ada', password: goodPassword }
    await other.ask('createAccount', { as: other.root, body })
    const answer = await other.ask('signIn', { body })
    assert.match(answer.headers.get('set-cookie') ?? '', /^__Host-chatelaine_session=ses_.*; Path=\/; .*; Secure$/)
    assert.equal((await other.ask('getSession', { cookie: cookieOf(answer) })).status, 200)
    const plain = cookieOf(answer).replace('__Host-', '')
    assert.equal((await other.ask('getSession', { cookie: plain })).problem, 'credential-required')
  })

  test('have a new id at each sign-in, and the one before on the same browser ends', async () => {
    await person('twice')
    const first = await deployment.signIn('twice', goodPassword)
    const again = await deployment.ask('signIn', { cookie: first, body: { username: 'twice', password: goodPassword } })
    assert.notEqual(cookieOf(again), first)
    assert.equal((await whoAmI(first)).problem, 'credential-required')
    assert.equal((await whoAmI(cookieOf(again))).status, 200)
  })

  test('end by signing out, which takes the cookie back and without a session does nothing', async () => {
    await person('leaver')
    const cookie = await deployment.signIn('leaver', goodPassword)
    const answer = await deployment.ask('signOut', { cookie })
    assert.equal(answer.status, 204)
    assert.match(answer.headers.get('set-cookie') ?? '', /^chatelaine_session=; .*Max-Age=0/)
    assert.equal((await whoAmI(cookie)).problem, 'credential-required')
    const changes = deployment.changeCount()
    assert.equal((await deployment.ask('signOut', { cookie })).status, 204)
    assert.equal((await deployment.ask('signOut')).status, 204)
    assert.equal(deployment.changeCount(), changes)
  })

  test('end after an hour without use', async () => {
    await person('idle')
    const cookie = await deployment.signIn('idle', goodPassword)
    deployment.clock.advance(59 * minuteMs)
    assert.equal((await whoAmI(cookie)).status, 200)
    deployment.clock.advance(59 * minuteMs)
    assert.equal((await whoAmI(cookie)).status, 200, 'being used keeps it')
    deployment.clock.advance(61 * minuteMs)
    assert.equal((await whoAmI(cookie)).problem, 'credential-required')
  })

  test('end after twelve hours, however much they are used', async () => {
    await person('busy')
    const cookie = await deployment.signIn('busy', goodPassword)
    for (let minutes = 50; minutes < 12 * 60; minutes += 50) {
      deployment.clock.advance(50 * minuteMs)
      assert.equal((await whoAmI(cookie)).status, 200, `after ${minutes} minutes`)
    }
    deployment.clock.advance(20 * minuteMs)
    assert.equal((await whoAmI(cookie)).problem, 'credential-required')
  })

  test('end all together when the password is changed, and the old password is good for nothing', async () => {
    const id = await person('changer')
    const [one, two] = [
      await deployment.signIn('changer', goodPassword),
      await deployment.signIn('changer', goodPassword),
    ]
    const newPassword = `new ${goodPassword}`
    const change = (current?: string) =>
      deployment.ask('changePassword', {
        cookie: one,
        params: { id },
        body: { ...(current === undefined ? {} : { current_password: current }), new_password: newPassword },
      })
    assert.deepEqual((await change()).pointers, ['/current_password'])
    assert.equal((await change(`not ${goodPassword}`)).problem, 'password-rejected')
    assert.equal((await whoAmI(two)).status, 200)
    const changed = await change(goodPassword)
    assert.equal(changed.status, 204)
    assert.match(changed.headers.get('set-cookie') ?? '', /Max-Age=0/)
    for (const cookie of [one, two]) assert.equal((await whoAmI(cookie)).problem, 'credential-required')
    const old = await deployment.ask('signIn', { body: { username: 'changer', password: goodPassword } })
    assert.equal(old.problem, 'sign-in-failed')
    await deployment.signIn('changer', newPassword)
  })

  test('leave tokens alone when the password is changed, unless they are to be revoked too', async () => {
    const id = await person('keeper')
    const made = await deployment.ask('createToken', { as: deployment.root, body: { account_id: id } })
    const change = (body: object) => deployment.ask('changePassword', { as: deployment.root, params: { id }, body })
    await change({ new_password: `1 ${goodPassword}` })
    assert.equal((await deployment.ask('getOwnToken', { as: secretOf(made) })).status, 200)
    await change({ new_password: `2 ${goodPassword}`, revoke_tokens: true })
    assert.equal((await deployment.ask('getOwnToken', { as: secretOf(made) })).problem, 'credential-rejected')
  })

  test('end when the account is disabled, and nobody signs in to it', async () => {
    const id = await person('disabled')
    const cookie = await deployment.signIn('disabled', goodPassword)
    await deployment.ask('disableAccount', { as: deployment.root, params: { id } })
    assert.equal((await whoAmI(cookie)).problem, 'credential-required')
    const answer = await deployment.ask('signIn', { body: { username: 'disabled', password: goodPassword } })
    assert.equal(answer.problem, 'sign-in-failed')
  })

  test('cannot be guessed: another secret under the same id is nobody', async () => {
    await person('guessed')
    const cookie = await deployment.signIn('guessed', goodPassword)
    for (const forged of [`${cookie.slice(0, -1)}0`, cookie.split('.')[0]!, `${cookie}x`, 'chatelaine_session=', 'x']) {
      if (forged !== cookie) assert.equal((await whoAmI(forged)).problem, 'credential-required', forged)
    }
  })

  test('make tokens whose origin is the console, without a parent', async () => {
    const id = await person('maker')
    const cookie = await deployment.signIn('maker', goodPassword)
    const { body } = await deployment.ask('createToken', { cookie, body: { label: 'by hand' } })
    assert.equal(body.origin, 'console')
    assert.equal(body.account_id, id)
    assert.equal(body.parent_token_id, null)
  })

  test('reach the whole deployment for an administrator, and only the own things for a member', async () => {
    await person('boss', { role: 'admin' })
    await person('member')
    const boss = await deployment.signIn('boss', goodPassword)
    const member = await deployment.signIn('member', goodPassword)
    assert.equal((await deployment.ask('listAccounts', { cookie: boss })).status, 200)
    assert.equal((await deployment.ask('listAccounts', { cookie: member })).problem, 'not-permitted')
    const all = await deployment.ask('listAuditEntries', { cookie: boss, query: { action: 'account.created' } })
    assert.ok(all.body.data.length > 2)
    const own = await deployment.ask('listAuditEntries', { cookie: member })
    assert.deepEqual([...new Set(own.body.data.map(({ action }) => action))].toSorted(), [
      'account.created',
      'account.signed_in',
    ])
  })

  test('give way to a token in the same request', async () => {
    await person('both')
    const cookie = await deployment.signIn('both', goodPassword)
    const answer = await deployment.ask('getSession', { cookie, as: deployment.root })
    assert.equal(answer.problem, 'not-permitted')
  })
})

describe('a request with a session cookie that changes something', () => {
  let deployment: Deployment
  let cookie: string

  before(async () => {
    deployment = await openDeployment()
    const body = { username: 'ada', password: goodPassword }
    await deployment.ask('createAccount', { as: deployment.root, body })
    cookie = await deployment.signIn('ada', goodPassword)
  })
  after(() => deployment.close())

  /** Sends the cookie with these headers and nothing else that says where the request comes from. */
  async function create(headers: Record<string, string>) {
    const changes = deployment.changeCount()
    const answer = await deployment.ask('createToken', { body: {}, headers: { cookie, ...headers } })
    assert.equal(deployment.changeCount() > changes, answer.status === 201)
    return answer
  }

  test('is carried out when it comes from our own pages', async () => {
    assert.equal((await create({ 'sec-fetch-site': 'same-origin' })).status, 201)
    assert.equal((await create({ origin: deployment.origin })).status, 201)
  })

  const strange: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    {},
  ]
  for (const headers of strange) {
    test(`is refused with ${JSON.stringify(headers)}`, async () => {
      assert.equal((await create(headers)).problem, 'cross-site-request')
    })
  }

  test('is refused from another site also when that names our origin', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: deployment.origin }
    assert.equal((await create(headers)).problem, 'cross-site-request')
  })

  test('signs nobody out from another site, and nobody in', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' }
    assert.equal((await deployment.ask('signOut', { headers: { ...headers, cookie } })).problem, 'cross-site-request')
    const body = { username: 'ada', password: goodPassword }
    assert.equal((await deployment.ask('signIn', { headers, body })).problem, 'cross-site-request')
    assert.equal((await deployment.ask('getSession', { headers: { cookie } })).status, 200, 'reading is let pass')
  })
})

describe('sign-ins that fail', () => {
  let deployment: Deployment
  let token: string

  before(async () => {
    deployment = await openDeployment({ CHATELAINE_TRUSTED_PROXIES: '127.0.0.1' })
    const body = { username: 'ada', password: goodPassword }
    const { id } = (await deployment.ask('createAccount', { as: deployment.root, body })).body
    token = secretOf(await deployment.ask('createToken', { as: deployment.root, body: { account_id: id } }))
  })
  after(() => deployment.close())

  const attempt = (username: string, from: string, password = 'wrong') =>
    deployment.ask('signIn', { body: { username, password }, headers: { 'x-forwarded-for': from } })

  test('say the same for a name that exists and one that does not', async () => {
    const [known, unknown] = [await attempt('ada', '192.0.2.9'), await attempt('nobody', '192.0.2.9')]
    assert.equal(known.problem, 'sign-in-failed')
    assert.deepEqual({ ...(known.body as object), instance: '' }, { ...(unknown.body as object), instance: '' })
  })

  test('too often under one name, however it is written, make it wait, while its tokens work', async () => {
    const spellings = ['ada', 'ADA', 'Ada', '\uff41da']
    for (let index = 0; index < 9; index += 1) await attempt(spellings[index % 4]!, `192.0.2.${index}`)
    const answer = await attempt('ada', '192.0.2.77', goodPassword)
    assert.equal(answer.problem, 'too-many-attempts')
    assert.ok(Number(answer.headers.get('retry-after')) > 800)
    assert.equal((await deployment.ask('getOwnToken', { as: token })).status, 200)
    deployment.clock.advance(15 * minuteMs)
    assert.equal((await attempt('ada', '192.0.2.77', goodPassword)).status, 201)
  })

  test('too often from one address make the address wait, and no other', async () => {
    // One after another: what finds no place to wait in is not checked, and so does not count.
    for (let index = 0; index < 50; index += 1) await attempt(`guess${index}`, '198.51.100.1')
    assert.equal((await attempt('ada', '198.51.100.1', goodPassword)).problem, 'too-many-attempts')
    assert.equal((await attempt('ada', '198.51.100.2', goodPassword)).status, 201)
  })
})
