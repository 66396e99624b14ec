import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openDeployment, secretOf, type Deployment, type Member } from './deployment.ts'

const hourMs = 3_600_000

describe('rotation and renewal', () => {
  let deployment: Deployment
  let ada: Member

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
  })
  after(() => deployment.close())

  const make = (body: object = {}) =>
    deployment.ask('createToken', { as: ada.token, body: { lifetime_seconds: 864_000, ...body } })
  const rotate = (id: string, body: object = { grace_seconds: 3_600 }, headers = {}) =>
    deployment.ask('rotateToken', { as: ada.token, params: { id }, body, headers })
  const codeOf = async (token: string, more: object = {}) =>
    (await deployment.ask('verifyToken', { as: deployment.root, body: { token, ...more } })).body.code
  const read = async (id: string) => (await deployment.ask('getToken', { as: ada.token, params: { id } })).body
  const entriesOf = async (subject: string, action: string) =>
    (await deployment.ask('listAuditEntries', { as: deployment.root, query: { subject, action } })).body.data

  test('the new secret has the same id, and the field rotation tells its story', async () => {
    const made = await make()
    const { id } = made.body
    const answer = await rotate(id)
    const fresh = secretOf(answer)
    assert.equal(answer.body.id, id)
    assert.equal(answer.body.rotation?.state, 'pending')
    assert.equal(answer.body.rotation.first_used_at, null)
    assert.equal(await codeOf(secretOf(made)), 'valid')
    assert.equal((await read(id)).rotation?.state, 'pending')
    assert.equal(await codeOf(fresh), 'valid')
    const { rotation } = await read(id)
    assert.equal(rotation?.state, 'grace')
    const firstUsedAt = Date.parse(rotation.first_used_at ?? '')
    assert.equal(Date.parse(rotation.old_ends_at), firstUsedAt + hourMs)
    deployment.clock.advance(hourMs)
    assert.equal(await codeOf(secretOf(made)), 'revoked')
    assert.equal(await codeOf(fresh), 'valid')
    assert.equal((await read(id)).rotation, null)
  })

  test('whoever presents an old secret whose grace is over is told that the token lives, until it is revoked', async () => {
    const made = await make()
    const { id } = made.body
    await rotate(id, { grace_seconds: 0 })
    const askWithOld = () => deployment.ask('getOwnToken', { as: secretOf(made) })
    const replaced = await askWithOld()
    assert.equal(replaced.problem, 'credential-rejected')
    assert.match(replaced.detail, /replaced by a newer one/)
    await deployment.ask('revokeToken', { as: ada.token, params: { id } })
    assert.match((await askWithOld()).detail, /revoked, which is final/)
  })

  test('the later use of the old secret is in the log with the address, once an hour for each', async () => {
    const made = await make()
    const { id } = made.body
    await rotate(id, { grace_seconds: 0 })
    for (let times = 0; times < 3; times += 1) {
      assert.equal(await codeOf(secretOf(made), { client_ip: '198.51.100.7' }), 'revoked')
    }
    deployment.clock.advance(hourMs)
    assert.equal(await codeOf(secretOf(made), { client_ip: '198.51.100.8' }), 'revoked')
    // It is written off the path that answers; whatever is written after it comes after it in the log.
    await deployment.ask('updateToken', { as: ada.token, params: { id }, body: { label: 'afterwards' } })
    const [second, first, ...others] = await entriesOf(id, 'token.retired_secret_used')
    assert.deepEqual(others, [])
    assert.deepEqual([first?.actor.ip, first?.details.count], ['198.51.100.7', 1])
    assert.deepEqual([second?.actor.ip, second?.details.count], ['198.51.100.8', 3])
  })

  test('an old secret that asks the server itself is in the log with the address and client of the request', async () => {
    const made = await make()
    const { id } = made.body
    await rotate(id, { grace_seconds: 0 })
    // Nobody trusts whoever says to have passed this on, so the address is that of the connection.
    const headers = { 'x-forwarded-for': '203.0.113.1', 'user-agent': 'forgotten/1.0' }
    const answer = await deployment.ask('getOwnToken', { as: secretOf(made), headers })
    assert.equal(answer.problem, 'credential-rejected')
    await deployment.ask('updateToken', { as: ada.token, params: { id }, body: { label: 'afterwards' } })
    const [entry] = await entriesOf(id, 'token.retired_secret_used')
    assert.deepEqual([entry?.actor.ip, entry?.actor.client], ['127.0.0.1', 'forgotten/1.0'])
  })

  test('200 simultaneous first uses are one entry in the log, and all are valid', async () => {
    const made = await make()
    const { id } = made.body
    const fresh = secretOf(await rotate(id))
    const codes = await Promise.all(Array.from({ length: 200 }, () => codeOf(fresh)))
    assert.ok(codes.every((code) => code === 'valid'))
    assert.equal((await entriesOf(id, 'token.rotation_used')).length, 1)
  })

  test('of simultaneous rotations each wins with the secret that it was shown or is told that it lost', async () => {
    const made = await make()
    const { id } = made.body
    const answers = await Promise.all(Array.from({ length: 12 }, () => rotate(id)))
    const won = answers.filter(({ status }) => status === 201)
    for (const { status, problem } of answers) if (status !== 201) assert.equal(problem, 'changed-meanwhile')
    assert.equal((await entriesOf(id, 'token.rotated')).length, won.length)
    const codes = await Promise.all(won.map((answer) => codeOf(secretOf(answer))))
    assert.deepEqual(codes.toSorted(), [...Array.from({ length: won.length - 1 }, () => 'unknown'), 'valid'])
    assert.equal(await codeOf(secretOf(made)), 'valid')
  })

  test('taken back while unused, the old secret goes on; later it is too late', async () => {
    const made = await make()
    const { id } = made.body
    const cancel = () => deployment.ask('cancelRotation', { as: ada.token, params: { id } })
    const fresh = secretOf(await rotate(id))
    assert.equal((await cancel()).body.rotation, null)
    assert.equal(await codeOf(fresh), 'unknown')
    assert.equal((await cancel()).problem, 'rotation-used')
    const again = secretOf(await rotate(id))
    assert.equal(await codeOf(again), 'valid')
    assert.equal((await cancel()).problem, 'rotation-used')
    assert.equal(await codeOf(secretOf(made)), 'valid')
  })

  test('never used, a new secret can be replaced and taken back until the old one ends', async () => {
    const made = await make()
    const { id } = made.body
    await rotate(id)
    deployment.clock.advance(2 * hourMs - 60_000)
    assert.equal((await read(id)).rotation?.state, 'grace')
    const again = await rotate(id)
    assert.equal(again.body.rotation?.state, 'pending')
    deployment.clock.advance(2 * hourMs - 60_000)
    assert.equal(await codeOf(secretOf(made)), 'valid')
    const cancelled = await deployment.ask('cancelRotation', { as: ada.token, params: { id } })
    assert.equal(cancelled.body.rotation, null)
    assert.equal(await codeOf(secretOf(again)), 'unknown')
    assert.equal(await codeOf(secretOf(made)), 'valid')
  })

  test('a late first use is told and logged, and the old secret ends when it would have ended', async () => {
    const { id } = (await make()).body
    const answer = await rotate(id)
    deployment.clock.advance(hourMs + 60_000)
    assert.equal(await codeOf(secretOf(answer)), 'valid')
    const { rotation } = await read(id)
    assert.ok(rotation?.first_used_at)
    assert.equal(rotation.old_ends_at, answer.body.rotation?.old_ends_at)
    assert.equal((await entriesOf(id, 'token.rotation_used')).length, 1)
  })

  test('repeated with its Idempotency-Key it answers 200 without the secret, and rotates once', async () => {
    const { id } = (await make()).body
    const headers = { 'idempotency-key': 'rotate-once' }
    const first = await rotate(id, {}, headers)
    const again = await rotate(id, {}, headers)
    assert.deepEqual([first.status, again.status, again.headers.get('idempotency-replayed')], [201, 200, 'true'])
    assert.ok(!('token' in again.body))
    assert.equal((await entriesOf(id, 'token.rotated')).length, 1)
    assert.equal(await codeOf(secretOf(first)), 'valid')
    assert.equal((await rotate(id, { grace_seconds: 5 }, headers)).problem, 'idempotency-key-reused')
  })

  test('a grace beyond its bounds is refused by name', async () => {
    const { id } = (await make()).body
    for (const grace_seconds of [-1, 604_801, 0.5, '60']) {
      assert.deepEqual((await rotate(id, { grace_seconds })).pointers, ['/grace_seconds'])
    }
    assert.equal((await rotate(id, { grace_seconds: 604_800 })).status, 201)
  })

  test('a token renews itself until renewable_until, with no scope for it', async () => {
    const until = deployment.clock.now() + 3 * hourMs
    const renewable = { lifetime_seconds: 3_600, renewable_until: new Date(until).toISOString(), scopes: ['data:read'] }
    let token = secretOf(await make(renewable))
    for (let times = 0; times < 3; times += 1) {
      deployment.clock.advance(hourMs - 60_000)
      const renewed = await deployment.ask('renewOwnToken', { as: token, body: { grace_seconds: 0 } })
      assert.equal(renewed.status, 201, renewed.detail)
      assert.equal(await codeOf(token), 'revoked')
      token = secretOf(renewed)
      const expiresAt = Date.parse(renewed.body.expires_at ?? '')
      assert.ok(expiresAt <= until && expiresAt <= deployment.clock.now() + hourMs)
    }
    deployment.clock.advance(hourMs)
    assert.equal(await codeOf(token), 'expired')
    assert.equal((await deployment.ask('renewOwnToken', { as: token, body: {} })).problem, 'credential-rejected')
  })

  test('a renewal whose answer was lost is asked for again with the old secret, until the new one is used', async () => {
    const until = new Date(deployment.clock.now() + 3 * hourMs).toISOString()
    const old = secretOf(await make({ lifetime_seconds: 3_600, renewable_until: until, scopes: ['data:read'] }))
    const renew = () => deployment.ask('renewOwnToken', { as: old, body: { grace_seconds: 600 } })
    const lost = await renew()
    const again = await renew()
    assert.equal(again.status, 201, again.detail)
    assert.equal(await codeOf(secretOf(lost)), 'unknown')
    assert.equal(await codeOf(secretOf(again)), 'valid')
    assert.equal((await renew()).problem, 'not-permitted')
  })

  test('a token that was not made for it renews nothing, and a person has nothing to renew', async () => {
    const token = secretOf(await make())
    assert.equal((await deployment.ask('renewOwnToken', { as: token, body: {} })).problem, 'not-permitted')
  })

  test('renewable_until that leaves nothing to renew is refused by name', async () => {
    const soon = new Date(deployment.clock.now() + 60_000).toISOString()
    const permanent = { lifetime_seconds: undefined, permanent: true }
    for (const body of [{ renewable_until: soon }, { ...permanent, renewable_until: '2090-01-01T00:00:00Z' }]) {
      assert.deepEqual((await make(body)).pointers, ['/renewable_until'])
    }
  })

  test('the old secret’s own last use stands in the field rotation', async () => {
    const made = await make()
    const { id } = made.body
    const fresh = secretOf(await rotate(id))
    await codeOf(secretOf(made), { client_ip: '192.0.2.7' })
    await codeOf(fresh, { client_ip: '192.0.2.8' })
    const { uses, ports } = deployment.service
    await ports.tokens.recordUses(uses.take())
    const { rotation, last_used_ip } = await read(id)
    assert.deepEqual([last_used_ip, rotation?.old_last_used_ip], ['192.0.2.8', '192.0.2.7'])
    assert.ok(rotation?.old_last_used_at)
  })
})
