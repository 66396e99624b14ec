import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openDeployment, secretOf, type Deployment, type Member } from './deployment.ts'

const dayMs = 86_400_000

describe('the tokens of the API', () => {
  let deployment: Deployment
  let ada: Member
  let eve: Member

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
    eve = await deployment.member('eve')
  })
  after(() => deployment.close())

  async function create(body: object, as = ada.token) {
    const answer = await deployment.ask('createToken', { as, body })
    assert.equal(answer.status, 201, answer.detail)
    return { ...answer, secret: secretOf(answer), id: answer.body.id }
  }

  const verify = async (token: string) =>
    (await deployment.ask('verifyToken', { as: deployment.root, body: { token } })).body

  test('a token without a word about its life lives 24 hours, for its maker, with all that the maker may give', async () => {
    const { body, headers } = await create({ label: 'laptop' })
    assert.equal(Date.parse(body.expires_at ?? '') - Date.parse(body.created_at), dayMs)
    assert.equal(body.account_id, ada.id)
    assert.equal(body.parent_token_id, ada.tokenId)
    assert.deepEqual(body.scopes, ['*'])
    assert.equal(body.permanent, false)
    assert.equal(body.origin, 'api')
    assert.equal(headers.get('location'), `/api/v1/tokens/${body.id}`)
  })

  test('a token that was just made verifies, and carries what was asked of it', async () => {
    const metadata = { team: 'imaging', constructor: 'a plain word', nested: { list: [1, null, 'x'] } }
    const { secret, id } = await create({ label: 'ci', scopes: ['data:read'], metadata, lifetime_seconds: 60 })
    const answer = await verify(secret)
    assert.equal(answer.valid, true)
    assert.equal(answer.token_id, id)
    assert.ok(answer.valid && answer.code === 'valid')
    assert.deepEqual(answer.metadata, metadata)
    assert.deepEqual(answer.scopes, ['data:read'])
  })

  test('the instant at which a token is to expire is kept to the millisecond', async () => {
    const expiresAt = new Date(deployment.clock.now() + dayMs).toISOString()
    assert.equal((await create({ expires_at: expiresAt })).body.expires_at, expiresAt)
  })

  test('addresses are given back in their one spelling', async () => {
    const { body } = await create({ allowed_ips: ['127.0.0.1/32', '2001:DB8:0::/32', '::ffff:192.0.2.7'] })
    assert.deepEqual(body.allowed_ips, ['127.0.0.1', '2001:db8::/32', '192.0.2.7'])
  })

  test('a token shows itself, and what it made is shown to its owner', async () => {
    const { id, secret } = await create({ label: 'mine' })
    assert.equal((await deployment.ask('getOwnToken', { as: secret })).body.id, id)
    assert.equal((await deployment.ask('getToken', { as: ada.token, params: { id } })).body.label, 'mine')
  })

  test('no answer but the one that made a token holds its secret', async () => {
    const { id, secret } = await create({ label: 'once' })
    const answers = [
      await deployment.ask('getToken', { as: ada.token, params: { id } }),
      await deployment.ask('listTokens', { as: ada.token }),
      await deployment.ask('updateToken', { as: ada.token, params: { id }, body: { label: 'twice' } }),
    ]
    for (const { body } of answers) assert.ok(!JSON.stringify(body).includes(secret.slice(-38)))
  })

  test('what is changed of a token is changed, and the rest stays', async () => {
    const { id, secret } = await create({ label: 'before', metadata: { kept: true } })
    const changed = await deployment.ask('updateToken', {
      as: ada.token,
      params: { id },
      body: { label: 'after', scopes: ['data:read'] },
    })
    assert.equal(changed.status, 200)
    assert.equal(changed.body.label, 'after')
    assert.deepEqual(changed.body.metadata, { kept: true })
    const answer = await deployment.ask('verifyToken', {
      as: deployment.root,
      body: { token: secret, scopes: ['data:write'] },
    })
    assert.equal(answer.body.code, 'insufficient_scope')
  })

  test('a suspended token is refused until it is resumed', async () => {
    const { id, secret } = await create({})
    const set = (isActive: boolean) =>
      deployment.ask('updateToken', { as: ada.token, params: { id }, body: { is_active: isActive } })
    assert.equal((await set(false)).body.status, 'suspended')
    assert.equal((await verify(secret)).code, 'suspended')
    assert.equal((await deployment.ask('getOwnToken', { as: secret })).problem, 'credential-rejected')
    assert.equal((await set(true)).body.status, 'active')
    assert.equal((await verify(secret)).code, 'valid')
  })

  test('a revoked token is dead, revoking it again is answered the same, and nothing brings it back', async () => {
    const { id, secret } = await create({})
    const revoke = () => deployment.ask('revokeToken', { as: ada.token, params: { id }, query: { reason: 'lost' } })
    assert.equal((await revoke()).status, 204)
    assert.equal((await verify(secret)).code, 'revoked')
    const changes = deployment.changeCount()
    assert.equal((await revoke()).status, 204)
    assert.equal(deployment.changeCount(), changes)
    const { body } = await deployment.ask('getToken', { as: ada.token, params: { id } })
    assert.equal(body.status, 'revoked')
    assert.equal(body.revoked_reason, 'lost')
    const resumed = await deployment.ask('updateToken', { as: ada.token, params: { id }, body: { is_active: true } })
    assert.equal(resumed.problem, 'token-ended')
  })

  test('revoking a token revokes what it made, unless the request says keep', async () => {
    const parent = await create({})
    const child = await create({}, parent.secret)
    await deployment.ask('revokeToken', { as: ada.token, params: { id: parent.id } })
    assert.equal((await verify(child.secret)).code, 'revoked')

    const other = await create({})
    const kept = await create({}, other.secret)
    await deployment.ask('revokeToken', { as: ada.token, params: { id: other.id }, query: { descendants: 'keep' } })
    assert.equal((await verify(kept.secret)).code, 'valid')
  })

  test('a token revokes itself without any scope, and its next request is refused', async () => {
    const { secret } = await create({ scopes: ['data:read'] })
    assert.equal((await deployment.ask('revokeOwnToken', { as: secret })).status, 204)
    assert.equal((await deployment.ask('getOwnToken', { as: secret })).problem, 'credential-rejected')
  })

  test('a token of somebody else cannot be told from one that does not exist', async () => {
    const { id } = await create({})
    const strange = 'tok_0000000000000000'
    for (const route of ['getToken', 'updateToken', 'revokeToken'] as const) {
      const said = { as: eve.token, ...(route === 'updateToken' ? { body: { label: 'mine' } } : {}) }
      const others = await deployment.ask(route, { ...said, params: { id } })
      const absent = await deployment.ask(route, { ...said, params: { id: strange } })
      assert.equal(others.problem, 'not-found')
      assert.deepEqual({ ...(others.body as object), instance: '' }, { ...(absent.body as object), instance: '' })
    }
  })

  test('of 60 permanent tokens asked for at once exactly five are made', async () => {
    const owner = await deployment.member('five', { lifetime_seconds: 600 })
    const answers = await Promise.all(
      Array.from({ length: 60 }, () =>
        deployment.ask('createToken', { as: deployment.root, body: { account_id: owner.id, permanent: true } }),
      ),
    )
    assert.equal(answers.filter(({ status }) => status === 201).length, 5)
    assert.equal(answers.filter(({ problem }) => problem === 'permanent-limit-reached').length, 55)
    const { detail } = answers.find(({ problem }) => problem !== undefined)!
    assert.match(detail, /5 of 5/)
    const listed = await deployment.ask('listTokens', {
      as: deployment.root,
      query: { account_id: owner.id, permanent: 'true' },
    })
    assert.equal(listed.body.data.length, 5)
  })

  test('making a token permanent counts, and revoking one makes room', async () => {
    const owner = await deployment.member('slots', { lifetime_seconds: 600 })
    const ask = (body: object) =>
      deployment.ask('createToken', { as: deployment.root, body: { account_id: owner.id, ...body } })
    const five = await Promise.all(Array.from({ length: 5 }, () => ask({ permanent: true })))
    const temporary = await ask({})
    const makePermanent = () =>
      deployment.ask('updateToken', {
        as: deployment.root,
        params: { id: temporary.body.id },
        body: { expires_at: null },
      })
    assert.equal((await makePermanent()).problem, 'permanent-limit-reached')
    await deployment.ask('updateToken', {
      as: deployment.root,
      params: { id: five[0]!.body.id },
      body: { is_active: false },
    })
    assert.equal((await makePermanent()).problem, 'permanent-limit-reached', 'a suspended one counts')
    await deployment.ask('revokeToken', { as: deployment.root, params: { id: five[1]!.body.id } })
    assert.equal((await makePermanent()).body.permanent, true)
  })
})

describe('lists of tokens', () => {
  let deployment: Deployment
  let ada: Member

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
    for (const [index, label] of ['alpha', 'Beta', 'gamma', '100%', 'under_score'].entries()) {
      await deployment.ask('createToken', { as: ada.token, body: { label, lifetime_seconds: 1_000 * (index + 1) } })
    }
    const gone = await deployment.ask('createToken', { as: ada.token, body: { label: 'gone' } })
    await deployment.ask('revokeToken', { as: ada.token, params: { id: gone.body.id } })
    await deployment.member('eve')
  })
  after(() => deployment.close())

  const labels = async (query: Record<string, string>, as = ada.token) => {
    const answer = await deployment.ask('listTokens', { as, query })
    assert.equal(answer.status, 200, answer.detail)
    return answer.body.data.map(({ label }) => label)
  }

  test('leave out what was revoked, unless it is asked for', async () => {
    assert.ok(!(await labels({})).includes('gone'))
    assert.deepEqual(await labels({ status: 'revoked' }), ['gone'])
    assert.equal((await labels({ status: 'active,revoked' })).length, 7)
  })

  test('leave out what has expired, unless it is asked for', async (t) => {
    const other = await openDeployment()
    t.after(() => other.close())
    const owner = await other.member('owner')
    await other.ask('createToken', { as: owner.token, body: { label: 'short', lifetime_seconds: 60 } })
    other.clock.advance(61_000)
    const listed = (query: Record<string, string>) => other.ask('listTokens', { as: owner.token, query })
    assert.equal((await listed({})).body.data.length, 1)
    assert.deepEqual(
      (await listed({ status: 'expired' })).body.data.map(({ label }) => label),
      ['short'],
    )
  })

  test('show each caller what is within its reach', async () => {
    assert.equal((await labels({})).length, 6)
    assert.equal((await labels({}, deployment.root)).length, 8)
    assert.equal((await labels({ kind: 'manager' }, deployment.root)).length, 1)
    const others = await deployment.ask('listTokens', { as: ada.token, query: { account_id: 'acc_0000000000000000' } })
    assert.equal(others.problem, 'not-found')
  })

  test('find by a part of the label as it is written, without regard to case', async () => {
    assert.deepEqual(await labels({ q: 'bet' }), ['Beta'])
    assert.deepEqual(await labels({ q: '%' }), ['100%'])
    assert.deepEqual(await labels({ q: '_' }), ['under_score'])
    assert.deepEqual(await labels({ q: `' OR 1=1 --` }), [])
  })

  test('find by how the token begins', async () => {
    const { body } = await deployment.ask('getOwnToken', { as: ada.token })
    assert.equal((await labels({ q: body.start })).length, 1)
  })

  test('follow the order that is asked for', async () => {
    assert.deepEqual(
      (await labels({ sort: 'label', q: 'a' })).map((label) => label.toLowerCase()),
      ['alpha', 'beta', 'gamma'],
    )
    assert.deepEqual(await labels({ sort: '-expires_at', permanent: 'false' }), [
      'under_score',
      '100%',
      'gamma',
      'Beta',
      'alpha',
    ])
    assert.equal((await labels({}))[0], 'under_score')
  })

  for (const sort of ['created_at', '-created_at', 'label', '-label', 'expires_at', '-expires_at', 'last_used_at']) {
    test(`go on with the cursor where the page before ended, by ${sort}`, async () => {
      const whole = await labels({ sort })
      const paged: string[] = []
      let cursor: string | undefined
      do {
        const query = { sort, limit: '2', ...(cursor === undefined ? {} : { cursor }) }
        const { body } = await deployment.ask('listTokens', { as: ada.token, query })
        paged.push(...body.data.map(({ label }) => label))
        cursor = body.next_cursor ?? undefined
      } while (cursor !== undefined)
      assert.deepEqual(paged, whole)
    })
  }

  test('take no cursor that was forged, nor one of another list or another caller', async () => {
    const first = await deployment.ask('listTokens', { as: ada.token, query: { limit: '2' } })
    const cursor = first.body.next_cursor ?? ''
    const [place = '', mac = ''] = cursor.split('.')
    const forged = Buffer.from(Buffer.from(place, 'base64url').toString().replace(/\d/, '9')).toString('base64url')
    const attempts: [Record<string, string>, string][] = [
      [{ cursor: `${forged}.${mac}` }, ada.token],
      [{ cursor: place }, ada.token],
      [{ cursor: '.' }, ada.token],
      [{ cursor: `' OR 1=1 --` }, ada.token],
      [{ cursor, sort: 'label' }, ada.token],
      [{ cursor, kind: 'account' }, ada.token],
      [{ cursor }, deployment.root],
    ]
    for (const [query, as] of attempts) {
      const answer = await deployment.ask('listTokens', { as, query })
      assert.equal(answer.problem, 'invalid-request', JSON.stringify(query))
      assert.deepEqual(answer.pointers, ['/cursor'])
    }
    assert.equal((await deployment.ask('listTokens', { as: ada.token, query: { cursor, limit: '50' } })).status, 200)
  })

  test('go on after a label of the greatest length', async () => {
    const label = '😀'.repeat(256)
    for (const suffix of ['', '']) {
      await deployment.ask('createToken', { as: ada.token, body: { label: `${label}${suffix}` } })
    }
    const first = await deployment.ask('listTokens', { as: ada.token, query: { sort: '-label', limit: '1' } })
    const query = { sort: '-label', limit: '1', cursor: first.body.next_cursor ?? '' }
    assert.equal((await deployment.ask('listTokens', { as: ada.token, query })).body.data[0]?.label, label)
  })
})

describe('revoking many tokens', () => {
  let deployment: Deployment
  let ada: Member

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
  })
  after(() => deployment.close())

  const make = async (label: string, as = ada.token) => deployment.ask('createToken', { as, body: { label } })

  test('asks for a filter', async () => {
    const answer = await deployment.ask('revokeTokens', { as: ada.token })
    assert.equal(answer.problem, 'invalid-request')
    assert.match(answer.detail, /filter/)
  })

  test('refuses an empty filter or switch, since a variable that nobody has set must not widen what is revoked', async () => {
    const kept = await make('kept')
    for (const query of ['account_id=&kind=account', 'q=kept&dry_run=', 'q=kept&project_id']) {
      const answer = await deployment.send('DELETE', `/api/v1/tokens?${query}`, { as: ada.token })
      assert.equal(answer.problem, 'invalid-request', query)
      assert.match(answer.detail, /^(?:account_id|dry_run|project_id) is empty/, query)
    }
    const answer = await deployment.ask('verifyToken', { as: ada.token, body: { token: secretOf(kept) } })
    assert.equal(answer.body.code, 'valid')
  })

  test('only counts in a dry run', async () => {
    await make('count me')
    const changes = deployment.changeCount()
    const answer = await deployment.ask('revokeTokens', { as: ada.token, query: { q: 'count', dry_run: 'true' } })
    assert.deepEqual(answer.body, { revoked: 0, remaining: 1 })
    assert.equal(deployment.changeCount(), changes)
  })

  test('refuses a dry run where it would refuse the real one', async () => {
    const parent = await make('maker')
    const child = await make('made', secretOf(parent))
    for (const dry_run of ['true', 'false']) {
      const answer = await deployment.ask('revokeTokens', { as: secretOf(child), query: { q: 'maker', dry_run } })
      assert.equal(answer.problem, 'not-permitted')
    }
  })

  test('revokes what the filters find of the caller, and nothing else', async () => {
    const eve = await deployment.member('eve')
    await make('batch 1')
    await make('batch 2')
    await make('batch of eve', eve.token)
    const answer = await deployment.ask('revokeTokens', { as: ada.token, query: { q: 'batch' } })
    assert.deepEqual(answer.body, { revoked: 2, remaining: 0 })
    const left = await deployment.ask('listTokens', { as: deployment.root, query: { q: 'batch' } })
    assert.deepEqual(
      left.body.data.map(({ label }) => label),
      ['batch of eve'],
    )
  })

  test('revokes those that end soon or were never used, as a list finds them', async () => {
    const body = { label: 'chosen by use', lifetime_seconds: 86_400 }
    const lasting = await deployment.ask('createToken', { as: ada.token, body })
    const brief = await deployment.ask('createToken', { as: ada.token, body: { ...body, lifetime_seconds: 60 } })
    const used = await deployment.ask('createToken', { as: ada.token, body })
    assert.equal((await deployment.ask('getOwnToken', { as: secretOf(used) })).status, 200)
    const lastUse = async () => {
      const answer = await deployment.ask('getToken', { as: ada.token, params: { id: used.body.id } })
      return answer.body.last_used_at
    }
    while ((await lastUse()) === null);
    const statuses = async () => {
      const query = { q: body.label, status: 'active,revoked', sort: 'created_at' }
      const { data } = (await deployment.ask('listTokens', { as: ada.token, query })).body
      return data.map(({ id, status }) => [id, status])
    }
    const soon = { q: body.label, expires_before: new Date(Date.now() + 3_600_000).toISOString() }
    await deployment.ask('revokeTokens', { as: ada.token, query: soon })
    const afterwards = [
      [lasting.body.id, 'active'],
      [brief.body.id, 'revoked'],
      [used.body.id, 'active'],
    ]
    assert.deepEqual(await statuses(), afterwards)
    await deployment.ask('revokeTokens', { as: ada.token, query: { q: body.label, never_used: 'true' } })
    afterwards[0]![1] = 'revoked'
    assert.deepEqual(await statuses(), afterwards)
  })

  test('spares the token that asks, unless it is to be included', async () => {
    const all = { kind: 'account' }
    await deployment.ask('revokeTokens', { as: ada.token, query: all })
    assert.equal((await deployment.ask('getOwnToken', { as: ada.token })).status, 200)
    const answer = await deployment.ask('revokeTokens', { as: ada.token, query: { ...all, include_self: 'true' } })
    assert.deepEqual(answer.body, { revoked: 1, remaining: 0 })
    assert.equal((await deployment.ask('getOwnToken', { as: ada.token })).problem, 'credential-rejected')
  })
})
