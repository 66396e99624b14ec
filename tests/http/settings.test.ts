import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openDeployment, secretOf, type Deployment, type Member } from './deployment.ts'

const dayMs = 86_400_000

const policy = {
  temporary_lifetime_seconds: 86_400,
  longest_lifetime_seconds: null,
  permanent_tokens_max: 5,
  tokens_per_owner_max: 1_000,
  members_may_create: true,
  members_manage_all: false,
  creation_requires_project_role: false,
  owner_rate_limit: null,
}

describe('the settings', () => {
  let deployment: Deployment
  let ada: Member
  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada', { permanent: true, label: 'oldest' })
  })
  after(() => deployment.close())

  const asRoot = (said: object) => ({ as: deployment.root, ...said })
  const codeOf = async (token: string): Promise<string> =>
    (await deployment.ask('verifyToken', asRoot({ body: { token } }))).body.code
  const settle = (parts: object) =>
    deployment.ask('replaceSettings', asRoot({ body: { policy: { ...policy, ...parts } } }))

  test('of a new deployment are the defaults, and what is set is answered and read', async () => {
    assert.deepEqual((await deployment.ask('getSettings', asRoot({}))).body, { policy })
    const parts = { owner_rate_limit: { limit: 10_000, window_seconds: 60 }, longest_lifetime_seconds: 86_400 * 365 }
    assert.deepEqual((await settle(parts)).body, { policy: { ...policy, ...parts } })
    assert.deepEqual((await deployment.ask('getSettings', asRoot({}))).body, { policy: { ...policy, ...parts } })
    await settle({})
  })

  test('name both parts of what contradicts itself, and every field that is wrong or missing', async () => {
    const contradiction = await settle({ longest_lifetime_seconds: 60 })
    assert.equal(contradiction.problem, 'invalid-request')
    assert.deepEqual(contradiction.pointers, ['/policy/temporary_lifetime_seconds', '/policy/longest_lifetime_seconds'])
    assert.match(contradiction.detail, /temporary_lifetime_seconds.*longest_lifetime_seconds/)
    const wrong = await settle({ permanent_tokens_max: -1, owner_rate_limit: { limit: 0, window_seconds: 1 } })
    assert.deepEqual(wrong.pointers, ['/policy/permanent_tokens_max', '/policy/owner_rate_limit/limit'])
    const missing = await deployment.ask('replaceSettings', asRoot({ body: { policy: {} } }))
    assert.equal(missing.pointers.length, Object.keys(policy).length)
  })

  test('are previewed: which tokens a lower limit ends, whose and when; and setting it ends those', async () => {
    const body = { account_id: ada.id, permanent: true, label: 'newest' }
    const newest = await deployment.ask('createToken', asRoot({ body }))
    assert.equal(await codeOf(secretOf(newest)), 'valid')
    const changes = deployment.changeCount()
    const asked = { policy: { permanent_tokens_max: 1 } }
    const { body: preview } = await deployment.ask('previewSettings', asRoot({ body: asked }))
    assert.equal(deployment.changeCount(), changes)
    assert.deepEqual([preview.tokens_now, preview.tokens_later, preview.owner_count], [1, 0, 1])
    const [cut] = preview.cuts
    assert.deepEqual([cut?.token_id, cut?.label, cut?.because], [newest.body.id, 'newest', 'permanent_tokens_max'])
    assert.deepEqual(preview.owners[0]?.account_id, ada.id)
    await settle({ permanent_tokens_max: 1 })
    assert.equal(await codeOf(secretOf(newest)), 'revoked')
    assert.equal(await codeOf(ada.token), 'valid')
    await settle({})
  })

  test('bound verification: valid_until is the end that policy leaves, and from then on the token is expired', async () => {
    const { token } = await deployment.member('grace', { permanent: true })
    await settle({ longest_lifetime_seconds: 86_400 })
    const refused = await deployment.ask('createToken', { as: token, body: { permanent: true } })
    assert.equal(refused.problem, 'lifetime-too-long')
    const { body } = await deployment.ask('verifyToken', asRoot({ body: { token } }))
    assert.ok('valid_until' in body && body.expires_at === null && body.valid_until !== null)
    assert.ok(Math.abs(Date.parse(body.valid_until) - deployment.clock.now() - dayMs) < 60_000)
    deployment.clock.advance(Date.parse(body.valid_until) - deployment.clock.now())
    assert.equal(await codeOf(token), 'expired')
    await settle({})
    assert.notEqual(await codeOf(token), 'valid')
  })

  test('let a project have it otherwise, which only whoever may change the settings says', async () => {
    const owner = await deployment.member('lin', { permanent: true, scopes: ['*'] })
    const { body: project } = await deployment.ask('createProject', { as: owner.token, body: { name: 'Atlas' } })
    const params = { id: project.id }
    const change = { policy: { permanent_tokens_max: 0, owner_rate_limit: null } }
    const refused = await deployment.ask('updateProject', { as: owner.token, params, body: change })
    assert.equal(refused.problem, 'scope-missing')
    const { body } = await deployment.ask('updateProject', asRoot({ params, body: change }))
    assert.deepEqual(body.policy, change.policy)
    const made = { as: owner.token, body: { project_id: project.id, permanent: true } }
    assert.equal((await deployment.ask('createToken', made)).problem, 'permanent-limit-reached')
    const cleared = await deployment.ask('updateProject', asRoot({ params, body: { policy: {} } }))
    assert.deepEqual(cleared.body.policy, {})
    assert.equal((await deployment.ask('createToken', made)).status, 201)
  })
})

describe('the catalogue of scopes', () => {
  let deployment: Deployment
  let ada: Member
  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada', { permanent: true, scopes: ['data:*', 'chatelaine.tokens:write'] })
  })
  after(() => deployment.close())

  const read = { name: 'data:read', description: 'Read data', group: 'Data', kinds: ['account'], sensitive: false }
  const replace = (...scopes: readonly object[]) =>
    deployment.ask('replaceScopes', { as: deployment.root, body: { scopes } })

  test('is empty at first; what is set is read by whoever has a credential, with its defaults', async () => {
    assert.deepEqual((await deployment.ask('listScopes', { as: ada.token })).body, { data: [], next_cursor: null })
    await replace(read, { name: 'data:append', description: 'Add data' })
    const append = { name: 'data:append', description: 'Add data', group: '', kinds: ['account', 'project'] }
    assert.deepEqual((await deployment.ask('listScopes', { as: ada.token })).body.data, [
      { ...append, sensitive: false },
      read,
    ])
  })

  test('binds what tokens hold: the refusal names the scope', async () => {
    const refused = await deployment.ask('createToken', { as: ada.token, body: { scopes: ['files:read'] } })
    assert.equal(refused.problem, 'invalid-request')
    assert.match(refused.detail, /files:read/)
    assert.deepEqual(refused.pointers, ['/scopes'])
  })

  test('takes at once, and what comes back is given to no token by itself; verification says what a token may', async () => {
    const ask = (scope: string) =>
      deployment.ask('verifyToken', { as: deployment.root, body: { token: ada.token, scopes: [scope] } })
    assert.equal((await ask('data:read')).body.code, 'valid')
    await replace({ name: 'data:append', description: 'Add data' })
    const { body } = await ask('data:read')
    assert.deepEqual(
      [body.code, 'missing_scopes' in body && body.missing_scopes],
      ['insufficient_scope', ['data:read']],
    )
    await replace(read, { name: 'data:append', description: 'Add data' })
    assert.equal((await ask('data:read')).body.code, 'insufficient_scope')
    const answer = (await ask('data:append')).body
    assert.deepEqual('scopes' in answer && answer.scopes, ['chatelaine.tokens:write', 'data:append'])
  })

  test('names no wildcard, nothing twice, and is never empty', async () => {
    assert.deepEqual((await replace({ ...read, name: 'data:*' })).pointers, ['/scopes/0/name'])
    assert.deepEqual((await replace(read, read)).pointers, ['/scopes/1/name'])
    assert.deepEqual((await replace()).pointers, ['/scopes'])
    assert.deepEqual((await replace({ ...read, kinds: [] })).pointers, ['/scopes/0/kinds'])
  })
})
