import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { generateToken } from '@chatelaine/token'
import { openDeployment, secretOf, type Deployment, type Member } from './deployment.ts'

describe('reporting tokens that leaked', () => {
  let deployment: Deployment
  let ada: Member
  let reports = 0

  before(async () => {
    deployment = await openDeployment({ CHATELAINE_TRUSTED_PROXIES: '127.0.0.0/8' })
    ada = await deployment.member('ada')
  })
  after(() => deployment.close())

  /** From an address of its own each time, unless one is named. */
  function report(tokens: unknown, from = `198.51.100.${(reports += 1)}`) {
    return deployment.ask('revokeLeakedTokens', { body: { tokens }, headers: { 'x-forwarded-for': from } })
  }

  const statusOf = async (id: string) =>
    (await deployment.ask('getToken', { as: deployment.root, params: { id } })).body.status

  test('ends each of them and what they made, whoever reports', async () => {
    const parent = await deployment.ask('createToken', { as: ada.token, body: {} })
    const child = await deployment.ask('createToken', { as: secretOf(parent), body: {} })
    assert.equal((await report([secretOf(parent)])).status, 202)
    assert.equal(await statusOf(parent.body.id), 'revoked')
    assert.equal(await statusOf(child.body.id), 'revoked')
    const { body } = await deployment.ask('listAuditEntries', {
      as: deployment.root,
      query: { subject: parent.body.id, action: 'token.revoked' },
    })
    assert.equal(body.data[0]?.details['reason'], 'leaked')
    assert.equal(body.data[0]?.actor.type, 'anonymous')
    assert.match(body.data[0]?.actor.ip ?? '', /^198\.51\.100\./)
  })

  test('answers the same whatever they were, and ends nothing for a guess', async () => {
    const made = await deployment.ask('createToken', { as: ada.token, body: {} })
    const stranger = generateToken({ prefix: 'chl', kind: 'account' }, (count) => randomBytes(count)).token.reveal()
    const changes = deployment.changeCount()
    const answers = [
      await report([stranger]),
      await report(['junk', '', made.body.id]),
      await report([made.body.start]),
    ]
    for (const { status, body } of answers) assert.deepEqual([status, body], [202, ''])
    assert.equal(deployment.changeCount(), changes)
  })

  test('takes a token that had ended before for done', async () => {
    const made = await deployment.ask('createToken', { as: ada.token, body: {} })
    for (let times = 0; times < 2; times += 1)
      assert.equal((await report([secretOf(made), secretOf(made)])).status, 202)
  })

  test('takes up to 1 000 at a time', async () => {
    assert.equal((await report(Array.from({ length: 1_000 }, (_, index) => `junk ${index}`))).status, 202)
    assert.equal((await report(Array.from({ length: 1_001 }, () => 'junk'))).problem, 'invalid-request')
    assert.equal((await report([])).problem, 'invalid-request')
    assert.equal((await report(['x'.repeat(1_100_000)])).problem, 'body-too-large')
  })

  test('is let an address 60 times an hour, and no other pays for it', async () => {
    const answers = await Promise.all(Array.from({ length: 61 }, () => report(['junk'], '203.0.113.5')))
    assert.equal(answers.filter(({ status }) => status === 202).length, 60)
    const refused = answers.find(({ problem }) => problem === 'too-many-attempts')
    const retryAfterSeconds = Number(refused?.headers.get('retry-after'))
    assert.ok(retryAfterSeconds > 3_500 && retryAfterSeconds <= 3_600)
    assert.equal((await report(['junk'], '203.0.113.6')).status, 202)
    deployment.clock.advance(retryAfterSeconds * 1_000)
    assert.equal((await report(['junk'], '203.0.113.5')).status, 202)
  })
})
