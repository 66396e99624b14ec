import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { allManagementScopes } from '@chatelaine/core'
import { bearerOf, goodPassword, openDeployment, secretOf, type Deployment } from './deployment.ts'

/** The origin of the platform, whose page holds the session. */
const platform = 'https://platform.example.com'

describe('a portal session', () => {
  let deployment: Deployment
  let names = 0

  before(async () => {
    deployment = await openDeployment({ CHATELAINE_CORS_ORIGINS: platform })
  })
  after(() => deployment.close())

  async function account(more: object = {}): Promise<string> {
    names += 1
    const body = { username: `person${names}`, ...more }
    return (await deployment.ask('createAccount', { as: deployment.root, body })).body.id
  }

  /** The backend's manager token, and what ends it. */
  async function backend(more: object = {}) {
    const body = { kind: 'manager', scopes: ['chatelaine.tokens:write'], permanent: true, ...more }
    const made = await deployment.ask('createToken', { as: deployment.root, body })
    return { id: made.body.id, token: secretOf(made) }
  }

  async function open(as: string, body: object): Promise<string> {
    return bearerOf(await deployment.ask('createPortalSession', { as, body }))
  }

  describe('is opened', () => {
    test('for a quarter of an hour unless said otherwise, and the answer is kept by nobody', async () => {
      const id = await account()
      const { token } = await backend()
      const opened = await deployment.ask('createPortalSession', { as: token, body: { account_id: id } })
      assert.equal(opened.status, 201)
      assert.equal(opened.headers.get('cache-control'), 'no-store')
      assert.equal(opened.body.account_id, id)
      const leftMs = Date.parse(opened.body.expires_at) - deployment.clock.now()
      assert.ok(leftMs > 890_000 && leftMs <= 900_000, `${leftMs} ms`)
    })

    test('by the id that the platform gave the account', async () => {
      const id = await account({ external_id: 'user-7' })
      const { token } = await backend()
      const page = await open(token, { external_id: 'user-7', lifetime_seconds: 60 })
      assert.equal((await deployment.ask('getOwnAccount', { as: page })).body.id, id)
      const unknown = { as: token, body: { external_id: 'user-8' } }
      assert.equal((await deployment.ask('createPortalSession', unknown)).problem, 'not-found')
    })

    const wrong: Record<string, { body: object; pointer: string }> = {
      'without an account': { body: {}, pointer: '/account_id' },
      'with two names for it': {
        body: { account_id: 'acc_0000000000000000', external_id: 'u' },
        pointer: '/external_id',
      },
      'for less than a minute': { body: { external_id: 'u', lifetime_seconds: 59 }, pointer: '/lifetime_seconds' },
      'for more than an hour': { body: { external_id: 'u', lifetime_seconds: 3_601 }, pointer: '/lifetime_seconds' },
      'with a field that is not known': { body: { external_id: 'u', scopes: ['*'] }, pointer: '/scopes' },
    }
    for (const [how, { body, pointer }] of Object.entries(wrong)) {
      test(`not ${how}`, async () => {
        const { problem, pointers } = await deployment.ask('createPortalSession', { as: deployment.root, body })
        assert.deepEqual([problem, pointers], ['invalid-request', [pointer]])
      })
    }

    test('for no disabled account, and for an administrator only by a manager that may do everything', async () => {
      const { token } = await backend({ scopes: allManagementScopes.slice(1) })
      const [disabled, admin] = [await account(), await account({ role: 'admin' })]
      await deployment.ask('disableAccount', { as: deployment.root, params: { id: disabled } })
      const ask = (as: string, id: string) => deployment.ask('createPortalSession', { as, body: { account_id: id } })
      assert.equal((await ask(token, disabled)).problem, 'not-permitted')
      assert.equal((await ask(token, admin)).problem, 'exceeds-caller')
      const page = bearerOf(await ask(deployment.root, admin))
      for (const route of ['listAccounts', 'getSettings', 'exportAudit'] as const) {
        assert.equal((await deployment.ask(route, { as: page })).problem, 'not-permitted', route)
      }
      const all = await deployment.ask('listTokens', { as: page })
      assert.deepEqual(all.body.data, [], 'an administrator’s page shows their own tokens alone')
    })

    test('by no person, not even an administrator', async () => {
      const id = await account({ role: 'admin', password: goodPassword })
      const cookie = await deployment.signIn(`person${names}`, goodPassword)
      const answer = await deployment.ask('createPortalSession', { cookie, body: { account_id: id } })
      assert.equal(answer.problem, 'not-permitted')
    })

    test('once for an Idempotency-Key, and its bearer is not answered again', async () => {
      const said = {
        as: (await backend()).token,
        body: { account_id: await account() },
        headers: { 'idempotency-key': 'page-1' },
      }
      const first = await deployment.ask('createPortalSession', said)
      const again = await deployment.ask('createPortalSession', said)
      assert.deepEqual([first.status, again.status], [201, 200])
      assert.equal(again.headers.get('idempotency-replayed'), 'true')
      const { account_id, expires_at } = first.body
      assert.deepEqual(again.body, { account_id, expires_at })
      const other = { ...said, body: { ...said.body, lifetime_seconds: 61 } }
      assert.equal((await deployment.ask('createPortalSession', other)).problem, 'idempotency-key-reused')
    })
  })

  describe('shows and manages the tokens of its account', () => {
    test('from making one to deleting it, and the log names account and manager token for each', async () => {
      const id = await account()
      const manager = await backend()
      const as = await open(manager.token, { account_id: id })
      const { ask } = deployment
      const made = await ask('createToken', { as, body: { label: 'made on the page', permanent: true } })
      const { account_id, origin, created_by, parent_token_id, scopes } = made.body
      assert.deepEqual(
        { account_id, origin, created_by, parent_token_id, scopes },
        { account_id: id, origin: 'console', created_by: id, parent_token_id: manager.id, scopes: ['*'] },
      )
      assert.equal(
        (await ask('verifyToken', { as: deployment.root, body: { token: secretOf(made) } })).body.valid,
        true,
      )
      const params = { id: made.body.id }
      assert.equal((await ask('updateToken', { as, params, body: { label: 'renamed' } })).body.label, 'renamed')
      assert.equal((await ask('rotateToken', { as, params, body: {} })).status, 201)
      assert.equal((await ask('cancelRotation', { as, params })).status, 200)
      assert.equal((await ask('getTokenUsage', { as, params, query: { by: 'hour' } })).status, 200)
      assert.equal((await ask('getTokenAllowance', { as })).body.permanent.in_use, 1)
      assert.equal((await ask('revokeToken', { as, params })).status, 204)
      const entries = (await ask('listAuditEntries', { as, query: { subject: made.body.id } })).body.data
      assert.deepEqual(
        entries.map(({ action }) => action),
        ['token.revoked', 'token.rotation_cancelled', 'token.rotated', 'token.updated', 'token.created'],
      )
      for (const { actor } of entries) {
        assert.deepEqual([actor.type, actor.account_id, actor.token_id], ['portal', id, manager.id])
      }
    })

    test('and of its projects, as a member of them may', async () => {
      const id = await account()
      const { ask, root } = deployment
      const project = await ask('createProject', { as: root, body: { name: 'Imaging', owner_id: id } })
      await ask('createProject', { as: root, body: { name: 'Theirs', owner_id: await account() } })
      const as = await open((await backend()).token, { account_id: id })
      const listed = await ask('listProjects', { as })
      assert.deepEqual(
        listed.body.data.map(({ name }) => name),
        ['Imaging'],
      )
      const made = await ask('createToken', { as, body: { project_id: project.body.id } })
      assert.deepEqual([made.body.kind, made.body.created_by], ['project', id])
      const params = { id: project.body.id }
      assert.equal((await ask('getProject', { as, params })).body.name, 'Imaging')
      assert.equal((await ask('listMembers', { as, params })).problem, 'not-permitted')
    })

    test('and makes no token that reaches what the page does not', async () => {
      const as = await open((await backend()).token, { account_id: await account() })
      const body = { scopes: ['data:read', 'chatelaine.accounts:write'] }
      assert.equal((await deployment.ask('createToken', { as, body })).problem, 'exceeds-caller')
    })

    test('while each request counts against the rate of the manager token', async () => {
      const manager = await backend({ rate_limit: { limit: 2, window_seconds: 3_600 } })
      const as = await open(manager.token, { account_id: await account() })
      assert.equal((await deployment.ask('listTokens', { as })).status, 200)
      const refused = await deployment.ask('listTokens', { as })
      assert.equal(refused.problem, 'too-many-attempts')
      assert.ok(Number(refused.headers.get('retry-after')) > 0)
    })

    test('from any address, and that of the browser is not told as one of the manager token', async () => {
      const { ask, root, service } = deployment
      const manager = await backend({ allowed_ips: ['127.0.0.1'] })
      const as = await open(manager.token, { account_id: await account() })
      await ask('updateToken', { as: root, params: { id: manager.id }, body: { allowed_ips: ['198.51.100.7'] } })
      assert.equal((await ask('listTokens', { as })).status, 200)
      await service.ports.tokens.recordUses(service.uses.take())
      const { last_used_ip, last_used_client } = (await ask('getToken', { as: root, params: { id: manager.id } })).body
      assert.deepEqual([last_used_ip, last_used_client], [null, 'portal-session'])
    })
  })

  describe('is over', () => {
    interface Open {
      readonly id: string
      readonly managerId: string
    }
    const manage = (body: object) => (one: Open) =>
      deployment.ask('updateToken', { as: deployment.root, params: { id: one.managerId }, body })
    const change = (body: object) => (one: Open) =>
      deployment.ask('updateAccount', { as: deployment.root, params: { id: one.id }, body })

    const endings: Record<string, (one: Open) => Promise<{ status: number }>> = {
      'when its manager token is revoked': ({ managerId }) =>
        deployment.ask('revokeToken', { as: deployment.root, params: { id: managerId } }),
      'when its manager token is suspended': manage({ is_active: false }),
      'when its manager token loses the scope': manage({ scopes: ['chatelaine.tokens:read'] }),
      'when the secret that opened it is rotated away': ({ managerId }) =>
        deployment.ask('rotateToken', { as: deployment.root, params: { id: managerId }, body: { grace_seconds: 0 } }),
      'when its account is disabled': change({ status: 'disabled' }),
      'when its account becomes an administrator': change({ role: 'admin' }),
    }

    for (const [when, end] of Object.entries(endings)) {
      test(`${when}: as soon as that is answered`, async () => {
        const id = await account()
        const manager = await backend()
        const as = await open(manager.token, { account_id: id })
        const before = await deployment.ask('createToken', { as, body: {} })
        assert.equal(before.status, 201)
        assert.ok((await end({ id, managerId: manager.id })).status < 300)
        const changes = deployment.changeCount()
        for (const route of ['listTokens', 'getOwnAccount', 'listScopes'] as const) {
          assert.equal((await deployment.ask(route, { as })).problem, 'credential-rejected', route)
        }
        assert.equal((await deployment.ask('createToken', { as, body: {} })).problem, 'credential-rejected')
        assert.equal(deployment.changeCount(), changes)
      })

      test(`${when}: nothing that it asked for at the same time comes after`, async () => {
        const id = await account()
        const manager = await backend()
        const as = await open(manager.token, { account_id: id })
        const asking = Array.from({ length: 20 }, (_, index) =>
          deployment.ask('createToken', { as, body: { label: `racing ${index}` } }),
        )
        await Promise.race(asking)
        await end({ id, managerId: manager.id })
        const ended = deployment.changeCount()
        const answers = await Promise.all(asking)
        for (const { status, problem } of answers)
          assert.ok(status === 201 || problem === 'credential-rejected', problem)
        assert.equal(deployment.changeCount(), ended)
      })
    }

    test('when its time is, and when the manager token expires', async () => {
      const id = await account()
      const brief = await backend({ permanent: false, lifetime_seconds: 120 })
      const answer = await deployment.ask('createPortalSession', { as: brief.token, body: { account_id: id } })
      const leftMs = Date.parse(answer.body.expires_at) - deployment.clock.now()
      assert.ok(leftMs <= 120_000, `it outlives its manager token: ${leftMs} ms`)
      const minute = await open((await backend()).token, { account_id: id, lifetime_seconds: 60 })
      deployment.clock.advance(61_000)
      assert.equal((await deployment.ask('listTokens', { as: minute })).problem, 'credential-rejected')
      assert.equal((await deployment.ask('listTokens', { as: bearerOf(answer) })).status, 200)
      deployment.clock.advance(60_000)
      assert.equal((await deployment.ask('listTokens', { as: bearerOf(answer) })).problem, 'credential-rejected')
    })

    test('before it begins, where it was forged, altered, or opened by another deployment', async () => {
      const id = await account()
      const genuine = await open((await backend()).token, { account_id: id })
      const [lead = '', keyId = '', said = '', mac = ''] = genuine.split('.')
      const other = await openDeployment()
      const { id: foreignId } = await other.member('ada')
      const foreign = await other.openPortal(foreignId)
      await other.close()
      const forged = {
        'for another account': [lead, keyId, said.replace(id, await account()), mac].join('.'),
        'for longer': [lead, keyId, said.replace(/~([0-9]{13})~/, (_, at) => `~${Number(at) + 60_000}~`), mac].join(
          '.',
        ),
        'as another role': [lead, keyId, said.replace('~member~', '~admin~'), mac].join('.'),
        'with an empty MAC': [lead, keyId, said, ''].join('.'),
        'with a key that is none': [lead, 'none', said, mac].join('.'),
        'with a part more': `${genuine}.${mac}`,
        'cut short': genuine.slice(0, -1),
        'of another deployment': foreign,
        'made of nothing': 'portal.',
      }
      for (const [how, as] of Object.entries(forged)) {
        assert.notEqual(as, genuine, how)
        const answer = await deployment.ask('listTokens', { as })
        assert.equal(answer.problem, 'credential-rejected', how)
        assert.match(answer.headers.get('www-authenticate') ?? '', /error="invalid_token"/)
      }
    })
  })

  describe('and the tokens that were made in it', () => {
    for (const descendants of ['revoke', 'keep'] as const) {
      const what =
        descendants === 'revoke' ? 'end with the manager token' : 'live on where whoever revokes that one says so'
      test(what, async () => {
        const manager = await backend()
        const as = await open(manager.token, { account_id: await account() })
        const token = secretOf(await deployment.ask('createToken', { as, body: { permanent: true } }))
        const verify = () => deployment.ask('verifyToken', { as: deployment.root, body: { token } })
        assert.equal((await verify()).body.code, 'valid')
        const params = { id: manager.id }
        await deployment.ask('revokeToken', { as: deployment.root, params, query: { descendants } })
        assert.equal((await verify()).body.code, descendants === 'revoke' ? 'revoked' : 'valid')
      })
    }

    test('live on after it, for as long as each was made for', async () => {
      const as = await open((await backend()).token, { account_id: await account(), lifetime_seconds: 60 })
      const token = secretOf(await deployment.ask('createToken', { as, body: { lifetime_seconds: 3_600 } }))
      deployment.clock.advance(61_000)
      const { body } = await deployment.ask('verifyToken', { as: deployment.root, body: { token } })
      assert.equal(body.code, 'valid')
    })
  })

  describe('is for the native API alone', () => {
    test('and no token to those who verify, nor to the clients of other systems', async () => {
      const { ask, root, send } = deployment
      const as = await open((await backend()).token, { account_id: await account() })
      assert.equal((await ask('verifyToken', { as: root, body: { token: as } })).body.code, 'malformed')
      assert.equal((await ask('introspectToken', { as, form: { token: as } })).oauthError, 'insufficient_scope')
      assert.equal((await ask('forwardAuth', { as })).problem, 'credential-rejected')
      for (const path of ['/coscine/api/v2/self', '/v1/whoami/']) {
        const response = await fetch(`${deployment.origin}${path}`, { headers: { authorization: `Bearer ${as}` } })
        assert.equal(response.status, 403, path)
      }
      assert.equal((await send('GET', '/api/v1/tokens/self', { as })).problem, 'not-permitted')
    })

    test('where the way of a token that is remembered stays what it was', async () => {
      const { ask, root, service } = deployment
      const page = await open((await backend()).token, { account_id: await account() })
      const verify = () => ask('verifyToken', { as: root, body: { token: root, kinds: ['manager'] } })
      await verify()
      const { lookedUp } = service.verifier.statistics
      await ask('listTokens', { as: page })
      assert.equal((await verify()).body.code, 'valid')
      assert.equal(service.verifier.statistics.lookedUp, lookedUp)
    })
  })

  describe('in a page of another origin', () => {
    const headers = { origin: platform }

    test('may be sent with what the page sends, as a preflight hears', async () => {
      for (const [method, path] of [
        ['POST', '/api/v1/tokens'],
        ['PATCH', '/api/v1/tokens/tok_0000000000000000'],
        ['DELETE', '/api/v1/tokens/tok_0000000000000000'],
        ['POST', '/api/v1/tokens/tok_0000000000000000/rotate'],
        ['GET', '/api/v1/accounts/me'],
      ] as const) {
        const sent = ['authorization', 'content-type', 'idempotency-key']
        const asked = await deployment.send('OPTIONS', path, {
          headers: {
            ...headers,
            'access-control-request-method': method,
            'access-control-request-headers': sent.join(','),
          },
        })
        const listed = (name: string) => (asked.headers.get(name) ?? '').toLowerCase().split(/, */)
        assert.equal(asked.headers.get('access-control-allow-origin'), platform, path)
        assert.ok(listed('access-control-allow-methods').includes(method.toLowerCase()), method)
        for (const one of sent) assert.ok(listed('access-control-allow-headers').includes(one), one)
      }
    })

    test('can read the answers, and the problems too, which no cache keeps', async () => {
      const { ask, send } = deployment
      const as = await open((await backend()).token, { account_id: await account() })
      const answers = [
        await ask('listTokens', { as, headers }),
        await ask('createToken', { as, headers: { ...headers, 'idempotency-key': 'k' }, body: {} }),
        await ask('createToken', { as, headers: { ...headers, 'idempotency-key': 'k' }, body: {} }),
        await ask('createToken', { as, headers, body: { scopes: ['no scope'] } }),
        await ask('listAccounts', { as, headers }),
        await ask('getToken', { as, headers, params: { id: 'tok_0000000000000000' } }),
        await ask('listTokens', { as: `${as}x`, headers }),
        await ask('verifyToken', { as, headers, body: { token: as } }),
        await send('POST', '/api/v1/tokens', { as, headers, body: '{' }),
      ]
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 201, 200, 400, 403, 404, 401, 403, 400],
      )
      for (const answer of answers) {
        assert.equal(answer.headers.get('access-control-allow-origin'), platform)
        assert.equal(answer.headers.get('cache-control'), 'no-store')
        assert.match(answer.headers.get('access-control-expose-headers') ?? '', /idempotency-replayed/i)
      }
    })

    test('cannot be read by a page of an origin that is not named', async () => {
      const as = await open((await backend()).token, { account_id: await account() })
      const answer = await deployment.ask('listTokens', { as, headers: { origin: 'https://evil.example' } })
      assert.equal(answer.headers.get('access-control-allow-origin'), null)
    })
  })
})
