import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openDeployment, secretOf, type Deployment, type Heard, type Member } from './deployment.ts'

const expectedPolicy = (limit: number, windowSeconds: number) => `"default";q=${limit};w=${windowSeconds}`

describe('limits', () => {
  let deployment: Deployment
  let ada: Member

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
  })
  after(() => deployment.close())

  const make = (body: object, as = ada.token) =>
    deployment.ask('createToken', { as, body: { permanent: false, ...body } })
  const verify = (token: string, more: object = {}) =>
    deployment.ask('verifyToken', { as: deployment.root, body: { token, ...more } })
  const knock = (token: string) => deployment.ask('forwardAuth', { as: token })
  const usesLeft = async (id: string) =>
    (await deployment.ask('getToken', { as: ada.token, params: { id } })).body.uses_remaining

  describe('a number of uses', () => {
    test('of one, verified 200 times at once, is valid once', async () => {
      const made = await make({ uses_remaining: 1 })
      const answers = await Promise.all(Array.from({ length: 200 }, () => verify(secretOf(made))))
      const codes = answers.map(({ body }) => body.code)
      assert.equal(codes.filter((code) => code === 'valid').length, 1)
      assert.equal(codes.filter((code) => code === 'uses_exceeded').length, 199)
      assert.equal(await usesLeft(made.body.id), 0)
    })

    test('goes down by one for each acceptance, through whichever door', async () => {
      const made = await make({ uses_remaining: 5, scopes: ['chatelaine.tokens:read', 'chatelaine.tokens:verify'] })
      const token = secretOf(made)
      assert.equal((await verify(token)).body.valid, true)
      assert.equal((await knock(token)).status, 200)
      const active = await deployment.ask('introspectToken', { as: deployment.root, form: { token } })
      assert.equal(active.body.active, true)
      assert.equal((await deployment.ask('getOwnToken', { as: token })).body.uses_remaining, 1)
      assert.equal((await verify(token)).body.valid, true)
      assert.equal((await verify(token)).body.code, 'uses_exceeded')
      assert.equal((await knock(token)).problem, 'credential-rejected')
      assert.equal((await deployment.ask('getOwnToken', { as: token })).problem, 'credential-rejected')
    })

    test('is not spent by what is refused, also by those who may not hear of the token', async () => {
      const made = await make({ uses_remaining: 1, scopes: ['data:read'], allowed_ips: ['192.0.2.0/24'] })
      const token = secretOf(made)
      const client_ip = '192.0.2.9'
      const refusals = [
        await verify(token, { client_ip, scopes: ['data:write'] }),
        await verify(token, { client_ip, kinds: ['project'] }),
        await verify(token, { client_ip, project_id: 'prj_0000000000000000' }),
        await verify(token, { client_ip: '198.51.100.1' }),
      ]
      assert.deepEqual(
        refusals.map(({ body }) => body.code),
        ['insufficient_scope', 'wrong_kind', 'wrong_project', 'ip_not_allowed'],
      )
      const eve = await deployment.member('eve')
      const asked = await deployment.ask('verifyToken', { as: eve.token, body: { token, client_ip } })
      assert.equal(asked.body.code, 'unknown')
      assert.equal(await usesLeft(made.body.id), 1)
      assert.equal((await verify(token, { client_ip, scopes: ['data:read'] })).body.code, 'valid')
    })

    test('is given back when the rate refuses', async () => {
      const made = await make({ uses_remaining: 3, rate_limit: { limit: 1, window_seconds: 60 } })
      const token = secretOf(made)
      const codes = []
      for (let times = 0; times < 6; times += 1) codes.push((await verify(token)).body.code)
      assert.deepEqual(codes, ['valid', ...Array.from({ length: 5 }, () => 'rate_limited')])
      deployment.clock.advance(60_000)
      assert.equal((await verify(token)).body.code, 'valid')
      deployment.clock.advance(60_000)
      assert.equal((await verify(token)).body.code, 'valid')
      deployment.clock.advance(60_000)
      assert.equal((await verify(token)).body.code, 'uses_exceeded')
    })

    test('makes an answer that nobody may remember', async () => {
      const { body } = await verify(secretOf(await make({ uses_remaining: 9 })))
      assert.ok(body.valid && !body.cacheable)
    })
  })

  describe('a rate limit', () => {
    test('admits exactly its limit of 200 at once, and says when to come back, true within a second', async () => {
      const token = secretOf(await make({ rate_limit: { limit: 100, window_seconds: 600 } }))
      const began = deployment.clock.now()
      const answers = await Promise.all(Array.from({ length: 200 }, () => verify(token)))
      const refused = answers.filter(({ body }) => body.code === 'rate_limited')
      assert.ok(refused.length === 100 || deployment.clock.now() - began > 6_000)
      const last = (await verify(token)).body
      assert.ok(!last.valid && last.retry_after_seconds !== undefined)
      assert.deepEqual([last.rate_limit?.limit, last.rate_limit?.window_seconds], [100, 600])
      deployment.clock.advance(last.retry_after_seconds * 1_000)
      assert.equal((await verify(token)).body.code, 'valid')
    })

    test('is taken from by as much as a verification costs, and a cost beyond it is refused without a time', async () => {
      const token = secretOf(await make({ rate_limit: { limit: 10, window_seconds: 3_600 } }))
      const first = (await verify(token, { cost: 7 })).body
      assert.ok(first.valid)
      assert.deepEqual([first.rate_limit?.remaining, first.cacheable], [3, false])
      assert.equal((await verify(token, { cost: 4 })).body.code, 'rate_limited')
      const never = (await verify(token, { cost: 11 })).body
      assert.ok(!never.valid && never.code === 'rate_limited' && !('retry_after_seconds' in never))
      assert.equal((await verify(token, { cost: 3 })).body.code, 'valid', 'what was refused took nothing')
    })

    test('is shared with every token that the token makes, and with what those make', async () => {
      const parent = secretOf(await make({ rate_limit: { limit: 6, window_seconds: 3_600 } }))
      const child = secretOf(await make({ label: 'child' }, parent))
      const grandchild = secretOf(await make({ label: 'grandchild' }, child))
      const codes = []
      for (const token of [child, grandchild, parent, grandchild, child]) codes.push((await verify(token)).body.code)
      // Making the two took one each from the parent's rate as well.
      assert.deepEqual(codes, ['valid', 'valid', 'valid', 'valid', 'rate_limited'])
    })

    test('stands in the fields of the draft, in forward authentication and in the API’s own answers', async () => {
      const token = secretOf(
        await make({ rate_limit: { limit: 3, window_seconds: 60 }, scopes: ['chatelaine.tokens:read'] }),
      )
      const seen = (answer: Heard<unknown>) => [
        answer.status,
        answer.headers.get('ratelimit-policy'),
        answer.headers.get('ratelimit'),
        answer.headers.get('retry-after'),
      ]
      const policy = expectedPolicy(3, 60)
      assert.deepEqual(seen(await knock(token)), [200, policy, '"default";r=2;t=20', null])
      assert.deepEqual(seen(await deployment.ask('getOwnToken', { as: token })), [
        200,
        policy,
        '"default";r=1;t=40',
        null,
      ])
      assert.deepEqual(seen(await knock(token)), [200, policy, '"default";r=0;t=60', null])
      const refused = await knock(token)
      assert.equal(refused.problem, 'too-many-attempts')
      assert.deepEqual(seen(refused), [429, policy, '"default";r=0;t=60', '20'])
      const byApi = await deployment.ask('getOwnToken', { as: token })
      assert.deepEqual(seen(byApi), [429, policy, '"default";r=0;t=60', '20'])
      deployment.clock.advance(20_000)
      assert.equal((await knock(token)).status, 200)
      for (const old of ['x-ratelimit-limit', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset']) {
        assert.equal(refused.headers.get(old), null)
      }
    })

    test('of the caller stands in the answer to its question, and that of the token in its body', async () => {
      const scopes = ['chatelaine.tokens:verify']
      const as = secretOf(await make({ rate_limit: { limit: 10, window_seconds: 60 }, scopes }))
      const { body, headers } = await deployment.ask('verifyToken', { as, body: { token: ada.token } })
      assert.equal(headers.get('ratelimit'), '"default";r=9;t=6')
      assert.ok(body.valid && body.rate_limit === null)
    })

    test('is not said of a token that has none', async () => {
      const { headers } = await knock(ada.token)
      assert.deepEqual([headers.get('ratelimit'), headers.get('ratelimit-policy')], [null, null])
    })

    test('that is lowered holds at once, and goes on from what was admitted', async () => {
      const made = await make({ rate_limit: { limit: 100, window_seconds: 3_600 } })
      const token = secretOf(made)
      for (let times = 0; times < 5; times += 1) await verify(token)
      const lower = { rate_limit: { limit: 5, window_seconds: 3_600 } }
      await deployment.ask('updateToken', { as: ada.token, params: { id: made.body.id }, body: lower })
      assert.equal((await verify(token)).body.code, 'rate_limited')
    })
  })

  describe('addresses', () => {
    const spellings: [string, string][] = [
      ['192.0.2.77/24', '192.0.2.0/24'],
      ['192.0.2.77/32', '192.0.2.77'],
      ['2001:DB8:0:0::1/32', '2001:db8::/32'],
      ['::ffff:192.0.2.1', '192.0.2.1'],
      ['::ffff:192.0.2.77/120', '192.0.2.0/24'],
      ['0.0.0.0/0', '0.0.0.0/0'],
    ]
    for (const [asked, kept] of spellings) {
      test(`${asked} is kept as ${kept}`, async () => {
        assert.deepEqual((await make({ allowed_ips: [asked] })).body.allowed_ips, [kept])
      })
    }

    for (const nonsense of [
      '192.0.2.256',
      '192.0.2.0/33',
      '192.0.2',
      '2001:db8::/129',
      '1::2::3',
      '010.0.0.1',
      '192.0.2.0/-1',
    ]) {
      test(`${nonsense} is refused by name`, async () => {
        const answer = await make({ allowed_ips: ['192.0.2.1', nonsense] })
        assert.equal(answer.problem, 'invalid-request')
        assert.deepEqual(answer.pointers, ['/allowed_ips/1'])
      })
    }

    test('are those that the caller states, however it spells them', async () => {
      const token = secretOf(await make({ allowed_ips: ['192.0.2.0/24', '2001:db8::/32'] }))
      const codes: [string | undefined, string][] = [
        ['192.0.2.200', 'valid'],
        ['::ffff:192.0.2.200', 'valid'],
        ['::ffff:c000:02c8', 'valid'],
        ['2001:0db8:ffff::1', 'valid'],
        ['192.0.3.1', 'ip_not_allowed'],
        ['2001:db9::1', 'ip_not_allowed'],
        ['nonsense', 'ip_not_allowed'],
        ['', 'ip_not_allowed'],
        [undefined, 'ip_not_allowed'],
      ]
      for (const [client_ip, code] of codes) {
        assert.equal((await verify(token, client_ip === undefined ? {} : { client_ip })).body.code, code, client_ip)
      }
    })

    test('stand in the record of the last use in their one spelling, and what is no address does not', async () => {
      const made = await make({})
      const lastIpAfter = async (client_ip: string) => {
        assert.equal((await verify(secretOf(made), { client_ip })).body.code, 'valid')
        const uses = deployment.service.uses.take()
        return uses.find(({ tokenId }) => tokenId === made.body.id)?.lastIp
      }
      assert.equal(await lastIpAfter('::ffff:192.0.2.200'), '192.0.2.200')
      assert.equal(await lastIpAfter('2001:0DB8:0::1'), '2001:db8::1')
      for (const nonsense of ['nonsense', '192.0.2.7:443', '=1+1', '']) {
        assert.equal(await lastIpAfter(nonsense), null, nonsense)
      }
    })

    test('that nobody trusted has stated are not told as if they were the reason', async () => {
      const token = secretOf(await make({ allowed_ips: ['127.0.0.0/8', '::1'] }))
      assert.equal((await deployment.ask('getOwnToken', { as: token })).status, 200)
      const answer = await deployment.ask('getOwnToken', { as: token, headers: { 'x-forwarded-for': '127.0.0.1' } })
      assert.equal(answer.problem, 'address-not-allowed')
      assert.match(answer.detail, /not known from where it came/)
    })
  })
})

describe('behind trusted proxies', () => {
  let deployment: Deployment
  let bound: string

  before(async () => {
    deployment = await openDeployment({ CHATELAINE_TRUSTED_PROXIES: '127.0.0.0/8,198.51.100.0/24' })
    const ada = await deployment.member('ada')
    bound = secretOf(await deployment.ask('createToken', { as: ada.token, body: { allowed_ips: ['192.0.2.7'] } }))
  })
  after(() => deployment.close())

  const from = (forwarded: string) =>
    deployment.ask('forwardAuth', { as: bound, headers: { 'x-forwarded-for': forwarded } })

  test('the address is the last that no trusted proxy has, never the leftmost', async () => {
    assert.equal((await from('192.0.2.7')).status, 200)
    assert.equal((await from('192.0.2.7, 198.51.100.4')).status, 200)
    assert.equal((await from('10.0.0.1, 192.0.2.7, 198.51.100.4')).status, 200)
    assert.equal((await from('::ffff:192.0.2.7')).status, 200)
    assert.equal((await from('192.0.2.7, 203.0.113.9')).problem, 'address-not-allowed')
    assert.equal((await from('192.0.2.7, 203.0.113.9, 198.51.100.4')).problem, 'address-not-allowed')
    assert.equal((await from('192.0.2.7, nonsense')).problem, 'address-not-allowed')
  })
})
