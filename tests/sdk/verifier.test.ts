import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { createClient, createVerifier, type LocalVerifier, type VerifierSettings } from '@chatelaine/sdk'
import { generateToken } from '@chatelaine/token'
import { openDeployment, type Deployment } from '../http/deployment.ts'

/** What happens on the way between a verifier and its server. */
type Way = (url: string, init: RequestInit | undefined) => Promise<Response>

const straight: Way = (url, init) => fetch(url, init)

const isFeed = (url: string) => url.includes('/api/v1/changes')

describe('a verifier in the process of a service', () => {
  let deployment: Deployment
  const open: LocalVerifier[] = []

  before(async () => {
    deployment = await openDeployment()
  })
  afterEach(() => Promise.all(open.splice(0).map((verifier) => verifier.close())))
  after(() => deployment.close())

  const root = () => createClient({ url: deployment.origin, token: deployment.root })

  async function issue(body: object = {}) {
    const account = await root().accounts.create({ username: crypto.randomUUID() })
    const { id, token } = await root().tokens.create({ account_id: account.id, ...body })
    return { id, accountId: account.id, token: token.reveal() }
  }

  /** A verifier, and how often it asked about a token. */
  function verifier(settings: Partial<VerifierSettings> = {}, way: Way = straight) {
    const counts = { asked: 0, failed: 0 }
    const made = createVerifier({
      url: deployment.origin,
      token: deployment.root,
      fetch: (url, init) => {
        if (!isFeed(url as string)) counts.asked += 1
        return way(url as string, init)
      },
      observer: { failed: () => void (counts.failed += 1) },
      ...settings,
    })
    open.push(made)
    return Object.assign(counts, {
      verify: (token: string, question?: object) => made.verify(token, question),
      state: () => made.state(),
      /** Verifies until the answer comes from memory. */
      async warm(token: string, question?: object) {
        await until(async () => {
          await made.verify(token, question)
          return !(made.verify(token, question) instanceof Promise)
        })
      },
    })
  }

  test('asks at first sight of a token and answers by itself from then on, at once', async () => {
    const { token, id, accountId } = await issue({ scopes: ['data:read'], metadata: { team: 'imaging' } })
    const at = verifier()
    await at.warm(token)
    const { asked } = at
    const verification = at.verify(token)
    assert.ok(!(verification instanceof Promise) && verification.valid)
    assert.equal(verification.token_id, id)
    assert.equal(verification.account_id, accountId)
    assert.deepEqual(verification.metadata, { team: 'imaging' })
    assert.equal(at.asked, asked)
    assert.deepEqual(at.state(), { remembered: 1, asking: 0, isFollowing: true })
  })

  test('what one caller does to an answer changes nobody else’s', async () => {
    const { token } = await issue({ metadata: { nested: { list: [1] } } })
    const at = verifier()
    await at.warm(token)
    const verification = await at.verify(token)
    assert.ok(verification.valid)
    assert.throws(() => Object.assign(verification.metadata, { admin: true }), TypeError)
    assert.throws(() => (verification.scopes as string[]).push('*'), TypeError)
  })

  test('a revocation that waits for verifiers is in force here when it is answered', async () => {
    const at = verifier()
    for (let i = 0; i < 20; i++) {
      const { token, id } = await issue()
      await at.warm(token)
      await root().tokens.revoke(id, {}, { wait: 'verifiers' })
      const verification = await at.verify(token)
      assert.equal(verification.code, 'revoked')
    }
  })

  test('a revoked token is remembered as such: whoever goes on presenting it makes no more questions', async () => {
    const { token, id } = await issue()
    const at = verifier()
    await at.warm(token)
    await root().tokens.revoke(id, {}, { wait: 'verifiers' })
    await at.warm(token)
    const { asked } = at
    for (let i = 0; i < 1_000; i++) {
      assert.deepEqual(at.verify(token, { scopes: ['data:read'] }), { valid: false, code: 'revoked', token_id: id })
    }
    assert.equal(at.asked, asked)
    const stranger = `${token.slice(0, -7)}${token.at(-7) === 'a' ? 'b' : 'a'}${token.slice(-6)}`
    assert.equal((await at.verify(stranger)).code, 'malformed', 'another secret is another token')
  })

  test('no other refusal is remembered, since it may end', async () => {
    const { token, id } = await issue()
    const at = verifier()
    await root().tokens.update(id, { is_active: false })
    for (let i = 0; i < 3; i++) assert.equal((await at.verify(token)).code, 'suspended')
    assert.equal(at.state().remembered, 0)
    await root().tokens.update(id, { is_active: true })
    await becomes(at, token, 'valid')
  })

  test('whatever takes away is followed: suspension, narrower scopes, a disabled account, a tighter policy', async () => {
    const at = verifier()
    const suspended = await issue()
    await at.warm(suspended.token)
    await root().tokens.update(suspended.id, { is_active: false })
    await becomes(at, suspended.token, 'suspended')

    const narrowed = await issue({ scopes: ['data:read', 'data:write'] })
    await at.warm(narrowed.token, { scopes: ['data:write'] })
    await root().tokens.update(narrowed.id, { scopes: ['data:read'] })
    await becomes(at, narrowed.token, 'insufficient_scope', { scopes: ['data:write'] })

    const disabled = await issue()
    await at.warm(disabled.token)
    await root().accounts.disable(disabled.accountId)
    await becomes(at, disabled.token, 'owner_disabled')

    const outlived = await issue({ lifetime_seconds: 86_400 })
    await at.warm(outlived.token)
    const { policy } = await root().settings.get()
    deployment.clock.advance(2_000)
    await root().settings.replace({ policy: { ...policy, temporary_lifetime_seconds: 1, longest_lifetime_seconds: 1 } })
    await becomes(at, outlived.token, 'revoked')
    await root().settings.replace({ policy })
  })

  test('scopes, kinds and addresses are decided here once they are known', async () => {
    const { token, id } = await issue({ scopes: ['data:*'], allowed_ips: ['192.0.2.0/24', '2001:db8::/32'] })
    const at = verifier()
    const here = { client_ip: '192.0.2.7' }
    await at.warm(token, { ...here, scopes: ['data:read'] })
    const { asked } = at
    const code = (question: object) => {
      const verification = at.verify(token, question)
      assert.ok(!(verification instanceof Promise), `the server was asked about ${JSON.stringify(question)}`)
      assert.equal(verification.token_id, id)
      return verification.code
    }
    assert.equal(code({ ...here, scopes: ['data:read'] }), 'valid')
    assert.equal(code({ client_ip: '::ffff:192.0.2.9' }), 'valid')
    assert.equal(code({ client_ip: '2001:db8::1' }), 'valid')
    assert.equal(code({ client_ip: '198.51.100.1' }), 'ip_not_allowed')
    assert.equal(code({ client_ip: 'nonsense' }), 'ip_not_allowed')
    assert.equal(code({}), 'ip_not_allowed')
    assert.equal(code({ ...here, kinds: ['project'] }), 'wrong_kind')
    const lacking = at.verify(token, { ...here, scopes: ['data:read', 'other:read'] })
    assert.ok(!(lacking instanceof Promise) && lacking.code === 'insufficient_scope')
    assert.deepEqual(lacking.missing_scopes, ['other:read'])
    assert.equal(at.asked, asked)

    // What a wildcard is worth only the catalogue of the server knows; then it is known here too, for both.
    assert.equal((await at.verify(token, { ...here, scopes: ['data:write'] })).code, 'valid')
    assert.equal(at.asked, asked + 1)
    assert.equal(code({ ...here, scopes: ['data:read', 'data:write'] }), 'valid')
  })

  test('a scope that the catalogue does not name is granted to nobody, here neither', async () => {
    const { token } = await issue({ scopes: ['*'] })
    const at = verifier()
    await at.warm(token, { scopes: ['data:read'] })
    await root().settings.replaceScopes({ scopes: [{ name: 'other:read', description: 'Read' }] })
    await becomes(at, token, 'insufficient_scope', { scopes: ['data:read'] })
  })

  test('a project is remembered for itself, and what is no project is reached by nobody', async () => {
    const { token, accountId } = await issue()
    const project = await root().projects.create({ name: 'Imaging', owner_id: accountId })
    const other = await root().projects.create({ name: 'Other', owner_id: (await issue()).accountId })
    const at = verifier()
    await at.warm(token)
    await at.warm(token, { project_id: project.id })
    for (const projectId of [other.id, '', ' ', `${project.id} `, 'prj_x', '../x']) {
      assert.equal((await at.verify(token, { project_id: projectId })).code, 'wrong_project', projectId)
    }
    assert.equal((await at.verify(` ${token}`, { project_id: '' })).code, 'malformed')
    await root().projects.addMember(project.id, { account_id: (await issue()).accountId, role: 'owner' })
    await at.warm(token, { project_id: project.id })
    await root().projects.removeMember(project.id, accountId)
    await becomes(at, token, 'wrong_project', { project_id: project.id })
    assert.equal((await at.verify(token)).code, 'valid')
  })

  test('uses are counted in one place: of many simultaneous verifications of a last use one is valid', async () => {
    const { token } = await issue({ uses_remaining: 1 })
    const at = verifier()
    const codes = await Promise.all(Array.from({ length: 20 }, async () => (await at.verify(token)).code))
    assert.equal(codes.filter((code) => code === 'valid').length, 1)
    assert.equal(at.state().remembered, 0)
  })

  test('so are rates', async () => {
    const { token } = await issue({ rate_limit: { limit: 3, window_seconds: 3_600 } })
    const at = verifier()
    const codes = []
    for (let i = 0; i < 5; i++) codes.push((await at.verify(token)).code)
    assert.deepEqual(codes, ['valid', 'valid', 'valid', 'rate_limited', 'rate_limited'])
  })

  test('an address that is none, however long, is a fault of the address and not of the way to the server', async () => {
    const { token } = await issue({ allowed_ips: ['192.0.2.0/24'] })
    const at = verifier()
    for (const clientIp of ['', 'nonsense', '192.0.2.7:80', 'fe80::1%eth0', '1'.repeat(5_000)]) {
      assert.equal((await at.verify(token, { client_ip: clientIp })).code, 'ip_not_allowed', clientIp)
    }
    assert.equal(at.failed, 0)
  })

  test('a lease that is over before a poll is answered makes no failures, only questions', async () => {
    const { token } = await issue()
    const counts = { followed: 0, failed: 0 }
    const at = verifier({
      leaseMs: 1,
      observer: { followed: () => void (counts.followed += 1), failed: () => void (counts.failed += 1) },
    })
    await until(async () => (await at.verify(token)).valid && counts.followed >= 3)
    assert.equal(counts.failed, 0)
  })

  test('many requests for a token that nobody knows make one question, and junk makes none', async () => {
    const random = (count: number) => crypto.getRandomValues(new Uint8Array(count))
    const unknown = generateToken({ prefix: 'chl', kind: 'account' }, random).token.reveal()
    const at = verifier()
    const codes = await Promise.all(Array.from({ length: 200 }, async () => (await at.verify(unknown)).code))
    assert.deepEqual([...new Set(codes)], ['unknown'])
    assert.equal(at.asked, 1)
    for (const junk of ['', 'x', unknown.slice(1), `${unknown} `, 'x'.repeat(1_000_000), '\uD800']) {
      assert.equal((await at.verify(junk)).code, 'malformed')
    }
    assert.equal(at.asked, 1)
  })

  test('with a lease of 0 the server is asked each time and nothing is remembered or followed', async () => {
    const { token, id } = await issue()
    let followed = 0
    const at = verifier({ leaseMs: 0 }, (url, init) => {
      if (isFeed(url)) followed += 1
      return fetch(url, init)
    })
    for (let i = 1; i <= 3; i++) {
      assert.equal((await at.verify(token)).code, 'valid')
      assert.equal(at.asked, i)
    }
    await root().tokens.revoke(id)
    assert.equal((await at.verify(token)).code, 'revoked')
    assert.equal(followed, 0)
    assert.equal(at.state().remembered, 0)
  })

  test('a token ends here by the time of the deployment, not by the clock of this machine', async () => {
    const { token } = await issue({ lifetime_seconds: 3_600 })
    const at = verifier()
    await at.warm(token)
    deployment.clock.advance(3_601_000)
    await becomes(at, token, 'expired')
  })

  test('no more tokens are remembered than were asked for', async () => {
    // All before it begins to follow: of a token that is made meanwhile it may hear after it has asked, and then forgets it.
    const tokens = await Array.fromAsync({ length: 10 }, async () => (await issue()).token)
    const at = verifier({ rememberedMax: 5 })
    for (const token of tokens) await at.warm(token)
    assert.equal(at.state().remembered, 5)
  })

  test('a lease that the server would not grant is refused', () => {
    for (const leaseMs of [-1, 0.5, 60_001, Number.NaN]) {
      assert.throws(() => createVerifier({ url: deployment.origin, token: deployment.root, leaseMs }), RangeError)
    }
  })

  describe('when the way to the server is broken', () => {
    test('a good token is accepted until the lease is over, then nobody can say; never is it called bad', async () => {
      const { token } = await issue()
      let isCut = false
      const at = verifier({ leaseMs: 400, deadlineMs: 200 }, (url, init) =>
        isCut ? Promise.reject(new TypeError('no network')) : fetch(url, init),
      )
      await at.warm(token)
      isCut = true
      const cutAtMs = performance.now()
      assert.equal((await at.verify(token)).code, 'valid')
      const codes = await codesUntil(at, token, 'unavailable')
      assert.ok(performance.now() - cutAtMs < 2_000)
      assert.deepEqual([...new Set(codes)], ['valid', 'unavailable'])
      assert.ok(at.failed > 0)
      isCut = false
      await becomes(at, token, 'valid')
    })

    /** Each lets the feed arrive in another wrong way; questions about tokens arrive as they should. */
    const faults: Readonly<Record<string, () => Way>> = {
      'silently dropped': () => (url, init) => (isFeed(url) ? never(init) : fetch(url, init)),
      delayed: () => async (url, init) => {
        if (isFeed(url)) await new Promise((resolve) => setTimeout(resolve, 150))
        return fetch(url, init)
      },
      replayed() {
        let first: Promise<Response> | undefined
        return async (url, init) => {
          if (!isFeed(url) || !url.includes('since=')) return fetch(url, init)
          first ??= fetch(url, init)
          return (await first).clone()
        }
      },
      reordered: () => tampering((feed) => ({ ...feed, entries: feed.entries.toReversed() })),
      'with a hole': () => tampering((feed) => ({ ...feed, entries: feed.entries.slice(1) })),
      'without what it says': () => tampering((feed) => ({ ...feed, entries: [] })),
    }
    for (const [fault, way] of Object.entries(faults)) {
      test(`the feed ${fault}: what is revoked is not accepted beyond the lease, and what is good is never bad`, async () => {
        const leaseMs = 500
        const good = await issue()
        const dead = await issue()
        let isBroken = false
        const broken = way()
        const at = verifier({ leaseMs }, (url, init) => (isBroken ? broken(url, init) : fetch(url, init)))
        await at.warm(good.token)
        await at.warm(dead.token)
        isBroken = true
        await root().tokens.revoke(dead.id)
        const revokedAtMs = performance.now()
        let lastAcceptedAtMs = revokedAtMs
        let isRefused = false
        // Longer than the lease, so that nothing of before can be what is answered.
        while (performance.now() - revokedAtMs < leaseMs * 2) {
          const startedAtMs = performance.now()
          const [ofGood, ofDead] = await Promise.all([at.verify(good.token), at.verify(dead.token)])
          assert.ok(ofGood.valid || ofGood.code === 'unavailable', `a good token was called ${ofGood.code}`)
          if (ofDead.valid) lastAcceptedAtMs = startedAtMs
          else isRefused = true
          await new Promise((resolve) => setImmediate(resolve))
        }
        assert.ok(isRefused)
        assert.ok(lastAcceptedAtMs - revokedAtMs <= leaseMs, `accepted ${lastAcceptedAtMs - revokedAtMs} ms later`)
      })
    }
  })
})

interface Feed {
  readonly entries: readonly object[]
}

function tampering(change: (feed: Feed) => Feed): Way {
  return async (url, init) => {
    const response = await fetch(url, init)
    if (!isFeed(url) || !response.ok) return response
    return Response.json(change((await response.json()) as Feed))
  }
}

function never(init: RequestInit | undefined): Promise<Response> {
  return new Promise((_, reject) => {
    init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error))
  })
}

type Verifying = Pick<LocalVerifier, 'verify'>

async function becomes(verifier: Verifying, token: string, code: string, question?: object): Promise<void> {
  await until(async () => (await verifier.verify(token, question)).code === code)
}

async function codesUntil(verifier: Verifying, token: string, last: string): Promise<string[]> {
  const codes: string[] = []
  await until(async () => {
    codes.push((await verifier.verify(token)).code)
    return codes.at(-1) === last
  })
  return codes
}

/** Asks again and again, for ten seconds at most. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const startedAtMs = performance.now()
  while (!(await condition())) {
    assert.ok(performance.now() - startedAtMs < 10_000, 'it did not come to pass within ten seconds')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
