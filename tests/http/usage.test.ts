import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { hourMs, hourOf } from '@chatelaine/core'
import { openDeployment, type Deployment, type Member } from './deployment.ts'

describe('usage', () => {
  let deployment: Deployment
  let ada: Member
  let bob: Member

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada', { permanent: true, label: 'laptop' })
    bob = await deployment.member('bob')
  })
  after(() => deployment.close())

  /** Asks until what was counted a moment ago has been written. */
  async function read(as: string, query: Record<string, string>, isThere: (total: number) => boolean) {
    for (;;) {
      const answer = await deployment.ask('getUsage', { as, query })
      assert.equal(answer.status, 200, answer.detail)
      if (isThere(answer.body.total)) return answer.body
    }
  }

  async function verify(token: string, body: object = {}): Promise<string> {
    return (await deployment.ask('verifyToken', { as: deployment.root, body: { token, ...body } })).body.code
  }

  test('counts every verification of a token by how it ended, whichever way it came', async () => {
    for (const code of ['valid', 'valid', 'valid']) assert.equal(await verify(ada.token), code)
    assert.equal(await verify(ada.token, { kinds: ['project'] }), 'wrong_kind')
    await deployment.ask('verifyTokens', { as: deployment.root, body: { tokens: [{ token: ada.token }] } })
    await deployment.ask('introspectToken', { as: deployment.root, form: { token: ada.token } })
    const proxied = await deployment.send('GET', '/auth/verify', { headers: { authorization: `Bearer ${ada.token}` } })
    assert.equal(proxied.status, 200)
    const usage = await read(deployment.root, { account_id: ada.id }, (total) => total >= 7)
    assert.deepEqual(usage.codes, { valid: 6, wrong_kind: 1 })
    assert.deepEqual(usage.top_tokens, [{ token_id: ada.tokenId, label: 'laptop', total: 7, valid: 6 }])
    assert.equal(usage.top_tokens_from, usage.from)
  })

  test('of one token is what the whole says of it, and includes its own requests', async () => {
    await deployment.ask('getOwnToken', { as: bob.token })
    const whole = await read(bob.token, {}, (total) => total >= 1)
    const answer = await deployment.ask('getTokenUsage', { as: deployment.root, params: { id: bob.tokenId } })
    assert.ok((answer.body.codes.valid ?? 0) >= (whole.codes.valid ?? 0))
    assert.deepEqual(Object.keys(answer.body.codes), ['valid'])
  })

  test('has every step of the time, in order, and the codes in each', async () => {
    const now = deployment.clock.now()
    const usage = await read(deployment.root, { account_id: ada.id }, (total) => total > 0)
    assert.equal(usage.series.length, 24)
    assert.equal(usage.until, new Date(hourOf(now) + hourMs).toISOString())
    assert.equal(usage.series[0]?.at, usage.from)
    for (const { codes } of usage.series) assert.deepEqual(Object.keys(codes), Object.keys(usage.codes))
    const byDay = await read(deployment.root, { account_id: ada.id, by: 'day' }, () => true)
    assert.deepEqual([byDay.series.length, byDay.total], [30, usage.total])
  })

  test('counts what was presented in vain exactly, for those who see the whole deployment alone', async () => {
    const quiet = await openDeployment()
    try {
      const body = { token: 'chl_acc_mistyped' }
      const dead = await quiet.member('dead')
      await quiet.ask('revokeToken', { as: quiet.root, params: { id: dead.tokenId } })
      for (let time = 0; time < 20; time += 1) await quiet.ask('verifyToken', { as: quiet.root, body })
      for (let time = 0; time < 3; time += 1) await quiet.ask('getOwnToken', { as: dead.token })
      const counted = async () => (await quiet.ask('getUsage', { as: quiet.root })).body
      let usage = await counted()
      while ((usage.codes.malformed ?? 0) < 20 || (usage.codes.revoked ?? 0) < 3) usage = await counted()
      assert.equal(usage.codes.malformed, 20)
      assert.equal(usage.codes.revoked, 3)
      const eve = await quiet.member('eve')
      const own = await quiet.ask('getUsage', { as: eve.token })
      assert.equal(own.body.codes.malformed, undefined)
    } finally {
      await quiet.close()
    }
  })

  test('of another account, its tokens and its projects is not found', async () => {
    for (const query of [{ account_id: bob.id }, { token_id: bob.tokenId }, { project_id: 'prj_0000000000000000' }]) {
      assert.equal((await deployment.ask('getUsage', { as: ada.token, query })).problem, 'not-found')
    }
    const answer = await deployment.ask('getTokenUsage', { as: ada.token, params: { id: bob.tokenId } })
    assert.equal(answer.problem, 'not-found')
  })

  test('is refused by name for a time that makes no sense', async () => {
    for (const [query, pointer] of [
      [{ from: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' }, '/until'],
      [{ from: '2090-01-01T00:00:00Z' }, '/from'],
      [{ from: '2000-01-01T00:00:00Z' }, '/from'],
      [{ by: 'minute' }, '/by'],
      [{ token_id: ada.tokenId, account_id: ada.id }, '/token_id'],
    ] as const) {
      const answer = await deployment.ask('getUsage', { as: deployment.root, query })
      assert.equal(answer.problem, 'invalid-request')
      assert.deepEqual(answer.pointers, [pointer])
    }
  })
})
