import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { addressesKeptMs, hourMs, hourOf } from '@chatelaine/core'
import { openDeployment, secretOf, type Deployment, type Member } from './deployment.ts'

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
    const standing = { kind: 'account', account_id: ada.id, project_id: null }
    assert.deepEqual(usage.top_tokens, [{ token_id: ada.tokenId, label: 'laptop', ...standing, total: 7, valid: 6 }])
    assert.equal(usage.top_tokens_from, usage.from)
  })

  test('of one token is what the whole says of it, and includes its own requests', async () => {
    await deployment.ask('getOwnToken', { as: bob.token })
    const whole = await read(bob.token, {}, (total) => total >= 1)
    const answer = await deployment.ask('getTokenUsage', { as: deployment.root, params: { id: bob.tokenId } })
    assert.ok((answer.body.codes.valid ?? 0) >= (whole.codes.valid ?? 0))
    assert.deepEqual(Object.keys(answer.body.codes), ['valid'])
  })

  test('of one token says from which addresses it was accepted, whichever way it came', async () => {
    const cleo = await deployment.member('cleo')
    const from = (ip: string) => ({ client_ip: ip, user_agent: 'python-requests/2.32.5 (x)' })
    for (const ip of ['203.0.113.7', '::ffff:203.0.113.7', '2001:db8::1']) await verify(cleo.token, from(ip))
    await verify(cleo.token)
    // None of these was accepted, so that ending the token breaks none of them.
    for (const ip of ['203.0.113.8', '203.0.113.9']) await verify(cleo.token, { ...from(ip), kinds: ['project'] })
    await deployment.send('GET', '/auth/verify', {
      headers: { authorization: `Bearer ${cleo.token}`, 'user-agent': 'curl/8' },
    })
    const read = async () => {
      const answer = await deployment.ask('getTokenUsage', { as: deployment.root, params: { id: cleo.tokenId } })
      assert.equal(answer.status, 200, answer.detail)
      return answer.body
    }
    let usage = await read()
    while (usage.addresses.length < 4) usage = await read()
    const { addresses, address_count, addresses_are_more, accepted_elsewhere, addresses_from } = usage
    const python = { client: 'python-requests/2.32.5', old_last_used_at: null }
    assert.deepEqual(
      addresses.map(({ last_used_at: _, ...used }) => used),
      [
        { ip: '203.0.113.7', accepted: 2, ...python },
        { ip: null, client: null, accepted: 1, old_last_used_at: null },
        { ip: '127.0.0.1', client: 'curl/8', accepted: 1, old_last_used_at: null },
        { ip: '2001:db8::1', accepted: 1, ...python },
      ],
    )
    assert.deepEqual([address_count, addresses_are_more, accepted_elsewhere], [3, false, 0])
    assert.equal(addresses_from, usage.from)
    const own = await deployment.ask('getToken', { as: deployment.root, params: { id: cleo.tokenId } })
    assert.equal(
      own.body.last_used_at,
      addresses
        .map((used) => used.last_used_at)
        .toSorted()
        .at(-1),
    )
  })

  test('while a token is rotated, says from where its old secret is still used', async () => {
    const dora = await deployment.member('dora')
    const rotated = await deployment.ask('rotateToken', { as: deployment.root, params: { id: dora.tokenId }, body: {} })
    await verify(secretOf(rotated), { client_ip: '203.0.113.1' })
    await verify(dora.token, { client_ip: '203.0.113.2' })
    const read = async () => {
      const query = { by: 'day' }
      return (await deployment.ask('getTokenUsage', { as: deployment.root, params: { id: dora.tokenId }, query })).body
    }
    let usage = await read()
    while (usage.addresses.length < 2) usage = await read()
    const stillOld = usage.addresses.filter((used) => used.old_last_used_at !== null)
    assert.deepEqual(
      stillOld.map(({ ip, last_used_at, old_last_used_at }) => [ip, old_last_used_at === last_used_at]),
      [['203.0.113.2', true]],
    )
    const keptSince = Date.parse(usage.addresses_from)
    assert.ok(keptSince > Date.parse(usage.from) && keptSince <= deployment.clock.now() - addressesKeptMs + hourMs)
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
