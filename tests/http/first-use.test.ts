import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openDeployment, secretOf, type Deployment, type Member } from './deployment.ts'

describe('the first use of a new secret', () => {
  let deployment: Deployment
  let ada: Member
  let bob: Member

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
    bob = await deployment.member('bob', { scopes: ['chatelaine.tokens:verify'] })
  })
  after(() => deployment.close())

  test('is not a question by somebody who may not hear of the token', async () => {
    const { id } = (await deployment.ask('createToken', { as: ada.token, body: {} })).body
    const rotated = await deployment.ask('rotateToken', { as: ada.token, params: { id }, body: {} })
    const body = { token: secretOf(rotated) }
    const ofBob = await deployment.ask('verifyToken', { as: bob.token, body })
    assert.equal(ofBob.body.code, 'unknown')
    const { rotation } = (await deployment.ask('getToken', { as: ada.token, params: { id } })).body
    assert.equal(rotation?.state, 'pending')
    assert.equal((await deployment.ask('verifyToken', { as: deployment.root, body })).body.code, 'valid')
  })

  test('is not one that the scopes asked for refuse', async () => {
    const { id } = (await deployment.ask('createToken', { as: ada.token, body: { scopes: ['data:read'] } })).body
    const rotated = await deployment.ask('rotateToken', { as: ada.token, params: { id }, body: {} })
    const body = { token: secretOf(rotated), scopes: ['data:write'] }
    assert.equal((await deployment.ask('verifyToken', { as: deployment.root, body })).body.code, 'insufficient_scope')
    const { rotation } = (await deployment.ask('getToken', { as: ada.token, params: { id } })).body
    assert.equal(rotation?.first_used_at, null)
  })
})
