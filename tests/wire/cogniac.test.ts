import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { cogniacSchemas as schemas } from '@chatelaine/api/wires'
import { goodPassword, openDeployment, secretOf, type Deployment, type Member } from '../http/deployment.ts'
import { exchange, exchangeJson, shaped, type Received } from './exchange.ts'

describe('the wire of Cogniac', () => {
  let deployment: Deployment
  let ada: Member
  before(async () => {
    deployment = await openDeployment()
    ada = await person('ada')
  })
  after(() => deployment.close())

  async function person(username: string): Promise<Member> {
    const member = await deployment.member(username, { permanent: true })
    const params = { id: member.id }
    await deployment.ask('changePassword', { as: deployment.root, params, body: { new_password: goodPassword } })
    const profile = { email: `${username}@example.org`, name: `${username} van der Berg` }
    await deployment.ask('updateAccount', { as: deployment.root, params, body: profile })
    return member
  }
  const basic = (username: string, password = goodPassword) =>
    `Basic ${Buffer.from(`${username}@example.org:${password}`).toString('base64')}`
  const send = (method: string, target: string, authorization?: string, body?: unknown) =>
    exchangeJson(deployment, method, target, authorization, body)
  const trade = async (authorization: string, tenant = '') => {
    const answer = await send('GET', `/1/token?tenant_id=${tenant}`, authorization)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    return shaped(schemas.Bearer, answer.body)
  }
  const bearer = async (authorization: string, tenant = '') =>
    `Bearer ${(await trade(authorization, tenant)).access_token}`
  const makeKey = async (authorization: string, description = 'New Token for Image downloads') => {
    const answer = await send('POST', '/1/users/current/apiKeys', authorization, { description })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return shaped(schemas.Key, answer.body)
  }
  const refused = ({ status, body }: Received, expected: number) => {
    assert.equal(status, expected, JSON.stringify(body))
    return shaped(schemas.Refused, body).message
  }

  test('user name and password, which is asked for no second factor, are traded for a bearer', async () => {
    const second = await send('GET', '/21/users/mfa/status', basic('ada'))
    assert.deepEqual([second.status, shaped(schemas.SecondFactor, second.body)], [200, { totp: 'inactive' }])
    const { access_token: _token, ...traded } = await trade(basic('ada'))
    assert.deepEqual(traded, {
      token_type: 'Bearer',
      expires_in: 43_200,
      user_email: 'ada@example.org',
      user_id: ada.id,
      tenant_id: ada.id,
      tenant_name: 'ada van der Berg',
      tenant_type: 'usertenant',
    })
    const oauth = await send('GET', '/1/oauth/token?tenant_id=current&otp=123456', basic('ada'))
    assert.equal(shaped(schemas.Bearer, oauth.body).tenant_id, ada.id)
    refused(await send('GET', '/1/token', basic('ada', 'not the password at all')), 401)
    refused(await send('GET', '/1/token'), 401)
  })

  test('the documented calls work: make a key, show it, list it, delete it', async () => {
    const as = await bearer(basic('ada'))
    const keys = `/1/users/${ada.id}/apiKeys`
    const before = Math.floor(Date.now() / 1_000)
    const answer = await exchange(deployment, 'POST', keys, {
      headers: { authorization: as, 'content-type': 'application/json' },
      body: '{"description":"New Token for Image downloads"}',
    })
    assert.deepEqual([answer.status, answer.headers.get('cache-control')], [200, 'no-store'])
    const made = shaped(schemas.Key, answer.body)
    assert.deepEqual(
      [made.user_id, made.email, made.description, made.last_auth],
      [ada.id, 'ada@example.org', 'New Token for Image downloads', null],
    )
    assert.ok(made.created_at >= before && made.created_at <= before + 60)
    const [id, secret] = made.api_key!.split(':')
    assert.equal(id, made.key_id)
    const self = await deployment.ask('getOwnToken', { as: secret! })
    assert.deepEqual([self.body.id, self.body.origin, self.body.permanent], [`tok_${id}`, 'cogniac', true])

    const { ports, uses } = deployment.service
    await ports.tokens.recordUses(uses.take())
    const shown = shaped(schemas.Key, (await send('GET', `${keys}/${id}`, as)).body)
    assert.ok(shown.last_auth !== null && shown.last_auth >= before)
    assert.deepEqual(shown, { ...made, api_key: null, last_auth: shown.last_auth })
    const { data } = shaped(schemas.Keys, (await send('GET', keys, as)).body)
    assert.ok(data.some(({ key_id }) => key_id === id) && data.every(({ api_key }) => api_key === null))
    const ended = await send('DELETE', `${keys}/${id}`, as)
    assert.deepEqual([ended.status, ended.body], [204, ''])
    assert.equal((await deployment.ask('getOwnToken', { as: secret! })).status, 401)
    for (const method of ['GET', 'DELETE']) refused(await send(method, `${keys}/${id}`, as), 404)
  })

  test('a key is traded for a bearer that dies with it, at the next call', async () => {
    const made = await makeKey(await bearer(basic('ada')))
    const as = await bearer(`Key ${made.api_key}`)
    assert.equal((await send('GET', '/1/users/current', as)).status, 200)
    assert.equal((await send('DELETE', `/1/users/current/apiKeys/${made.key_id}`, as)).status, 204)
    refused(await send('GET', '/1/users/current', as), 401)
    refused(await send('GET', '/1/token', `Key ${made.api_key}`), 401)
  })

  test('a bearer of a suspended, expired or disabled owner’s key is dead too', async () => {
    const bea = await person('bea')
    const as = await bearer(`Key ${bea.tokenId.slice(4)}:${bea.token}`)
    const params = { id: bea.tokenId }
    const asRoot = { as: deployment.root, params }
    await deployment.ask('updateToken', { ...asRoot, body: { is_active: false } })
    refused(await send('GET', '/1/users/current', as), 401)
    await deployment.ask('updateToken', { ...asRoot, body: { is_active: true } })
    assert.equal((await send('GET', '/1/users/current', as)).status, 200)
    const brief = secretOf(await deployment.ask('createToken', { as: bea.token, body: { lifetime_seconds: 60 } }))
    const soonOver = await trade(`Bearer ${brief}`)
    assert.ok(soonOver.expires_in <= 60)
    deployment.clock.advance(61_000)
    refused(await send('GET', '/1/users/current', `Bearer ${soonOver.access_token}`), 401)
    await deployment.ask('updateAccount', { as: deployment.root, params: { id: bea.id }, body: { status: 'disabled' } })
    refused(await send('GET', '/1/users/current', as), 401)
  })

  test('a bearer from a password dies with the password', async () => {
    const cleo = await person('cleo')
    const as = await bearer(basic('cleo'))
    assert.equal((await send('GET', '/1/users/current', as)).status, 200)
    const body = { new_password: `${goodPassword} 2` }
    await deployment.ask('changePassword', { as: deployment.root, params: { id: cleo.id }, body })
    refused(await send('GET', '/1/users/current', as), 401)
  })

  test('the id and the secret of a key must belong together, and a bearer is not traded for another', async () => {
    const [one, two] = [await makeKey(await bearer(basic('ada'))), await makeKey(await bearer(basic('ada')))]
    const secretOfTwo = two.api_key!.split(':')[1]
    refused(await send('GET', '/1/token', `Key ${one.key_id}:${secretOfTwo}`), 401)
    refused(await send('GET', '/1/token', 'Key nonsense'), 401)
    assert.equal((await send('GET', '/1/token', `key ${two.api_key}`)).status, 200)
    refused(await send('GET', '/1/token', await bearer(`Key ${two.api_key}`)), 401)
    for (const { key_id } of [one, two]) {
      await send('DELETE', `/1/users/current/apiKeys/${key_id}`, await bearer(basic('ada')))
    }
  })

  test('tenants are the account and its projects, by both spellings of the path', async () => {
    const dora = await person('dora')
    const { body: project } = await deployment.ask('createProject', { as: dora.token, body: { name: 'lab' } })
    const { body: foreign } = await deployment.ask('createProject', { as: ada.token, body: { name: 'hers' } })
    const expected = [
      { tenant_id: dora.id, type: 'usertenant', name: 'dora van der Berg' },
      { tenant_id: project.id, type: 'orgtenant', name: 'lab' },
    ]
    const key = `Key ${dora.tokenId.slice(4)}:${dora.token}`
    for (const path of ['/1/users/current/tenants', '//1/users/current/tenants']) {
      for (const authorization of [key, basic('dora')]) {
        const answer = await send('GET', path, authorization)
        assert.deepEqual([answer.status, shaped(schemas.Tenants, answer.body).tenants], [200, expected])
      }
    }
    const inProject = await trade(key, project.id)
    assert.deepEqual(
      [inProject.tenant_id, inProject.tenant_name, inProject.tenant_type],
      [project.id, 'lab', 'orgtenant'],
    )
    const asProject = `Bearer ${inProject.access_token}`
    const tenant = await send('GET', '/1/tenants/current', asProject)
    assert.deepEqual(shaped(schemas.Tenant, tenant.body), { tenant_id: project.id, name: 'lab', region: null })
    const own = await send('GET', '/1/tenants/current', await bearer(key))
    assert.equal(shaped(schemas.Tenant, own.body).tenant_id, dora.id)
    for (const other of [foreign.id, ada.id, 'nonsense']) {
      refused(await send('GET', `/1/token?tenant_id=${other}`, key), 403)
      refused(await send('GET', `/1/token?tenant_id=${other}`, basic('dora')), 403)
    }
    // Whoever leaves a project has lost what was traded for it, and nothing else.
    const owner = { account_id: ada.id, role: 'owner' }
    await deployment.ask('addMember', { as: dora.token, params: { id: project.id }, body: owner })
    await deployment.ask('removeMember', { as: ada.token, params: { id: project.id, account_id: dora.id } })
    refused(await send('GET', '/1/tenants/current', asProject), 403)
    assert.equal((await send('GET', '/1/tenants/current', await bearer(key))).status, 200)
  })

  test('users see themselves, with the name divided at its last space, and nobody else', async () => {
    const as = await bearer(basic('ada'))
    for (const id of ['current', ada.id]) {
      const answer = await send('GET', `/1/users/${id}`, as)
      assert.deepEqual(shaped(schemas.User, answer.body), {
        user_id: ada.id,
        email: 'ada@example.org',
        given_name: 'ada van der',
        surname: 'Berg',
      })
    }
    const eve = await person('eve')
    const changes = deployment.changeCount()
    refused(await send('GET', `/1/users/${eve.id}`, as), 403)
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? { description: 'x' } : undefined
      refused(await send(method, `/1/users/${eve.id}/apiKeys`, as, body), 403)
    }
    const theirs = eve.tokenId.slice(4)
    for (const method of ['GET', 'DELETE']) refused(await send(method, `/1/users/current/apiKeys/${theirs}`, as), 404)
    assert.equal(deployment.changeCount(), changes)
  })

  test('any account token is a bearer, tokens of another kind are refused, and a bearer is nothing elsewhere', async () => {
    assert.equal((await send('GET', '/1/users/current', `Bearer ${ada.token}`)).status, 200)
    refused(await send('GET', '/1/users/current', `Bearer ${deployment.root}`), 403)
    const { body: project } = await deployment.ask('createProject', { as: ada.token, body: { name: 'p' } })
    const made = await deployment.ask('createToken', { as: ada.token, body: { project_id: project.id } })
    refused(await send('GET', '/1/token', `Key ${made.body.id.slice(4)}:${secretOf(made)}`), 403)
    const as = await bearer(basic('ada'))
    assert.equal((await send('GET', '/api/v1/tokens/self', as)).status, 401)
    assert.equal((await send('GET', '/v1/whoami/', as)).status, 401)
  })

  test('the sixth key is refused with the number in use, and what is malformed is 400', async () => {
    await person('finn')
    const as = await bearer(basic('finn'))
    for (let made = 0; made < 4; made += 1) await makeKey(as)
    const sixth = await send('POST', '/1/users/current/apiKeys', as, { description: 'x' })
    assert.match(refused(sixth, 403), /^5 of 5 permanent tokens are in use/)
    refused(await send('POST', '/1/users/current/apiKeys', as, { description: 7 }), 400)
    refused(await send('GET', '/1/users/current/apiKeys/nonsense', as), 404)
    refused(await send('GET', '/1/nothing', as), 404)
  })
})
