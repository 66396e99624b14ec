import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openDeployment, type Deployment } from './deployment.ts'

describe('what may still be made', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await openDeployment()
  })
  after(() => deployment.close())

  test('says what is in use and what is allowed, and suspended permanent tokens count', async () => {
    const { id, token } = await deployment.member('ada', { lifetime_seconds: 3_600 })
    const ofAda = async () => (await deployment.ask('getTokenAllowance', { as: token })).body
    assert.deepEqual(await ofAda(), {
      refusal: null,
      permanent: { in_use: 0, max: 5 },
      live: { in_use: 1, max: 1_000 },
      temporary_lifetime_seconds: 86_400,
      longest_lifetime_seconds: null,
    })
    const body = { account_id: id, permanent: true }
    const made = await deployment.ask('createToken', { as: deployment.root, body })
    const params = { id: made.body.id }
    await deployment.ask('updateToken', { as: deployment.root, params, body: { is_active: false } })
    const { permanent, live } = await ofAda()
    assert.deepEqual([permanent.in_use, live.in_use], [1, 2])
    await deployment.ask('revokeToken', { as: deployment.root, params })
    assert.equal((await ofAda()).permanent.in_use, 0)
  })

  test('says why none can be made where policy forbids it', async () => {
    const { id, token } = await deployment.member('bea')
    const owner = await deployment.member('owner')
    const project = await deployment.ask('createProject', { as: owner.token, body: { name: 'Atlas' } })
    const params = { id: project.body.id }
    await deployment.ask('addMember', { as: owner.token, params, body: { account_id: id, role: 'member' } })
    const ask = () => deployment.ask('getTokenAllowance', { as: token, query: { project_id: project.body.id } })
    assert.equal((await ask()).body.refusal, null)
    await deployment.ask('updateProject', {
      as: deployment.root,
      params,
      body: { policy: { members_may_create: false, permanent_tokens_max: 2 } },
    })
    const { body } = await ask()
    assert.match(body.refusal ?? '', /only owners and managers may make tokens/)
    assert.equal(body.permanent.max, 2)
  })

  test('of what one may not see it tells nothing', async () => {
    const { token } = await deployment.member('cleo')
    const other = await deployment.member('dora')
    const { status } = await deployment.ask('getTokenAllowance', { as: token, query: { account_id: other.id } })
    assert.equal(status, 404)
  })
})
