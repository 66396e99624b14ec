import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import { neuroioSchemas as schemas } from '@chatelaine/api/wires'
import type * as NeuroioModule from '@neuroio/rest-api'
import { goodPassword, openDeployment, secretOf, type Deployment, type Member } from '../http/deployment.ts'
import { exchange, exchangeJson, shaped, type Received } from './exchange.ts'

// A bundle that Node reads as CommonJS, whatever its types say.
const { createNeuroioRestApi } = createRequire(import.meta.url)('@neuroio/rest-api') as typeof NeuroioModule

const dayMs = 86_400_000
const form = { 'content-type': 'application/x-www-form-urlencoded' }

describe('the wire of NeuroIO', () => {
  let deployment: Deployment
  let ada: Member
  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada', { permanent: true })
    await setPassword('ada', ada.id)
  })
  after(() => deployment.close())

  const setPassword = (_name: string, id: string) =>
    deployment.ask('changePassword', { as: deployment.root, params: { id }, body: { new_password: goodPassword } })
  const send = (method: string, target: string, key: string, body?: unknown) =>
    exchangeJson(deployment, method, target, `Token ${key}`, body)
  const logIn = async (username = 'ada') => {
    const answer = await exchangeJson(deployment, 'POST', '/v1/auth/token/', undefined, {
      username,
      password: goodPassword,
    })
    assert.equal(answer.status, 200)
    return shaped(schemas.LoggedIn, answer.body).token
  }
  const make = async (key: string, body: object = {}) => {
    const answer = await send('POST', '/v1/tokens/', key, body)
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    return shaped(schemas.Token, answer.body)
  }
  const person = async (username: string) => {
    const { id } = await deployment.member(username, { lifetime_seconds: 60 })
    await setPassword(username, id)
    return logIn(username)
  }
  const refused = ({ status, body }: Received, expected: number, code = expected) => {
    assert.deepEqual([status, shaped(schemas.Refused, body).error_codes], [expected, [code]])
    return shaped(schemas.Refused, body)
  }

  test('user name and password give a temporary token, whole this one time', async () => {
    const answer = await exchange(deployment, 'POST', '/v1/auth/token/', {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'ada', password: goodPassword }),
    })
    assert.deepEqual([answer.status, answer.headers.get('cache-control')], [200, 'no-store'])
    const { user, token } = shaped(schemas.LoggedIn, answer.body)
    assert.deepEqual([user, token.is_active], [{ username: 'ada' }, true])
    assert.equal(Date.parse(token.expires!) - Date.parse(token.created), dayMs)
    const self = await deployment.ask('getOwnToken', { as: token.key })
    assert.deepEqual([self.body.origin, self.body.serial, self.body.permanent], ['neuroio', token.id, false])
    const shown = shaped(schemas.Token, (await send('GET', `/v1/tokens/${token.id}/`, token.key)).body)
    assert.deepEqual(shown, { ...token, key: `${self.body.start}********` })
  })

  test('the login may be a form too, and a wrong password is 401 with the code 602', async () => {
    const body = new URLSearchParams({ username: 'ada', password: goodPassword }).toString()
    assert.equal((await exchange(deployment, 'POST', '/v1/auth/token/', { headers: form, body })).status, 200)
    const wrong = await exchangeJson(deployment, 'POST', '/v1/auth/token/', undefined, {
      username: 'ada',
      password: 'not this one at all',
    })
    assert.equal(wrong.status, 401)
    assert.deepEqual(wrong.body, {
      error_codes: [602],
      message: 'Username and password do not match.',
      fields: [],
    })
  })

  test('the documented calls work: create, list, get, update, delete, delete many', async () => {
    const { key } = await person('bea')
    const permanent = await make(key, { permanent: true })
    assert.equal(permanent.expires, null)
    const temporary = [await make(key), await make(key, { permanent: false })]
    const list = async (query: string) =>
      shaped(schemas.Tokens, (await send('GET', `/v1/tokens/${query}`, key)).body).map(({ id }) => id)
    const all = await list('')
    assert.equal(all.length, 5)
    assert.deepEqual(await list('?permanent=true'), [permanent.id])
    assert.deepEqual(await list('?limit=10&offset=0&permanent='), all)
    assert.deepEqual(
      await list('?permanent=false&limit=2&offset=1'),
      all.filter((id) => id !== permanent.id).slice(1, 3),
    )
    const path = `/v1/tokens/${temporary[0]!.id}/`
    const suspended = await exchange(deployment, 'PATCH', path, {
      headers: { ...form, authorization: `Token ${key}` },
      body: 'is_active=false',
    })
    assert.deepEqual([suspended.status, shaped(schemas.Token, suspended.body).is_active], [200, false])
    refused(await send('GET', '/v1/tokens/', temporary[0]!.key), 401)
    assert.equal(shaped(schemas.Token, (await send('PUT', path, key, { is_active: true })).body).is_active, true)
    assert.equal((await send('DELETE', path, key)).status, 204)
    refused(await send('GET', path, key), 404)
    refused(await send('GET', '/v1/tokens/', temporary[0]!.key), 401)
    // The caller's own is temporary, so it ends too; what it made stands for itself.
    assert.equal((await send('DELETE', '/v1/tokens/?permanent=false', key)).status, 204)
    refused(await send('GET', '/v1/tokens/', key), 401)
    refused(await send('GET', '/v1/tokens/', temporary[1]!.key), 401)
    assert.equal((await send('GET', '/v1/tokens/', permanent.key)).status, 200)
    assert.equal((await send('DELETE', '/v1/tokens/?permanent=', permanent.key)).status, 204)
    assert.equal((await deployment.ask('getOwnToken', { as: permanent.key })).status, 401)
  })

  test('a token is found by its whole key, whose every character counts and which no log keeps', async () => {
    const { key } = await person('cleo')
    const { key: other, id } = await make(key)
    assert.equal(shaped(schemas.Token, (await send('GET', `/v1/tokens/${other}/`, key)).body).id, id)
    const masked = shaped(schemas.Token, (await send('GET', `/v1/tokens/${id}/`, key)).body).key
    refused(await send('GET', `/v1/tokens/${masked}/`, key), 404)
    refused(await send('GET', `/v1/tokens/${other.slice(0, -1)}x/`, key), 404)
    assert.equal((await send('PUT', `/v1/tokens/${other}/`, key, { is_active: false })).status, 200)
    assert.equal((await send('DELETE', `/v1/tokens/${other}/`, key)).status, 204)
    refused(await send('GET', `/v1/tokens/${other}/`, key), 404)
    const secret = other.slice(-38, -6)
    assert.ok(deployment.logged.length > 0 && deployment.logged.every((line) => !line.includes(secret)))
  })

  test('an expired token is absent from lists and shown by its id with its past expiry', async () => {
    const login = await person('dora')
    const permanent = await make(login.key, { permanent: true })
    deployment.clock.advance(dayMs + 1)
    const listed = shaped(schemas.Tokens, (await send('GET', '/v1/tokens/', permanent.key)).body)
    assert.deepEqual(
      listed.map(({ id }) => id),
      [permanent.id],
    )
    const path = `/v1/tokens/${login.id}/`
    assert.equal(shaped(schemas.Token, (await send('GET', path, permanent.key)).body).expires, login.expires)
    refused(await send('DELETE', path, permanent.key), 404)
    refused(await send('PUT', path, permanent.key, { is_active: false }), 404)
  })

  test('another’s token and space are 404, and nothing of them changes', async () => {
    const { key } = await person('eve')
    const theirs = (await deployment.ask('getOwnToken', { as: ada.token })).body.serial
    const space = shaped(schemas.Space, (await send('POST', '/v1/spaces/', ada.token, { name: 'hers' })).body).id
    const changes = deployment.changeCount()
    for (const target of [`/v1/tokens/${theirs}/`, `/v1/tokens/${ada.token}/`, `/v1/spaces/${space}/`]) {
      for (const method of ['GET', 'DELETE']) refused(await send(method, target, key), 404)
    }
    refused(await send('PUT', `/v1/tokens/${theirs}/`, key, { is_active: false }), 404)
    refused(await send('POST', `/v1/spaces/${space}/tokens/`, key, {}), 404)
    assert.equal(deployment.changeCount(), changes)
  })

  test('of many that ask for a permanent token at once, five get one, and the rest hear how many there are', async () => {
    const { key } = await person('finn')
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => send('POST', '/v1/tokens/', key, { permanent: true })),
    )
    assert.equal(answers.filter(({ status }) => status === 201).length, 5)
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      assert.match(refused(answer, 403).message, /^5 of 5 permanent tokens are in use/)
    }
  })

  test('temporary tokens renew themselves day after day, and only those behind a login make permanent ones', async () => {
    let { key } = await person('gwen')
    for (let day = 1; day <= 3; day += 1) {
      deployment.clock.advance(dayMs - 60_000)
      const next = await make(key)
      assert.equal(Date.parse(next.expires!) - Date.parse(next.created), dayMs)
      key = next.key
    }
    const permanent = await make(key, { permanent: true })
    const below = await make(permanent.key)
    refused(await send('POST', '/v1/tokens/', below.key, { permanent: true }), 403)
    const native = secretOf(await deployment.ask('createToken', { as: permanent.key, body: {} }))
    refused(await send('POST', '/v1/tokens/', native, { permanent: true }), 403)
    assert.equal((await make(native)).is_active, true)
  })

  test('spaces are projects, after the default one, which stays as it is', async () => {
    const { key } = await person('hans')
    const named = (name: string) => send('POST', '/v1/spaces/', key, { name })
    const [beta, alpha] = [await named('beta'), await named('alpha')].map(({ status, body }) => {
      assert.equal(status, 201)
      return shaped(schemas.Space, body)
    })
    const list = async (target: string) => shaped(schemas.Spaces, (await send('GET', target, key)).body)
    const everything = [{ id: 0, name: 'default' }, alpha!, beta!]
    assert.deepEqual(await list('/v1/spaces/?q=&limit=20&offset=0'), everything)
    assert.deepEqual(await list('/v1/lists/spaces/'), everything)
    assert.deepEqual(await list('/v1/spaces/?limit=1&offset=1'), [alpha])
    assert.deepEqual(await list('/v1/spaces/?q=BET'), [beta])
    const path = `/v1/spaces/${alpha!.id}/`
    assert.deepEqual((await send('GET', path, key)).body, alpha)
    assert.deepEqual((await send('GET', '/v1/spaces/0/', key)).body, { id: 0, name: 'default' })
    for (const method of ['PATCH', 'PUT']) {
      const renamed = await send(method, path, key, { name: `by ${method}` })
      assert.deepEqual([renamed.status, renamed.body], [200, { id: alpha!.id, name: `by ${method}` }])
    }
    refused(await send('DELETE', '/v1/spaces/0/', key), 403)
    refused(await send('PATCH', '/v1/spaces/0/', key, { name: 'mine' }), 403)
    assert.equal((await send('DELETE', path, key)).status, 204)
    refused(await send('GET', path, key), 404)
    assert.deepEqual(await list('/v1/spaces/'), [{ id: 0, name: 'default' }, beta])
  })

  test('a space token reaches its space, and makes tokens of it and no spaces', async () => {
    const { key } = await person('ida')
    const space = shaped(schemas.Space, (await send('POST', '/v1/spaces/', key, { name: 'lab' })).body)
    const made = await send('POST', `/v1/spaces/${space.id}/tokens/`, key, { permanent: true })
    assert.equal(made.status, 201)
    const ofSpace = shaped(schemas.Token, made.body)
    const me = await send('GET', '/v1/whoami/', ofSpace.key)
    assert.deepEqual([me.status, shaped(schemas.WhoAmI, me.body)], [200, { username: 'ida', space }])
    assert.deepEqual((await send('GET', '/v1/whoami/', key)).body, { username: 'ida', space: null })
    const own = await make(ofSpace.key)
    assert.equal((await deployment.ask('getOwnToken', { as: own.key })).body.kind, 'project')
    assert.equal((await send('POST', `/v1/spaces/${space.id}/tokens/`, ofSpace.key, {})).status, 201)
    assert.equal(shaped(schemas.Tokens, (await send('GET', '/v1/tokens/', ofSpace.key)).body).length, 3)
    assert.deepEqual((await send('GET', '/v1/spaces/', ofSpace.key)).body, [space])
    refused(await send('POST', '/v1/spaces/', ofSpace.key, { name: 'other' }), 403)
    refused(await send('POST', '/v1/spaces/0/tokens/', ofSpace.key, {}), 404)
    refused(await send('GET', `/v1/tokens/${(await logIn('ida')).id}/`, ofSpace.key), 404)
    const inDefault = await send('POST', '/v1/spaces/0/tokens/', key, { permanent: true })
    const ofAccount = shaped(schemas.Token, inDefault.body)
    assert.equal((await deployment.ask('getOwnToken', { as: ofAccount.key })).body.kind, 'account')
  })

  test('a manager token manages tokens of its kind and spaces, and is nobody', async () => {
    const made = await make(deployment.root, { permanent: true })
    assert.equal((await deployment.ask('getOwnToken', { as: made.key })).body.kind, 'manager')
    const listed = shaped(schemas.Tokens, (await send('GET', '/v1/tokens/', deployment.root)).body)
    assert.ok(listed.some(({ id }) => id === made.id))
    assert.equal((await send('GET', '/v1/spaces/', deployment.root)).status, 200)
    refused(await send('GET', '/v1/whoami/', deployment.root), 403)
    refused(await send('POST', '/v1/spaces/', deployment.root, { name: 'x' }), 403)
    assert.equal((await send('DELETE', `/v1/tokens/${made.id}/`, deployment.root)).status, 204)
  })

  test('the old password changes the password, and all tokens end where that is asked for', async () => {
    const { key } = await person('jan')
    const change = (fields: object) =>
      send('POST', '/v1/auth/password/change/', key, {
        old_password: goodPassword,
        password: 'another unusually long one',
        password2: 'another unusually long one',
        ...fields,
      })
    const wrong = await change({ old_password: 'not the old password' })
    assert.deepEqual(
      [wrong.status, wrong.body],
      [
        400,
        {
          error_codes: [400],
          message: 'Validation error.',
          fields: [{ name: 'old_password', message: 'Incorrect password.', error_code: 400 }],
        },
      ],
    )
    const differing = refused(await change({ password2: 'yet another unusually long one' }), 400)
    assert.deepEqual(
      differing.fields.map(({ name }) => name),
      ['password2'],
    )
    const kept = await change({})
    assert.deepEqual([kept.status, kept.body], [204, ''])
    assert.equal((await send('GET', '/v1/whoami/', key)).status, 200)
    const again = await send('POST', '/v1/auth/password/change/', key, {
      old_password: 'another unusually long one',
      password: goodPassword,
      password2: goodPassword,
      reset_tokens: true,
    })
    assert.equal(again.status, 204)
    refused(await send('GET', '/v1/whoami/', key), 401)
    await logIn('jan')
  })

  test('the successor’s client logs in by form and finds the same tokens under its own path', async () => {
    const { key } = await person('kim')
    const made = shaped(schemas.Token, (await send('POST', '/v1/tokens/access/', key, { permanent: false })).body)
    assert.equal(shaped(schemas.Tokens, (await send('GET', '/v1/tokens/access/', key)).body).length, 3)
    const path = `/v1/tokens/access/${made.id}/`
    assert.equal((await send('GET', path, key)).status, 200)
    assert.equal((await send('PUT', path, key, { is_active: false })).status, 200)
    assert.equal((await send('DELETE', path, key)).status, 204)
  })

  test('a token travels in either header, and two that differ are refused', async () => {
    const { key } = await person('lea')
    const get = (headers: Record<string, string>) => exchange(deployment, 'GET', '/v1/whoami/', { headers })
    assert.equal((await get({ token: `Token ${key}`, 'content-type': 'application/json' })).status, 200)
    assert.equal((await get({ token: `Token ${key}`, authorization: `Token ${key}` })).status, 200)
    refused(await get({ token: `Token ${key}`, authorization: `Token ${ada.token}` }), 400)
    refused(await get({}), 401)
  })

  test('what is malformed names its fields in the shape of that system', async () => {
    const { key } = await person('mia')
    const changes = deployment.changeCount()
    const bad: [string, string, unknown, string][] = [
      ['POST', '/v1/tokens/', { permanent: 'perhaps' }, 'permanent'],
      ['GET', '/v1/tokens/?limit=-1', undefined, 'limit'],
      ['GET', '/v1/tokens/?permanent=maybe', undefined, 'permanent'],
      ['DELETE', '/v1/tokens/?permanent=maybe', undefined, 'permanent'],
      ['POST', '/v1/spaces/', {}, 'name'],
      ['POST', '/v1/auth/token/', { username: 'mia' }, 'password'],
    ]
    for (const [method, target, body, field] of bad) {
      const { message, fields } = refused(await send(method, target, key, body), 400)
      assert.deepEqual([message, fields.map(({ name }) => name)], ['Validation error.', [field]])
    }
    assert.equal(deployment.changeCount(), changes)
  })

  test('the two documented calls that misfire are 404, and so is the rest of that system', async () => {
    const { key } = await person('noa')
    const changes = deployment.changeCount()
    refused(await send('DELETE', '/v1/tokens/[object%20Object]/', key), 404)
    refused(await send('POST', '/v1/spaces/undefined/tokens/', key, { permanent: true }), 404)
    for (const target of ['/v1/streams/tokens/', '/v1/tokens', '/v1/persons/1/', '/v1/']) {
      refused(await send('GET', target, key), 404)
    }
    assert.equal(deployment.changeCount(), changes)
  })

  test('its JavaScript client, as it stands on npm, does all of this', async () => {
    const base = `${deployment.origin}/v1/`
    const open = (token?: string) => {
      const api = createNeuroioRestApi({ version: 1, ...(token === undefined ? {} : { token }) })
      assert.ok(api !== undefined)
      api.setEndpoint({ base, auth: base })
      return api
    }
    await person('olga')
    const api = open()
    const { token, user } = await api.init('olga', goodPassword)
    assert.deepEqual(user, { username: 'olga' })
    shaped(schemas.Token, token)
    const permanent = await api.tokens.createToken({ permanent: true })
    const temporary = await api.tokens.createToken({})
    assert.equal((await api.tokens.getTokens({ permanent: true, limit: 10, offset: 0 })).length, 1)
    assert.equal((await api.tokens.getToken(temporary.id)).is_active, true)
    assert.equal((await api.tokens.updateToken({ id: temporary.id, is_active: false })).is_active, false)
    await api.tokens.deleteToken(temporary.id)
    await assert.rejects(api.tokens.getToken(temporary.id), /404/)

    const space = await api.spaces.createSpace({ name: 's' })
    assert.deepEqual(await api.spaces.updateSpace({ id: space.id, name: 't' }), { id: space.id, name: 't' })
    assert.equal((await api.spaces.getSpaces({ q: '', limit: 20, offset: 0 })).length, 2)
    const ofSpace = await api.spaces.createToken({ id: space.id, permanent: true })
    // Given to the constructor, a token travels in the header `token`.
    assert.deepEqual(await open(ofSpace.key).auth.whoami(), { username: 'olga', space: { id: space.id, name: 't' } })
    await api.spaces.deleteSpace(space.id)

    const changed = { password: 'another unusually long one', password2: 'another unusually long one' }
    await api.auth.changePassword({ old_password: goodPassword, ...changed })
    await assert.rejects(open().init('olga', goodPassword), /401/)
    await open(permanent.key).tokens.deleteTokens({ permanent: false })
    await assert.rejects(api.auth.whoami(), /401/)
    assert.equal((await open(permanent.key).tokens.getTokens({})).length, 1)
  })
})
