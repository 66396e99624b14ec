import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createClient, type Client, type Question } from '@chatelaine/sdk'
import { TestChatelaine, type TestToken } from '@chatelaine/sdk/testing'
import { openDeployment, type Deployment } from '../http/deployment.ts'

const hourMs = 3_600_000

describe('the Chatelaine for tests', () => {
  let deployment: Deployment
  let root: Client
  before(async () => {
    deployment = await openDeployment()
    root = createClient({ url: deployment.origin, token: deployment.root })
  })
  after(() => deployment.close())

  const specs = (now: number): TestToken[] => [
    {},
    { scopes: ['data:read', 'chatelaine.tokens:read'] },
    { allowed_ips: ['192.0.2.0/24', '2001:db8::/32'], scopes: ['data:*'] },
    { uses_remaining: 2 },
    { expires_at: null },
    { not_before: new Date(now + hourMs).toISOString(), expires_at: new Date(now + 9 * hourMs).toISOString() },
    { expires_at: new Date(now + 60_000).toISOString() },
  ]
  const questions: readonly Question[] = [
    {},
    { scopes: ['data:read'] },
    { scopes: ['data:read', 'data:write', 'other:read'] },
    { scopes: ['chatelaine.tokens:read', 'chatelaine.settings:write'] },
    { kinds: ['project', 'manager'] },
    { client_ip: '192.0.2.200', scopes: ['data:write'] },
    { client_ip: '2001:db8::7', scopes: ['other:read'] },
    { client_ip: '203.0.113.1', kinds: ['manager'] },
    { project_id: 'prj_0000000000000000', client_ip: '192.0.2.1' },
  ]

  const fates: Readonly<Record<string, (pairs: readonly Pair[]) => Promise<unknown>>> = {
    'as it was made': () => Promise.resolve(),
    'after half an hour'(pairs) {
      deployment.clock.advance(hourMs / 2)
      for (const { chatelaine } of pairs) chatelaine.advance(hourMs / 2)
      return Promise.resolve()
    },
    async suspended(pairs) {
      for (const { chatelaine, id, serverId } of pairs) {
        chatelaine.suspend(id)
        await root.tokens.update(serverId, { is_active: false })
      }
    },
    async revoked(pairs) {
      for (const { chatelaine, id, serverId } of pairs) {
        chatelaine.revoke(id)
        await root.tokens.revoke(serverId)
      }
    },
  }
  for (const [what, befall] of Object.entries(fates)) {
    test(`answers like a server about a token ${what}`, async () => {
      const pairs = await Promise.all(specs(deployment.clock.now()).map(pairOf))
      await befall(pairs)
      for (const { chatelaine, token, serverToken, spec } of pairs) {
        for (const question of questions) {
          const ours = chatelaine.verify(token, question)
          const theirs = await root.tokens.verify({ token: serverToken, ...question })
          assert.deepEqual(said(ours), said(theirs), JSON.stringify({ spec, question }))
        }
      }
    })
  }

  test('says unavailable while it is disconnected, but knows junk by its checksum', () => {
    const chatelaine = new TestChatelaine()
    const token = chatelaine.issue().token.reveal()
    chatelaine.disconnect()
    assert.equal(chatelaine.verify(token).code, 'unavailable')
    assert.equal(chatelaine.verify('junk').code, 'malformed')
    chatelaine.reconnect()
    assert.equal(chatelaine.verify(token).code, 'valid')
  })

  test('a project token reaches its own project, an account those that it is a member of', () => {
    const chatelaine = new TestChatelaine()
    const mine = 'prj_0000000000000001'
    const other = 'prj_0000000000000002'
    const ofProject = chatelaine.issue({ project_id: mine }).token.reveal()
    const ofMember = chatelaine.issue({ member_of: [mine] }).token.reveal()
    for (const token of [ofProject, ofMember]) {
      assert.equal(chatelaine.verify(token, { project_id: mine }).code, 'valid')
      assert.equal(chatelaine.verify(token, { project_id: other }).code, 'wrong_project')
    }
  })

  interface Pair {
    readonly chatelaine: TestChatelaine
    readonly id: string
    readonly token: string
    readonly serverId: string
    readonly serverToken: string
    readonly spec: TestToken
  }

  async function pairOf(spec: TestToken): Promise<Pair> {
    const chatelaine = new TestChatelaine()
    // Both live by the same time, which the tests before have moved.
    chatelaine.advance(deployment.clock.now() - Date.now())
    const account = await root.accounts.create({ username: crypto.randomUUID() })
    const { expires_at: expiresAt, member_of: _, ...rest } = spec
    const permanence = expiresAt === null ? { permanent: true } : { expires_at: expiresAt }
    const theirs = await root.tokens.create({ ...rest, ...permanence, account_id: account.id })
    const ours = chatelaine.issue({ ...spec, expires_at: theirs.expires_at, account_id: account.id })
    return {
      chatelaine,
      id: ours.id,
      token: ours.token.reveal(),
      serverId: theirs.id,
      serverToken: theirs.token.reveal(),
      spec,
    }
  }

  function said(verification: object): object {
    const { code, missing_scopes: missing, scopes, kind } = verification as Record<string, unknown>
    return { code, missing, scopes, kind }
  }
})
