import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { coscineSchemas as schemas } from '@chatelaine/api/wires'
import { openDeployment, type Deployment, type Member } from '../http/deployment.ts'
import { exchangeJson, shaped } from './exchange.ts'

const base = '/coscine/api/v2/self'

describe('the wire of Coscine', () => {
  let deployment: Deployment
  let ada: Member
  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada', { permanent: true })
  })
  after(() => deployment.close())

  test('whoever holds a token learns whose it is', async () => {
    const { status, body } = await exchangeJson(deployment, 'GET', base, `Bearer ${ada.token}`)
    assert.equal(status, 200)
    assert.equal(shaped(schemas.Self, body).data.displayName, 'ada')
  })

  test('a token made here is shown once, lives for whole days, and is good natively', async () => {
    const made = await deployment.send('POST', `${base}/api-tokens`, {
      as: ada.token,
      body: { name: 'analysis', expiresInDays: 30 },
    })
    assert.equal(made.status, 201)
    const { data } = shaped(schemas.OneToken, made.body)
    const lifeMs = Date.parse(data.expiryDate!) - Date.parse(data.creationDate)
    assert.equal(lifeMs, 30 * 86_400_000)
    const shown = await exchangeJson(deployment, 'GET', `${base}/api-tokens/${data.id}`, `Bearer ${ada.token}`)
    assert.equal(shaped(schemas.OneToken, shown.body).data.token, null)
    const self = await deployment.ask('getOwnToken', { as: data.token! })
    assert.deepEqual([self.status, self.body.origin, self.body.label], [200, 'coscine', 'analysis'])
  })

  test('a token that is revoked here is dead everywhere before the answer, and 404 here afterwards', async () => {
    const made = await deployment.send('POST', `${base}/api-tokens`, {
      as: ada.token,
      body: { name: 'short', expiresInDays: 1 },
    })
    const { data } = shaped(schemas.OneToken, made.body)
    const path = `${base}/api-tokens/${data.id}`
    assert.equal((await exchangeJson(deployment, 'DELETE', path, `Bearer ${ada.token}`)).status, 204)
    assert.equal((await deployment.ask('getOwnToken', { as: data.token! })).status, 401)
    for (const method of ['GET', 'DELETE']) {
      const gone = await exchangeJson(deployment, method, path, `Bearer ${ada.token}`)
      assert.equal(gone.status, 404)
      shaped(schemas.Refused, gone.body)
    }
  })

  test('the list is paged, sorted by as many fields as are named, and holds no secret', async () => {
    const bob = await deployment.member('bob', { permanent: true })
    for (const name of ['b', 'a', 'b', 'c']) {
      await deployment.send('POST', `${base}/api-tokens`, { as: bob.token, body: { name, expiresInDays: 7 } })
    }
    const target = `${base}/api-tokens?PageNumber=2&PageSize=2&OrderBy=name%20desc,%20creationDate%20asc`
    const { body } = await exchangeJson(deployment, 'GET', target, `Bearer ${bob.token}`)
    const { data, pagination } = shaped(schemas.Tokens, body)
    assert.deepEqual(
      data.map(({ name, token }) => [name, token]),
      [
        ['b', null],
        ['a', null],
      ],
    )
    assert.deepEqual(pagination, {
      currentPage: 2,
      totalPages: 3,
      pageSize: 2,
      totalCount: 5,
      hasPrevious: true,
      hasNext: true,
    })
  })

  test('what is refused has its envelope, with the status that the native API would have', async () => {
    const changes = deployment.changeCount()
    const good = { name: 'x', expiresInDays: 1 }
    const asAda = `Bearer ${ada.token}`
    const bad = [
      { status: 401, authorization: undefined, body: good },
      { status: 401, authorization: `${asAda}x`, body: good },
      { status: 400, authorization: asAda, body: { ...good, expiresInDays: 0 } },
      { status: 400, authorization: asAda, body: { ...good, expiresInDays: 371 } },
      { status: 400, authorization: asAda, body: { ...good, name: '' } },
      { status: 400, authorization: asAda, body: { name: 'x' } },
      { status: 403, authorization: `Bearer ${deployment.root}`, body: good },
    ]
    for (const { status, authorization, body } of bad) {
      const refused = await exchangeJson(deployment, 'POST', `${base}/api-tokens`, authorization, body)
      assert.equal(refused.status, status)
      assert.equal(shaped(schemas.Refused, refused.body).statusCode, status)
      if (status === 401) assert.match(refused.headers.get('www-authenticate') ?? '', /^Bearer/)
    }
    assert.equal(deployment.changeCount(), changes)
  })

  test('a token cannot make one that outlives it', async () => {
    const brief = await deployment.member('brief', { lifetime_seconds: 3_600 })
    const body = { name: 'x', expiresInDays: 1 }
    const refused = await exchangeJson(deployment, 'POST', `${base}/api-tokens`, `Bearer ${brief.token}`, body)
    assert.equal(refused.status, 403)
    shaped(schemas.Refused, refused.body)
  })

  test('what is not there is 404 in its envelope, and another method says which ones there are', async () => {
    const missing = await exchangeJson(deployment, 'GET', `${base}/nothing`, `Bearer ${ada.token}`)
    assert.equal(missing.status, 404)
    shaped(schemas.Refused, missing.body)
    const method = await exchangeJson(deployment, 'PUT', `${base}/api-tokens`, `Bearer ${ada.token}`)
    assert.deepEqual([method.status, method.headers.get('allow')], [405, 'POST, GET, HEAD, OPTIONS'])
  })
})

test('a wire that is off answers as if it did not exist', async () => {
  const deployment = await openDeployment({ CHATELAINE_WIRES: 'none' })
  try {
    const { status, problem } = await deployment.send('GET', base, { as: deployment.root })
    assert.deepEqual([status, problem], [404, 'route-not-found'])
  } finally {
    await deployment.close()
  }
})
