import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { cocalcSchemas as schemas } from '@chatelaine/api/wires'
import { openDeployment, secretOf, type Deployment, type Member } from '../http/deployment.ts'
import { exchange, exchangeJson, shaped } from './exchange.ts'

const keys = '/api/v2/api-keys'
const hub = '/api/conat/hub'
const bridge = '/api/conat/project'
const notCollaborator = 'user must be collaborator on project to manage project_id api keys'

describe('the wire of CoCalc', () => {
  let deployment: Deployment
  let ada: Member
  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada', { permanent: true })
  })
  after(() => deployment.close())

  const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`
  /** Every answer has the status 200. */
  const call = async (target: string, key: string | undefined, body: unknown) => {
    const answer = await exchangeJson(deployment, 'POST', target, key && basic(key), body)
    assert.equal(answer.status, 200)
    return answer.body
  }
  const refused = async (target: string, key: string | undefined, body: unknown, error: string | RegExp) => {
    const told = shaped(schemas.Refused, await call(target, key, body)).error
    if (typeof error === 'string') assert.equal(told, error)
    else assert.match(told, error)
  }
  const create = async (key: string, fields: object = {}) =>
    shaped(schemas.NewKey, await call(keys, key, { action: 'create', ...fields })).response[0]
  const list = async (key: string, fields: object = {}) =>
    shaped(schemas.Keys, await call(keys, key, { action: 'get', ...fields })).response
  const project = async (owner: Member, ...others: Member[]) => {
    const { body } = await deployment.ask('createProject', { as: owner.token, body: { name: 'p' } })
    for (const { id } of others) {
      const member = { account_id: id, role: 'member' }
      await deployment.ask('addMember', { as: owner.token, params: { id: body.id }, body: member })
    }
    return body
  }

  test('a key is made with a name and an expiry, is shown once, and is good natively as a user name', async () => {
    const at = Date.now() + 90 * 86_400_000
    const made = await create(ada.token, { name: 'laptop', expire: new Date(at).toISOString() })
    assert.deepEqual([made.name, made.expire], ['laptop', new Date(at).toISOString()])
    const self = await deployment.send('GET', '/api/v1/tokens/self', { headers: { authorization: basic(made.secret) } })
    const { origin, serial, start } = self.body as { origin: string; serial: number; start: string }
    assert.deepEqual([self.status, origin, serial, start], [200, 'cocalc', made.id, made.trunc])
    const { secret: _secret, ...shown } = made
    const listed = (await list(ada.token)).find(({ id }) => id === made.id)
    assert.deepEqual({ ...shown, last_active: listed?.last_active }, { ...listed, last_active: listed?.last_active })
  })

  test('the expiry may be in milliseconds, and without one a key is permanent and counts', async () => {
    const bob = await deployment.member('bob', { permanent: true })
    const at = Date.now() + 60_000
    assert.equal((await create(bob.token, { expire: at })).expire, new Date(at).toISOString())
    for (const fields of [{}, { expire: null }, {}, {}])
      assert.equal((await create(bob.token, fields)).expire, undefined)
    await refused(keys, bob.token, { action: 'create' }, /^5 of 5 permanent tokens are in use/)
  })

  test('the list is newest first, and tells of last use', async () => {
    const cleo = await deployment.member('cleo', { permanent: true })
    const first = await create(cleo.token, { name: 'first' })
    deployment.clock.advance(1_000)
    await create(cleo.token, { name: 'second' })
    assert.equal((await deployment.ask('getOwnToken', { as: first.secret })).status, 200)
    const { ports, uses } = deployment.service
    await ports.tokens.recordUses(uses.take())
    const listed = await list(cleo.token)
    assert.deepEqual(
      listed.map(({ name, last_active }) => [name, last_active !== undefined]),
      [
        ['second', false],
        ['first', true],
        ['', true],
      ],
    )
  })

  test('editing changes name and expiry, null clears the expiry, and what is left out stays', async () => {
    const dora = await deployment.member('dora', { permanent: true })
    const { id, expire } = await create(dora.token, { name: 'a', expire: Date.now() + 3_600_000 })
    const found = async () => (await list(dora.token)).find((key) => key.id === id)
    shaped(schemas.Done, await call(keys, dora.token, { action: 'edit', id, name: 'b' }))
    assert.deepEqual([(await found())?.name, (await found())?.expire], ['b', expire])
    shaped(schemas.Done, await call(keys, dora.token, { action: 'edit', id, expire: null }))
    assert.deepEqual([(await found())?.name, (await found())?.expire], ['b', undefined])
  })

  test('a deleted key is dead before the answer, absent from the list, and unknown by its id', async () => {
    const { id, secret } = await create(ada.token, { expire: Date.now() + 60_000 })
    shaped(schemas.Done, await call(keys, ada.token, { action: 'delete', id }))
    assert.equal((await deployment.ask('getOwnToken', { as: secret })).status, 401)
    assert.ok((await list(ada.token)).every((key) => key.id !== id))
    for (const action of ['delete', 'edit']) await refused(keys, ada.token, { action, id }, `no api key with id ${id}`)
  })

  test('keys of a project are its members’, who manage those of others only where policy says so', async () => {
    const [eve, finn] = [await deployment.member('eve'), await deployment.member('finn')]
    const { id: projectId, uuid } = await project(eve, finn)
    const made = await create(eve.token, { project_id: uuid, name: 'shared' })
    assert.equal(made.project_id, uuid)
    assert.equal((await deployment.ask('getOwnToken', { as: made.secret })).body.kind, 'project')
    assert.equal((await list(finn.token, { project_id: uuid })).length, 1)
    assert.ok((await list(eve.token)).every(({ id }) => id !== made.id))
    const own = await create(finn.token, { project_id: uuid })
    shaped(schemas.Done, await call(keys, finn.token, { action: 'edit', project_id: uuid, id: own.id, name: 'mine' }))
    const others = { project_id: uuid, id: made.id }
    await refused(keys, finn.token, { action: 'delete', ...others }, notCollaborator)
    await refused(keys, finn.token, { action: 'edit', ...others, name: 'x' }, notCollaborator)
    // Without the project it is no key of the account.
    await refused(keys, eve.token, { action: 'delete', id: made.id }, `no api key with id ${made.id}`)
    await deployment.ask('updateProject', {
      as: deployment.root,
      params: { id: projectId },
      body: { policy: { members_manage_all: true } },
    })
    shaped(schemas.Done, await call(keys, finn.token, { action: 'delete', ...others }))
    assert.equal((await deployment.ask('getOwnToken', { as: made.secret })).status, 401)
  })

  test('a key whose maker left the project dies', async () => {
    const [gwen, hans] = [await deployment.member('gwen'), await deployment.member('hans')]
    const { id, uuid } = await project(gwen, hans)
    const { secret } = await create(hans.token, { project_id: uuid })
    await deployment.ask('removeMember', { as: gwen.token, params: { id, account_id: hans.id } })
    assert.equal((await deployment.ask('getOwnToken', { as: secret })).status, 401)
    await refused(keys, hans.token, { action: 'get', project_id: uuid }, notCollaborator)
  })

  test('the bridge to the hub answers an account’s key', async () => {
    shaped(schemas.Pong, await call(hub, ada.token, { name: 'system.ping', args: [{}] }))
    const { account_id } = shaped(schemas.HubTest, await call(hub, ada.token, { name: 'system.test', args: [{}] }))
    assert.equal(account_id, (await deployment.ask('getOwnAccount', { as: ada.token })).body.uuid)
    await refused(hub, ada.token, { name: 'system.getNames', args: [{}] }, "unknown call 'system.getNames'")
    await refused(hub, ada.token, { name: 'system.get-names', args: [{}] }, "unknown call 'system.get-names'")
  })

  test('the bridge to a project answers its own key, and an account’s key that names it', async () => {
    const [ida, jan] = [await deployment.member('ida'), await deployment.member('jan')]
    const { id, uuid } = await project(ida)
    const other = await project(ida)
    const made = await deployment.ask('createToken', { as: ida.token, body: { project_id: id } })
    const key = secretOf(made)
    const asked = { name: 'system.test', args: [{}] }
    shaped(schemas.Pong, await call(bridge, key, { name: 'system.ping', args: [{}] }))
    assert.equal(shaped(schemas.ProjectTest, await call(bridge, key, asked)).project_id, uuid)
    assert.equal(shaped(schemas.ProjectTest, await call(bridge, key, { ...asked, project_id: uuid })).project_id, uuid)
    const named = { ...asked, project_id: uuid }
    assert.equal(shaped(schemas.ProjectTest, await call(bridge, ida.token, named)).project_id, uuid)
    const mustMatch = 'project specific api key must match requested project'
    await refused(bridge, key, { ...asked, project_id: other.uuid }, mustMatch)
    const mustName = 'must specify project_id or use project-specific api key'
    await refused(bridge, ida.token, asked, mustName)
    await refused(bridge, jan.token, named, notCollaborator)
    await refused(bridge, key, { name: 'project.exec', args: [{}] }, "unknown call 'project.exec'")
    await refused(hub, key, asked, 'must be signed in')
    await refused(keys, key, { action: 'get' }, 'must be signed in')
  })

  test('a bearer is as good as a user name, and whoever has neither must be signed in', async () => {
    const answer = await exchangeJson(deployment, 'POST', keys, `Bearer ${ada.token}`, { action: 'get' })
    shaped(schemas.Keys, answer.body)
    for (const key of [undefined, `${ada.token}x`, deployment.root]) {
      await refused(keys, key, { action: 'get' }, 'must be signed in')
    }
  })

  test('parameters in the URL are not looked at, and what is wrong is told with 200', async () => {
    const changes = deployment.changeCount()
    const answer = await exchangeJson(deployment, 'POST', `${keys}?action=create`, basic(ada.token), {})
    assert.equal(answer.status, 200)
    shaped(schemas.Refused, answer.body)
    for (const body of ['{', '[]', '"x"', '{"action":"rename"}', '{"action":"delete"}', '{"action":"edit","id":"x"}']) {
      const bad = await exchange(deployment, 'POST', keys, {
        headers: { 'content-type': 'application/json', authorization: basic(ada.token) },
        body,
      })
      assert.equal(bad.status, 200)
      shaped(schemas.Refused, bad.body)
    }
    await refused(keys, ada.token, { action: 'create', expire: 1 }, /lies in the past/)
    await refused(keys, ada.token, { action: 'get', project_id: 'nonsense' }, notCollaborator)
    assert.equal(deployment.changeCount(), changes)
    const missing = await exchangeJson(deployment, 'POST', '/api/v2/projects/create', basic(ada.token), {})
    assert.equal(missing.status, 404)
    shaped(schemas.Refused, missing.body)
  })
})
