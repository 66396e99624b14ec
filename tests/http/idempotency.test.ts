import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Caller, TokenId } from '@chatelaine/core'
import { openDeployment, type Deployment, type Member } from './deployment.ts'

describe('a request with an Idempotency-Key', () => {
  let deployment: Deployment
  let ada: Member

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
  })
  after(() => deployment.close())

  const create = (key: string, body: unknown, as = ada.token) =>
    deployment.ask('createToken', { as, body, headers: { 'idempotency-key': key } })

  test('that is repeated makes nothing more, and shows what it made without the secret', async () => {
    const first = await create('repeated', { label: 'one' })
    assert.equal(first.status, 201)
    const changes = deployment.changeCount()
    const again = await create('repeated', { label: 'one' })
    assert.equal(again.status, 200)
    assert.equal(again.headers.get('idempotency-replayed'), 'true')
    assert.equal(again.body.id, first.body.id)
    assert.ok(!('token' in again.body))
    assert.equal(deployment.changeCount(), changes)
  })

  test('shows on repetition what has become of it since', async () => {
    const first = await create('revoked since', {}).then(({ problem }) => problem)
    assert.equal(first, 'invalid-request', 'a space is none of a key')
    const made = await create('revoked-since', {})
    await deployment.ask('revokeToken', { as: ada.token, params: { id: made.body.id } })
    assert.equal((await create('revoked-since', {})).body.status, 'revoked')
  })

  test('is the same however its JSON is written', async () => {
    const first = await create('spelling', '{"label":"one","scopes":["data:read"]}')
    const again = await create('spelling', String.raw` { "scopes" : ["data:read"], "l\u0061bel" : "one" } `)
    assert.equal(again.status, 200)
    assert.equal(again.body.id, first.body.id)
  })

  test('that is another request under the same key is refused', async () => {
    await create('reused', { label: 'one' })
    const changes = deployment.changeCount()
    assert.equal((await create('reused', { label: 'two' })).problem, 'idempotency-key-reused')
    assert.equal((await create('reused', {})).problem, 'idempotency-key-reused')
    assert.equal(deployment.changeCount(), changes)
  })

  test('has nothing to do with the same key of another caller', async () => {
    const eve = await deployment.member('eve')
    const [one, two] = [await create('shared', {}), await create('shared', {}, eve.token)]
    assert.equal(two.status, 201)
    assert.notEqual(one.body.id, two.body.id)
  })

  test('that was refused may be sent again under the same key', async () => {
    assert.equal((await create('mended', { label: 7 })).problem, 'invalid-request')
    assert.equal((await create('mended', { expires_at: '2020-01-01T00:00:00Z' })).problem, 'invalid-request')
    assert.equal((await create('mended', { label: '7' })).status, 201)
  })

  test('that comes while the first still runs is told to wait', async () => {
    const token = await deployment.service.ports.tokens.find(ada.tokenId as TokenId)
    const caller: Caller = { type: 'token', token: token!, secret: 'newest', peer: { ip: null, client: null } }
    let end: () => void = () => undefined
    const first = deployment.service.ports.onceGate.pass(caller, { key: 'running', request: '' }, () => {
      return new Promise<void>((resolve) => (end = resolve))
    })
    const answer = await create('running', {})
    assert.equal(answer.problem, 'idempotency-running')
    assert.equal(answer.headers.get('retry-after'), '1')
    end()
    await first
    assert.equal((await create('running', {})).status, 201)
  })

  test('of which many arrive at once makes one token', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => create('at-once', { label: 'once' })))
    assert.equal(answers.filter(({ status }) => status === 201).length, 1)
    for (const { status, problem } of answers) assert.ok(status < 300 || problem === 'idempotency-running', problem)
    const { body } = await deployment.ask('listTokens', { as: ada.token, query: { q: 'once' } })
    assert.equal(body.data.length, 1)
  })

  test('makes one account, too, and says so on repetition', async () => {
    const add = (body: object) =>
      deployment.ask('createAccount', { as: deployment.root, body, headers: { 'idempotency-key': 'account' } })
    const first = await add({ username: 'grace' })
    assert.equal(first.status, 201)
    assert.equal(first.headers.get('location'), `/api/v1/accounts/${first.body.id}`)
    const again = await add({ username: 'grace' })
    assert.equal(again.status, 200)
    assert.equal(again.headers.get('idempotency-replayed'), 'true')
    assert.equal(again.body.id, first.body.id)
    assert.equal((await add({ username: 'hopper' })).problem, 'idempotency-key-reused')
  })

  test('is another one for another operation', async () => {
    const headers = { 'idempotency-key': 'account' }
    const answer = await deployment.ask('createToken', { as: deployment.root, body: { account_id: ada.id }, headers })
    assert.equal(answer.problem, 'idempotency-key-reused')
  })
})
