import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  metadataBytesMax,
  queries,
  rateLimitMax,
  rateWindowSecondsMax,
  read,
  readQuery,
  routes,
  schemas,
  scopesPerTokenMax,
  usesMax,
} from '../src/index.ts'

function faultsOf(reading: ReturnType<typeof read>): string[] {
  assert.ok(!reading.ok, 'it should not have been accepted')
  return reading.faults.map(({ pointer, detail }) => `${pointer} ${detail}`)
}

const refusedTokens: Record<string, { body: unknown; fault: string }> = {
  'a body that is a list': { body: [], fault: ' must be an object, not a list' },
  'a label of the wrong type': { body: { label: 7 }, fault: '/label must be a text, not a number' },
  'a label of 257 characters': { body: { label: '🗝'.repeat(257) }, fault: '/label must have at most 256 characters' },
  'a label with a control character': { body: { label: 'a\u0000b' }, fault: '/label contains a control character' },
  'a label with half of a surrogate pair': { body: { label: '\ud83d' }, fault: '/label contains half of a surrogate' },
  'an unknown field': { body: { colour: 'red' }, fault: '/colour is not known here; leave it out' },
  'the key __proto__': {
    body: JSON.parse('{"__proto__": {"permanent": true}}'),
    fault: '/__proto__ is not known here',
  },
  'a scope that is no resource:action': {
    body: { scopes: ['data:read', 'data'] },
    fault: '/scopes/1 must be resource',
  },
  'a scope in capitals': { body: { scopes: ['Data:read'] }, fault: '/scopes/0 must be resource:action' },
  '101 scopes': {
    body: { scopes: Array(scopesPerTokenMax + 1).fill('a:b') },
    fault: '/scopes must be at most 100 items',
  },
  'a lifetime of nothing': { body: { lifetime_seconds: 0 }, fault: '/lifetime_seconds must be at least 1' },
  'a negative lifetime': { body: { lifetime_seconds: -5 }, fault: '/lifetime_seconds must be at least 1' },
  'a lifetime of half a second': { body: { lifetime_seconds: 0.5 }, fault: '/lifetime_seconds must be a whole number' },
  'a lifetime beyond the year 9999': { body: { lifetime_seconds: 1e12 }, fault: '/lifetime_seconds must be at most' },
  'an expiry in the year 10000': {
    body: { expires_at: '10000-01-01T00:00:00Z' },
    fault: '/expires_at must be an instant',
  },
  'an expiry that its offset moves into the year 10000': {
    body: { expires_at: '9999-12-31T23:59:59-01:00' },
    fault: '/expires_at must lie before the year 10000',
  },
  'an expiry without an offset': {
    body: { expires_at: '2030-01-01T00:00:00' },
    fault: '/expires_at must be an instant',
  },
  'an expiry on 30 February': { body: { expires_at: '2030-02-30T00:00:00Z' }, fault: '/expires_at must be an instant' },
  'an expiry and a lifetime': {
    body: { expires_at: '2030-01-01T00:00:00Z', lifetime_seconds: 60 },
    fault: '/expires_at cannot stand beside lifetime_seconds',
  },
  'a permanent token with a lifetime': {
    body: { permanent: true, lifetime_seconds: 60 },
    fault: '/permanent cannot stand beside lifetime_seconds',
  },
  'an address that is none': { body: { allowed_ips: ['localhost'] }, fault: '/allowed_ips/0 must be an address' },
  'a rate limit of zero': {
    body: { rate_limit: { limit: 0, window_seconds: 60 } },
    fault: '/rate_limit/limit must be at least 1',
  },
  'a rate limit beyond what is counted': {
    body: { rate_limit: { limit: rateLimitMax + 1, window_seconds: 60 } },
    fault: '/rate_limit/limit must be at most 1000000',
  },
  'a rate limit in no time': {
    body: { rate_limit: { limit: 1, window_seconds: 0 } },
    fault: '/rate_limit/window_seconds must be at least 1',
  },
  'a rate limit without its window': {
    body: { rate_limit: { limit: 1 } },
    fault: '/rate_limit/window_seconds ',
  },
  'no uses at all': { body: { uses_remaining: 0 }, fault: '/uses_remaining must be at least 1' },
  'another kind of id': { body: { account_id: 'tok_0123456789abcdef' }, fault: '/account_id must be an account id' },
  'metadata that is a list': { body: { metadata: [] }, fault: '/metadata must be an object' },
  'metadata that is too large': {
    body: { metadata: { a: 'x'.repeat(metadataBytesMax) } },
    fault: '/metadata has 4104',
  },
  'metadata that nests too deep': { body: { metadata: nested(17) }, fault: '/metadata nests deeper than 16 levels' },
  'metadata with the key __proto__': {
    body: { metadata: JSON.parse('{"a":{"__proto__":1}}') },
    fault: '/metadata has the',
  },
  'metadata with an infinite number': {
    body: { metadata: JSON.parse('{"a":1e999}') },
    fault: '/metadata contains a num',
  },
  'metadata with half of a surrogate pair': { body: { metadata: { a: '\udc00' } }, fault: '/metadata contains half' },
}

for (const [what, { body, fault }] of Object.entries(refusedTokens)) {
  test(`a new token is refused with a sentence about its field: ${what}`, () => {
    const [first] = faultsOf(read(schemas.TokenCreate, body))
    assert.ok(first?.startsWith(fault), first)
  })
}

function nested(depth: number): object {
  return depth === 1 ? {} : { a: nested(depth - 1) }
}

test('a new token is accepted at every bound', () => {
  const body = {
    label: '🗝'.repeat(256),
    scopes: Array(scopesPerTokenMax).fill('chatelaine.tokens:read'),
    expires_at: '9999-12-31T23:59:59.999Z',
    permanent: false,
    rate_limit: { limit: rateLimitMax, window_seconds: rateWindowSecondsMax },
    uses_remaining: usesMax,
    renewable_until: '9999-12-31T23:59:59.999Z',
    allowed_ips: ['192.0.2.7', '2001:db8::/32', '::ffff:192.0.2.1'],
    metadata: nested(16),
  }
  const reading = read(schemas.TokenCreate, body)
  assert.ok(reading.ok)
  assert.deepEqual(reading.value, { ...body, expires_at: 253_402_300_799_999, renewable_until: 253_402_300_799_999 })
})

test('an instant with an offset is read as the same instant in UTC', () => {
  const reading = read(schemas.TokenCreate, { not_before: '2030-01-01T02:00:00+02:00' })
  assert.ok(reading.ok)
  assert.equal(reading.value.not_before, Date.UTC(2030, 0, 1))
})

test('an update must change something, and null makes the expiry permanent', () => {
  assert.deepEqual(faultsOf(read(schemas.TokenUpdate, {})), [' changes nothing; name at least one field'])
  const reading = read(schemas.TokenUpdate, { expires_at: null })
  assert.deepEqual(reading, { ok: true, value: { expires_at: null } })
})

test('a new password has at least 15 characters, and one that is presented may have fewer', () => {
  const short = { username: 'ada', password: 'fourteen chars' }
  assert.deepEqual(faultsOf(read(schemas.AccountCreate, short)), ['/password must have at least 15 characters'])
  assert.ok(read(schemas.SessionCreate, short).ok)
})

test('a user name neither begins nor ends with a space', () => {
  for (const username of ['', ' ada', 'ada ', '\u00a0ada']) {
    assert.match(faultsOf(read(schemas.AccountCreate, { username }))[0]!, /^\/username must/)
  }
  assert.ok(read(schemas.AccountCreate, { username: 'Ada Lovelace' }).ok)
})

test('a fault never repeats what was sent, even where a name is wrong', () => {
  const secret = 'chl_acc_7Yp2mQx9Kd4RtV1bpUZkWc3nLe8sXaHg5JtBvR2yMfQd4NzK0aB1cD'
  const faults = [
    ...faultsOf(read(schemas.VerifyRequest, { [secret]: 1, token: { secret }, kinds: [secret], scopes: [secret] })),
    ...faultsOf(readQuery(queries.TokenListQuery, [[secret, '1']])),
    ...faultsOf(
      readQuery(queries.TokenListQuery, [
        ['sort', secret],
        ['status', secret],
        ['cursor', ''],
      ]),
    ),
  ]
  assert.ok(faults.length >= 6)
  assert.ok(!faults.join().includes(secret.slice(8)))
})

test('an answer names at most 20 faults', () => {
  const body = Object.fromEntries('abcdefghijklmnopqrstuvwxyz'.split('').map((name) => [name, 1]))
  assert.equal(faultsOf(read(schemas.VerifyRequest, { token: '', ...body })).length, 20)
})

test('query parameters become typed values, and empty ones are absent', () => {
  const search = new URLSearchParams('permanent=true&status=revoked,expired&sort=label&limit=7&q=&account_id=')
  assert.deepEqual(readQuery(queries.TokenListQuery, search), {
    ok: true,
    value: {
      permanent: true,
      status: ['revoked', 'expired'],
      sort: { by: 'label', descending: false },
      limit: 7,
    },
  })
  assert.deepEqual(readQuery(queries.TokenListQuery, []), {
    ok: true,
    value: { status: ['active', 'suspended'], sort: { by: 'created_at', descending: true }, limit: 50 },
  })
})

for (const [search, fault] of [
  ['colour=red', '/colour is not known here; leave it out'],
  ['limit=0', '/limit must be at least 1'],
  ['limit=201', '/limit must be at most 200'],
  ['limit=1.5', '/limit must be a whole number'],
  ['limit=1&limit=2', '/limit is given more than once; keep one'],
  ['permanent=yes', '/permanent must be "true" or "false"'],
  ['status=dead', '/status must be one or several of active, suspended, expired, revoked, separated by commas'],
  ["q=x'%00", '/q contains a control character or half of a surrogate pair; leave it out'],
  ['__proto__=1', '/__proto__ is not known here; leave it out'],
] as const) {
  test(`a list is refused with a sentence about its parameter: ${search}`, () => {
    assert.deepEqual(faultsOf(readQuery(queries.TokenListQuery, new URLSearchParams(search))), [fault])
  })
}

test('revoking many needs a filter, and an empty one is none', () => {
  for (const search of ['', 'q=', 'reason=x&dry_run=true&include_self=true']) {
    assert.match(faultsOf(readQuery(queries.RevokeManyQuery, new URLSearchParams(search)))[0]!, /names no filter/)
  }
  const reading = readQuery(queries.RevokeManyQuery, new URLSearchParams('kind=account'))
  assert.deepEqual(reading, {
    ok: true,
    value: { kind: 'account', descendants: 'revoke', dry_run: false, include_self: false },
  })
})

test('a parameter that is a list in its schema may be repeated, and one value is a list too', () => {
  const readForwardAuth = (search: string) => readQuery(queries.ForwardAuthQuery, new URLSearchParams(search))
  assert.deepEqual(readForwardAuth('scope=data:read&scope=data:write&kind=project'), {
    ok: true,
    value: { scope: ['data:read', 'data:write'], kind: ['project'] },
  })
  assert.deepEqual(faultsOf(readForwardAuth('project=prj_0123456789abcdef&project=prj_0123456789abcdef')), [
    '/project is given more than once; keep one',
  ])
  assert.match(faultsOf(readForwardAuth('scope=data:read&scope=Data'))[0]!, /^\/scope\/1 must be resource:action/)
})

test('an empty value is absent, and a fault where the route refuses it', () => {
  const search = 'project=prj_0123456789abcdef&scope='
  assert.deepEqual(readQuery(queries.ForwardAuthQuery, new URLSearchParams(search)), {
    ok: true,
    value: { project: 'prj_0123456789abcdef' },
  })
  for (const { query, refusesEmpty } of [routes.forwardAuth, routes.revokeTokens]) {
    for (const empty of ['kind=', 'kind']) {
      const faults = faultsOf(readQuery(query, new URLSearchParams(empty), { refusesEmpty }))
      assert.deepEqual(faults, ['/kind is empty; give it a value or leave it out'])
    }
  }
})

test('of a number that is far too large one thing is said', () => {
  for (const lifetime_seconds of [1e308, Number.MAX_SAFE_INTEGER, 2 ** 60]) {
    assert.deepEqual(read(schemas.TokenCreate, { lifetime_seconds }), {
      ok: false,
      faults: [{ pointer: '/lifetime_seconds', detail: 'must be at most 31556952000' }],
    })
  }
})
