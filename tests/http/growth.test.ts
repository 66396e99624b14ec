import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ProblemKey } from '@chatelaine/api'
import { allManagementScopes } from '@chatelaine/core'
import { goodPassword, openDeployment, secretOf, type Deployment, type Member } from './deployment.ts'

const dayMs = 86_400_000

describe('a 24-hour token with chatelaine.tokens:write', () => {
  let deployment: Deployment
  let ada: Member
  let eve: Member
  let token: string
  let tokenId: string
  /** Another token of the same account, which is more than the one that tries. */
  let wide: string
  let expiresAt: number

  const scopes = ['chatelaine.tokens:read', 'chatelaine.tokens:write', 'data:read']

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
    eve = await deployment.member('eve')
    const made = await deployment.ask('createToken', { as: ada.token, body: { scopes, allowed_ips: ['127.0.0.0/8'] } })
    token = secretOf(made)
    tokenId = made.body.id
    expiresAt = Date.parse(made.body.expires_at ?? '')
    wide = (await deployment.ask('createToken', { as: ada.token, body: { lifetime_seconds: 600_000 } })).body.id
    deployment.clock.advance(1_000)
  })
  after(() => deployment.close())

  const at = (ms: number) => new Date(ms).toISOString()

  const creations: [string, () => object, ProblemKey][] = [
    ['with every scope', () => ({ scopes: ['*'] }), 'exceeds-caller'],
    ['with one scope more', () => ({ scopes: [...scopes, 'data:write'] }), 'exceeds-caller'],
    ['with all of a resource', () => ({ scopes: ['data:*'] }), 'exceeds-caller'],
    ['with all of the management of tokens', () => ({ scopes: ['chatelaine.tokens:*'] }), 'exceeds-caller'],
    ['that is permanent', () => ({ permanent: true }), 'exceeds-caller'],
    ['that lives a millisecond longer', () => ({ expires_at: at(expiresAt + 1) }), 'exceeds-caller'],
    ['that lives 24 hours from now', () => ({ lifetime_seconds: 86_400 }), 'exceeds-caller'],
    [
      'that begins when it has ended',
      () => ({ not_before: at(expiresAt), expires_at: at(expiresAt + 1) }),
      'exceeds-caller',
    ],
    ['that may be used from anywhere', () => ({ allowed_ips: [] }), 'exceeds-caller'],
    ['that may be used from a wider block', () => ({ allowed_ips: ['126.0.0.0/7'] }), 'exceeds-caller'],
    ['that may be used from one address more', () => ({ allowed_ips: ['127.0.0.1', '192.0.2.1'] }), 'exceeds-caller'],
    ['for another account', () => ({ account_id: eve.id }), 'not-found'],
    ['that manages', () => ({ kind: 'manager', scopes: ['chatelaine.tokens:write'] }), 'not-permitted'],
  ]
  for (const [what, body, problem] of creations) {
    test(`makes no token ${what}`, async () => {
      const changes = deployment.changeCount()
      assert.equal((await deployment.ask('createToken', { as: token, body: body() })).problem, problem)
      assert.equal(deployment.changeCount(), changes)
    })
  }

  const widenings: [string, () => object][] = [
    ['every scope', () => ({ scopes: ['*'] })],
    ['one scope more', () => ({ scopes: [...scopes, 'data:write'] })],
    ['no expiry', () => ({ expires_at: null })],
    ['a later expiry', () => ({ expires_at: at(expiresAt + dayMs) })],
    ['no bound to addresses', () => ({ allowed_ips: [] })],
  ]
  for (const [what, body] of widenings) {
    test(`gives neither itself nor what it made ${what}`, async () => {
      const child = await deployment.ask('createToken', { as: token, body: { label: 'child' } })
      assert.equal(child.status, 201)
      for (const id of [tokenId, child.body.id]) {
        const said = { params: { id }, body: body() }
        assert.equal((await deployment.ask('updateToken', { as: token, ...said })).problem, 'exceeds-caller')
        assert.equal((await deployment.ask('updateToken', { as: secretOf(child), ...said })).problem, 'exceeds-caller')
      }
    })
  }

  test('changes no token that is more than itself, and does not resume one', async () => {
    const change = (body: object) => deployment.ask('updateToken', { as: token, params: { id: wide }, body })
    assert.equal((await change({ label: 'mine now' })).problem, 'exceeds-caller')
    assert.equal((await change({ metadata: { taken: true } })).problem, 'exceeds-caller')
    assert.equal((await change({ is_active: false })).body.status, 'suspended')
    assert.equal((await change({ is_active: true })).problem, 'exceeds-caller')
    assert.equal((await change({ is_active: true, scopes: ['data:read'] })).problem, 'exceeds-caller')
  })

  test('may make a token that is no more than itself, which inherits its bounds when none are named', async () => {
    const { body } = await deployment.ask('createToken', { as: token, body: {} })
    assert.deepEqual(body.scopes, scopes)
    assert.deepEqual(body.allowed_ips, ['127.0.0.0/8'])
    assert.equal(body.expires_at, at(expiresAt))
  })

  test('cannot come back once it has expired, nor does what it made outlive it', async () => {
    const child = secretOf(await deployment.ask('createToken', { as: token, body: {} }))
    deployment.clock.advance(dayMs)
    for (const as of [token, child]) {
      const revival = { params: { id: tokenId }, body: { expires_at: at(deployment.clock.now() + dayMs) } }
      assert.equal((await deployment.ask('updateToken', { as, ...revival })).problem, 'credential-rejected')
    }
    const byOwner = { as: ada.token, params: { id: tokenId }, body: { expires_at: null } }
    assert.equal((await deployment.ask('updateToken', byOwner)).problem, 'token-ended')
  })
})

describe('a manager token', () => {
  let deployment: Deployment
  let ada: Member
  let adminId: string

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
    const body = { username: 'admin', role: 'admin', password: goodPassword }
    adminId = (await deployment.ask('createAccount', { as: deployment.root, body })).body.id
  })
  after(() => deployment.close())

  async function manager(body: object): Promise<string> {
    const whole = { kind: 'manager', scopes: allManagementScopes, ...body }
    return secretOf(await deployment.ask('createToken', { as: deployment.root, body: whole }))
  }

  test('may issue for any account what policy allows that account', async () => {
    const as = await manager({ scopes: ['chatelaine.tokens:write'], lifetime_seconds: 60 })
    const { body } = await deployment.ask('createToken', { as, body: { account_id: ada.id, permanent: true } })
    assert.equal(body.permanent, true)
    assert.deepEqual(body.scopes, ['*'])
  })

  test('makes no manager token unless it holds every management scope', async () => {
    const as = await manager({ scopes: allManagementScopes.slice(1), permanent: true })
    const body = { kind: 'manager', scopes: ['chatelaine.tokens:verify'] }
    assert.equal((await deployment.ask('createToken', { as, body })).problem, 'exceeds-caller')
  })

  test('makes no manager token that outlives it', async () => {
    const as = await manager({ lifetime_seconds: 600 })
    const body = { kind: 'manager', scopes: ['chatelaine.tokens:verify'] }
    assert.equal(
      (await deployment.ask('createToken', { as, body: { ...body, permanent: true } })).problem,
      'exceeds-caller',
    )
    assert.equal((await deployment.ask('createToken', { as, body })).status, 201)
  })

  test('holds no scope of the platform itself, and its scopes are never guessed', async () => {
    for (const scopes of [['*'], ['data:read'], undefined]) {
      const answer = await deployment.ask('createToken', { as: deployment.root, body: { kind: 'manager', scopes } })
      assert.equal(answer.problem, 'invalid-request')
    }
  })

  test('makes no administrator, touches none and sets no password of one, unless it is permanent and whole', async () => {
    for (const as of [
      await manager({ lifetime_seconds: 600 }),
      await manager({ scopes: ['chatelaine.accounts:write'] }),
    ]) {
      const attempts = [
        await deployment.ask('createAccount', { as, body: { username: 'second', role: 'admin' } }),
        await deployment.ask('updateAccount', { as, params: { id: ada.id }, body: { role: 'admin' } }),
        await deployment.ask('updateAccount', { as, params: { id: adminId }, body: { email: 'thief@example.org' } }),
        await deployment.ask('disableAccount', { as, params: { id: adminId } }),
        await deployment.ask('changePassword', { as, params: { id: adminId }, body: { new_password: goodPassword } }),
      ]
      for (const { problem } of attempts) assert.equal(problem, 'exceeds-caller')
    }
    const made = await deployment.ask('createAccount', {
      as: deployment.root,
      body: { username: 'second', role: 'admin' },
    })
    assert.equal(made.body.role, 'admin')
  })
})
