import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { generateToken } from '@chatelaine/token'
import { openDeployment, type Deployment, type Member } from './deployment.ts'

describe('bad input gets a clear problem and changes nothing', () => {
  let deployment: Deployment
  let ada: Member

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
  })
  after(() => deployment.close())

  /** Sends a body to the creation of tokens, and makes sure that nothing came of it. */
  async function refused(body: unknown, headers: Record<string, string> = {}) {
    const changes = deployment.changeCount()
    const answer = await deployment.ask('createToken', { as: ada.token, body, headers })
    assert.equal(deployment.changeCount(), changes)
    assert.ok(answer.status >= 400 && answer.status < 500, `answered ${answer.status}`)
    return answer
  }

  const syntax: [string, string | Uint8Array, RegExp][] = [
    ['nothing at all', '', /empty/],
    ['what is not JSON', '{label: "x"}', /line 1, column 2, expected a key in double quotes/],
    ['an object that breaks off', '{"label": "x"', /line 1, column 14, expected "}"/],
    ['something after the end', '{"label": "x"}\n}', /line 2, column 1, something follows/],
    ['a comma too many', '{"label": "x",}', /column 15, expected a key/],
    ['a text without an end', '{"label": "x', /no closing quote/],
    ['a line break within a text', '{"label": "a\nb"}', /control character/],
    ['an escape that JSON does not know', String.raw`{"label": "\x41"}`, /column 11/],
    ['a number that JSON does not know', '{"lifetime_seconds": 010}', /neither a number/],
    ['a number beyond all bounds', '{"lifetime_seconds": 1e999}', /too large/],
    ['a word that JSON does not know', '{"label": undefined}', /neither a number/],
    [
      'a key that stands twice',
      '{"label": "a", "label": "b"}',
      /column 16, this key stands in the object a second time/,
    ],
    ['a key that stands twice under an escape', String.raw`{"label": "a", "l\u0061bel": "b"}`, /a second time/],
    ['a key that stands twice deeper down', '{"metadata": {"a": {"b": 1, "b": 2}}}', /a second time/],
    ['the key __proto__', '{"__proto__": {"permanent": true}}', /not allowed/],
    ['the key __proto__ in the metadata', '{"metadata": {"__proto__": {}}}', /not allowed/],
    ['a constructor with a prototype', '{"metadata": {"constructor": {"prototype": {}}}}', /not allowed/],
    ['what nests too deep', `{"metadata": ${'{"a":'.repeat(20)}1${'}'.repeat(20)}}`, /deeper/],
    ['lists that nest without an end', '['.repeat(60_000), /deeper/],
    ['half of a surrogate pair', String.raw`{"label": "\ud83d"}`, /half of a surrogate pair/],
    ['half of a surrogate pair in a key', String.raw`{"metadata": {"\udc00": 1}}`, /half of a surrogate pair/],
    ['bytes that are no UTF-8', Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), /UTF-8/],
    ['a surrogate in the bytes', Uint8Array.from([0x22, 0xed, 0xa0, 0x80, 0x22]), /UTF-8/],
  ]
  for (const [what, body, words] of syntax) {
    test(`${what}: malformed-json`, async () => {
      const answer = await refused(body)
      assert.equal(answer.problem, 'malformed-json')
      assert.match(answer.detail, words)
    })
  }

  const fields: [string, unknown, string][] = [
    ['a list instead of an object', [], '/'],
    ['a wrong type', { label: 7 }, '/label'],
    ['a field that nobody knows', { lable: 'x' }, '/lable'],
    ['a label of 257 characters', { label: 'x'.repeat(257) }, '/label'],
    ['a label with a control character', { label: 'a\u0007b' }, '/label'],
    ['a scope without an action', { scopes: ['data'] }, '/scopes/0'],
    ['a scope in capitals', { scopes: ['data:read', 'Data:Read'] }, '/scopes/1'],
    ['a scope of the reserved resource that does not exist', { scopes: ['chatelaine.everything:write'] }, '/scopes/0'],
    ['101 scopes', { scopes: Array.from({ length: 101 }, (_, index) => `data:s${index}`) }, '/scopes'],
    ['no scope', { scopes: [] }, '/scopes'],
    ['an expiry in the past', { expires_at: '2020-01-01T00:00:00Z' }, '/expires_at'],
    ['an expiry that is no instant', { expires_at: 'tomorrow' }, '/expires_at'],
    ['an expiry on a day that no calendar has', { expires_at: '2030-02-30T00:00:00Z' }, '/expires_at'],
    ['an expiry in the year 10000', { expires_at: '+010000-01-01T00:00:00Z' }, '/expires_at'],
    ['an expiry that its offset moves into the year 10000', { expires_at: '9999-12-31T23:59:59-01:00' }, '/expires_at'],
    ['two lifetimes', { lifetime_seconds: 60, expires_at: '2090-01-01T00:00:00Z' }, '/expires_at'],
    ['a lifetime and permanent', { lifetime_seconds: 60, permanent: true }, '/permanent'],
    ['negative seconds', { lifetime_seconds: -1 }, '/lifetime_seconds'],
    ['no seconds', { lifetime_seconds: 0 }, '/lifetime_seconds'],
    ['a fraction of a second', { lifetime_seconds: 1.5 }, '/lifetime_seconds'],
    ['more seconds than there are years', { lifetime_seconds: 1e15 }, '/lifetime_seconds'],
    ['seconds as a text', { lifetime_seconds: '60' }, '/lifetime_seconds'],
    ['a begin after the end', { lifetime_seconds: 60, not_before: '2090-01-01T00:00:00Z' }, '/not_before'],
    ['an address that is none', { allowed_ips: ['192.0.2.256'] }, '/allowed_ips/0'],
    ['a block that is too long', { allowed_ips: ['192.0.2.0/33'] }, '/allowed_ips/0'],
    ['65 addresses', { allowed_ips: Array.from({ length: 65 }, (_, index) => `192.0.2.${index}`) }, '/allowed_ips'],
    ['more metadata than 4 KiB', { metadata: { text: 'x'.repeat(4_090) } }, '/metadata'],
    ['metadata that is a list', { metadata: [] }, '/metadata'],
    ['an account id that is none', { account_id: `' OR 1=1 --` }, '/account_id'],
    ['a kind that nobody knows', { kind: 'root' }, '/kind'],
    ['null', { label: null }, '/label'],
  ]
  for (const [what, body, pointer] of fields) {
    test(`${what}: invalid-request that names ${pointer}`, async () => {
      const answer = await refused(body)
      assert.equal(answer.problem, 'invalid-request')
      assert.deepEqual(answer.pointers, [pointer === '/' ? '' : pointer])
    })
  }

  test('several faults are named at once', async () => {
    const answer = await refused({ label: 7, scopes: 'data:read', extra: 1 })
    assert.deepEqual(answer.pointers.toSorted(), ['/extra', '/label', '/scopes'])
  })

  for (const type of ['', 'text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1']) {
    test(`the content type ${JSON.stringify(type)}: unsupported-media-type`, async () => {
      assert.equal((await refused('{}', { 'content-type': type })).problem, 'unsupported-media-type')
    })
  }

  test('a charset of UTF-8 is welcome, however it is written', async () => {
    for (const type of ['application/json;charset=utf-8', 'Application/JSON; charset="UTF-8"']) {
      const answer = await deployment.ask('createToken', {
        as: ada.token,
        body: '{}',
        headers: { 'content-type': type },
      })
      assert.equal(answer.status, 201, type)
    }
  })

  test('a body beyond 64 KiB: body-too-large, whether its length is stated or not', async () => {
    const body = JSON.stringify({ label: 'x'.repeat(70_000) })
    assert.equal((await refused(body)).problem, 'body-too-large')
    const stream = new Blob([body]).stream()
    const init = { method: 'POST', body: stream, duplex: 'half' as const }
    const headers = { authorization: `Bearer ${ada.token}`, 'content-type': 'application/json' }
    const response = await fetch(`${deployment.origin}/api/v1/tokens`, { ...init, headers })
    assert.equal(response.status, 413)
    await response.body?.cancel()
  })

  test('a query parameter that nobody knows, or that stands twice: invalid-request', async () => {
    for (const target of ['/api/v1/tokens?colour=red', '/api/v1/tokens?limit=1&limit=2', '/api/v1/tokens/self?x=1']) {
      const answer = await deployment.send('GET', target, { as: ada.token })
      assert.equal(answer.problem, 'invalid-request', target)
    }
  })

  test('an empty query parameter counts as absent', async () => {
    const answer = await deployment.send('GET', '/api/v1/tokens?q=&permanent=&cursor=', { as: ada.token })
    assert.equal(answer.status, 200)
  })

  for (const [name, value] of [
    ['limit', '0'],
    ['limit', '201'],
    ['limit', '1.5'],
    ['limit', `1; DROP TABLE tokens`],
    ['permanent', 'perhaps'],
    ['status', 'active,unheard'],
    ['sort', 'digest'],
    ['kind', `account' --`],
    ['account_id', `acc_0000000000000000' OR '1'='1`],
    ['cursor', `' UNION SELECT digest FROM tokens --`],
    ['q', 'a\u0000b'],
  ] as const) {
    test(`the query ${name}=${JSON.stringify(value)}: invalid-request`, async () => {
      const answer = await deployment.ask('listTokens', { as: ada.token, query: { [name]: value } })
      assert.equal(answer.problem, 'invalid-request')
      assert.deepEqual(answer.pointers, [`/${name}`])
    })
  }

  test('SQL in every text is kept as the text that it is', async () => {
    const sql = `'); DROP TABLE tokens; --`
    const made = await deployment.ask('createToken', {
      as: ada.token,
      body: { label: sql, metadata: { [sql]: sql } },
      headers: { 'user-agent': sql, 'idempotency-key': `';DROP/**/TABLE/**/tokens;--`, 'x-request-id': sql },
    })
    assert.equal(made.status, 201)
    const found = await deployment.ask('listTokens', { as: ada.token, query: { q: sql } })
    assert.deepEqual(
      found.body.data.map(({ label }) => label),
      [sql],
    )
    const audit = (query: Record<string, string>) => deployment.ask('listAuditEntries', { as: deployment.root, query })
    for (const filter of ['actor', 'subject', 'action']) {
      assert.deepEqual((await audit({ [filter]: sql })).pointers, [`/${filter}`])
    }
    const strange = await deployment.ask('getToken', { as: ada.token, params: { id: sql } })
    assert.equal(strange.problem, 'not-found')
  })

  test('an idempotency key that is empty, too long or not printable: invalid-request', async () => {
    for (const key of ['', 'k'.repeat(256), 'two words']) {
      const answer = await refused({}, { 'idempotency-key': key })
      assert.equal(answer.problem, 'invalid-request', key)
      assert.match(answer.detail, /Idempotency-Key/)
    }
  })

  test('no problem repeats what was sent', async () => {
    const secret = 'a-value-that-must-not-come-back'
    const answers = [
      await refused({ [secret]: 1 }),
      await refused({ label: { [secret]: secret } }),
      await refused({ kind: secret, scopes: [secret] }),
      await refused(`{"label": ${secret}}`),
      await deployment.ask('listTokens', { as: ada.token, query: { sort: secret } }),
      await deployment.ask('getToken', { as: ada.token, params: { id: secret } }),
      await deployment.send('GET', `/api/v1/${secret}`, { as: ada.token }),
      await deployment.send('GET', '/api/v1/tokens', { as: secret }),
    ]
    for (const { body } of answers) assert.ok(!JSON.stringify(body).includes(secret), JSON.stringify(body))
  })

  test('a request that ends in the middle of its body leaves the server as it was', async () => {
    const { port } = new URL(deployment.origin)
    const socket = connect(Number(port), '127.0.0.1')
    const head = `POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ada.token}\r\nContent-Type: application/json\r\n`
    const changes = deployment.changeCount()
    socket.write(`${head}Content-Length: 100\r\n\r\n{"label":`)
    await new Promise<void>((resolve) => socket.once('connect', resolve))
    socket.destroy()
    assert.equal((await deployment.ask('getHealth')).status, 200)
    assert.equal(deployment.changeCount(), changes)
  })
})

describe('a token in the query of a URL', () => {
  let deployment: Deployment
  let ada: Member

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
  })
  after(() => deployment.close())

  const exposures = async () => {
    const query = { action: 'token.exposed' }
    return (await deployment.ask('listAuditEntries', { as: deployment.root, query })).body.data
  }

  const places: Record<string, (token: string) => string> = {
    'as a value': (token) => `token=${token}`,
    'amid other words': (token) => `q=find+this+${token}!`,
    'as a name': (token) => `a=1&${token}=b`,
    'where letters touch it': (token) => `x=aa${token}`,
    'with a letter escaped': (token) => `x=%${token.charCodeAt(0).toString(16)}${token.slice(1)}`,
  }
  for (const [place, query] of Object.entries(places)) {
    test(`is refused ${place}, and noted once by its id`, async () => {
      const answer = await deployment.send('GET', `/api/v1/tokens?${query(ada.token)}`, { as: ada.token })
      assert.equal(answer.problem, 'token-in-url')
      const noted = await exposures()
      assert.deepEqual(
        noted.map(({ subject }) => subject.id),
        [ada.tokenId],
      )
      assert.deepEqual(noted[0]?.details, { where: 'url' })
    })
  }

  test('is refused on paths that do not exist, without a credential, and on the verification', async () => {
    const targets = [
      ['GET', '/nowhere'],
      ['GET', '/'],
      ['GET', '/healthz'],
      ['POST', '/api/v1/tokens/verify'],
    ] as const
    for (const [method, path] of targets) {
      assert.equal((await deployment.send(method, `${path}?t=${ada.token}`)).problem, 'token-in-url', path)
    }
  })

  test('is refused but not noted when it is none of this deployment', async () => {
    const stranger = generateToken({ prefix: 'chl', kind: 'account' }, (count) => randomBytes(count)).token.reveal()
    const noted = await exposures()
    assert.equal((await deployment.send('GET', `/?t=${stranger}`)).problem, 'token-in-url')
    assert.deepEqual(await exposures(), noted)
  })

  test('goes on working, since policy does not revoke it', async () => {
    assert.equal((await deployment.ask('getOwnToken', { as: ada.token })).status, 200)
  })

  test('is let be in a path, which is not repeated in the problem', async () => {
    const answer = await deployment.send('GET', `/api/v1/tokens/${ada.token}`, { as: ada.token })
    assert.equal(answer.problem, 'not-found')
    assert.ok(!JSON.stringify(answer.body).includes(ada.token))
  })
})
