import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { routes, type Route, type RouteName } from '@chatelaine/api'
import { allManagementScopes, type ManagementScope } from '@chatelaine/core'
import { generateToken } from '@chatelaine/token'
import { goodPassword, openDeployment, secretOf, type Deployment, type Heard, type Said } from './deployment.ts'

/** Somebody whose things others reach for. */
interface Victim {
  readonly id: string
  readonly tokenId: string
  readonly token: string
  /** A token whose new secret is unused. */
  readonly rotatingId: string
  readonly projectId: string
  readonly projectTokenId: string
  /** Another member of the project. */
  readonly mateId: string
}

/** A request that reaches for what is the victim's or the deployment's, and the scope that its route asks for. */
interface Guarded {
  readonly scope: ManagementScope
  readonly said: (victim: Victim) => Said
}

const policy = {
  temporary_lifetime_seconds: 3_600,
  longest_lifetime_seconds: null,
  permanent_tokens_max: 4,
  tokens_per_owner_max: 100,
  members_may_create: true,
  members_manage_all: false,
  creation_requires_project_role: false,
  owner_rate_limit: null,
}

/**
 * What each route guards. `own`: it only ever acts on the credential that asks. `open`: it asks nobody for a right. A new
 * route does not compile until it stands here.
 */
const guards: { readonly [R in RouteName]: Guarded | { readonly own: Said } | 'open' } = {
  createToken: {
    scope: 'chatelaine.tokens:write',
    said: ({ id }) => ({ body: { account_id: id } }),
  },
  listTokens: { scope: 'chatelaine.tokens:read', said: ({ id }) => ({ query: { account_id: id } }) },
  revokeTokens: { scope: 'chatelaine.tokens:write', said: ({ id }) => ({ query: { account_id: id } }) },
  getTokenAllowance: { scope: 'chatelaine.tokens:read', said: ({ id }) => ({ query: { account_id: id } }) },
  getOwnToken: { own: {} },
  revokeOwnToken: { own: {} },
  verifyToken: { scope: 'chatelaine.tokens:verify', said: ({ token }) => ({ body: { token } }) },
  verifyTokens: { scope: 'chatelaine.tokens:verify', said: ({ token }) => ({ body: { tokens: [{ token }] } }) },
  introspectToken: { scope: 'chatelaine.tokens:verify', said: ({ token }) => ({ form: { token } }) },
  revokePresentedToken: 'open',
  exchangeGrant: 'open',
  authorizeDevice: 'open',
  getOAuthMetadata: 'open',
  forwardAuth: 'open',
  revokeLeakedTokens: 'open',
  getToken: { scope: 'chatelaine.tokens:read', said: ({ tokenId }) => ({ params: { id: tokenId } }) },
  updateToken: {
    scope: 'chatelaine.tokens:write',
    said: ({ tokenId }) => ({ params: { id: tokenId }, body: { label: 'taken over' } }),
  },
  revokeToken: { scope: 'chatelaine.tokens:write', said: ({ tokenId }) => ({ params: { id: tokenId } }) },
  renewOwnToken: { own: { body: {} } },
  rotateToken: { scope: 'chatelaine.tokens:write', said: ({ tokenId }) => ({ params: { id: tokenId }, body: {} }) },
  cancelRotation: { scope: 'chatelaine.tokens:write', said: ({ rotatingId }) => ({ params: { id: rotatingId } }) },
  adoptToken: { scope: 'chatelaine.tokens:write', said: ({ projectTokenId }) => ({ params: { id: projectTokenId } }) },
  createProject: {
    scope: 'chatelaine.projects:write',
    said: ({ id }) => ({ body: { name: 'planted', owner_id: id } }),
  },
  listProjects: { scope: 'chatelaine.projects:read', said: () => ({}) },
  getProject: { scope: 'chatelaine.projects:read', said: ({ projectId }) => ({ params: { id: projectId } }) },
  updateProject: {
    scope: 'chatelaine.projects:write',
    said: ({ projectId }) => ({ params: { id: projectId }, body: { name: 'taken over' } }),
  },
  archiveProject: {
    scope: 'chatelaine.projects:write',
    said: ({ projectId }) => ({ params: { id: projectId } }),
  },
  listMembers: { scope: 'chatelaine.projects:read', said: ({ projectId }) => ({ params: { id: projectId } }) },
  addMember: {
    scope: 'chatelaine.projects:write',
    said: ({ projectId, mateId }) => ({ params: { id: projectId }, body: { account_id: mateId, role: 'manager' } }),
  },
  updateMember: {
    scope: 'chatelaine.projects:write',
    said: ({ projectId, mateId }) => ({ params: { id: projectId, account_id: mateId }, body: { role: 'manager' } }),
  },
  removeMember: {
    scope: 'chatelaine.projects:write',
    said: ({ projectId, mateId }) => ({ params: { id: projectId, account_id: mateId } }),
  },
  createAccount: { scope: 'chatelaine.accounts:write', said: () => ({ body: { username: 'planted' } }) },
  listAccounts: { scope: 'chatelaine.accounts:read', said: () => ({}) },
  getOwnAccount: { own: {} },
  updateOwnAccount: { own: { body: { name: 'Somebody' } } },
  connectIdentity: { own: {} },
  disconnectIdentity: { own: {} },
  getAccount: { scope: 'chatelaine.accounts:read', said: ({ id }) => ({ params: { id } }) },
  updateAccount: {
    scope: 'chatelaine.accounts:write',
    said: ({ id }) => ({ params: { id }, body: { email: 'thief@example.org' } }),
  },
  disableAccount: { scope: 'chatelaine.accounts:write', said: ({ id }) => ({ params: { id } }) },
  changePassword: {
    scope: 'chatelaine.accounts:write',
    said: ({ id }) => ({ params: { id }, body: { new_password: `another ${goodPassword}` } }),
  },
  getSettings: { scope: 'chatelaine.settings:read', said: () => ({}) },
  replaceSettings: { scope: 'chatelaine.settings:write', said: () => ({ body: { policy } }) },
  previewSettings: { scope: 'chatelaine.settings:write', said: () => ({ body: { policy } }) },
  listScopes: { own: {} },
  replaceScopes: {
    scope: 'chatelaine.settings:write',
    said: () => ({ body: { scopes: [{ name: 'data:read', description: 'Read data' }] } }),
  },
  createPortalSession: { scope: 'chatelaine.tokens:write', said: ({ id }) => ({ body: { account_id: id } }) },
  signIn: 'open',
  getSignInMethods: 'open',
  getSession: { own: {} },
  signOut: 'open',
  setUp: 'open',
  readChanges: { scope: 'chatelaine.tokens:verify', said: () => ({ query: { verifier: 'verifier-1', wait_ms: '0' } }) },
  getUsage: { scope: 'chatelaine.tokens:read', said: ({ id }) => ({ query: { account_id: id } }) },
  getTokenUsage: { scope: 'chatelaine.tokens:read', said: ({ tokenId }) => ({ params: { id: tokenId } }) },
  listAuditEntries: { scope: 'chatelaine.audit:read', said: ({ id }) => ({ query: { subject: id } }) },
  exportAudit: { scope: 'chatelaine.audit:read', said: ({ id }) => ({ query: { subject: id } }) },
  getAuditKeys: 'open',
  getServer: { scope: 'chatelaine.settings:read', said: () => ({}) },
  getHealth: 'open',
  getReadiness: 'open',
  getMetrics: 'open',
  getOpenApi: 'open',
}

/** What a portal session reaches, of its own account. */
const inPortal: ReadonlySet<RouteName> = new Set<RouteName>([
  'createToken',
  'listTokens',
  'revokeTokens',
  'getTokenAllowance',
  'getToken',
  'updateToken',
  'revokeToken',
  'rotateToken',
  'cancelRotation',
  'getTokenUsage',
  'listProjects',
  'getProject',
  'getOwnAccount',
  'listScopes',
])

/** What the routes of OAuth call the same refusals. */
const inOAuth = {
  'not-permitted': 'insufficient_scope',
  'credential-required': 'invalid_client',
  'credential-rejected': 'invalid_client',
  'address-not-allowed': 'invalid_client',
  'scope-missing': 'insufficient_scope',
} as const

function requireRefused(name: RouteName, answer: Heard<unknown>, as: keyof typeof inOAuth, how?: string): void {
  const route: Route = routes[name]
  if (route.shape === 'oauth') assert.equal(answer.oauthError, inOAuth[as], how)
  else assert.equal(answer.problem, as, how)
}

const names = Object.keys(guards) as RouteName[]
const guarded = names.flatMap((name) => {
  const guard = guards[name]
  return guard === 'open' || 'own' in guard ? [] : [[name, guard] as const]
})

describe('nothing is read and nothing is changed by whoever may not', () => {
  let deployment: Deployment
  let victim: Victim
  /** What must not be in any answer. */
  let marks: string[]

  before(async () => {
    deployment = await openDeployment()
    victim = await newVictim('victim')
    marks = ['victim-', ...Object.values(victim)]
  })
  after(() => deployment.close())

  async function newVictim(username: string): Promise<Victim> {
    const { root: as, ask } = deployment
    const member = await deployment.member(`${username}-account`, { permanent: true, label: `${username}-label` })
    const mate = await deployment.member(`${username}-mate`)
    const rotating = await ask('createToken', { as, body: { account_id: member.id } })
    await ask('rotateToken', { as, params: { id: rotating.body.id }, body: {} })
    const project = await ask('createProject', { as, body: { name: `${username}-project`, owner_id: member.id } })
    const params = { id: project.body.id }
    await ask('addMember', { as, params, body: { account_id: mate.id, role: 'member' } })
    const made = await ask('createToken', { as: member.token, body: { project_id: project.body.id } })
    return {
      ...member,
      rotatingId: rotating.body.id,
      projectId: project.body.id,
      projectTokenId: made.body.id,
      mateId: mate.id,
    }
  }

  async function manager(scopes: readonly string[]): Promise<string> {
    return secretOf(await deployment.ask('createToken', { as: deployment.root, body: { kind: 'manager', scopes } }))
  }

  async function reaches(name: RouteName, said: Said) {
    const changes = deployment.changeCount()
    const answer = await deployment.ask(name, said)
    assert.equal(deployment.changeCount(), changes, `${name} changed something`)
    const text = JSON.stringify(answer.body)
    for (const mark of marks) assert.ok(!text.includes(mark), `${name} answered with what is the victim's: ${text}`)
    return answer
  }

  test('the table says of each route whether it looks at credentials as the route itself does', () => {
    for (const name of names) {
      const route: Route = routes[name]
      assert.equal(guards[name] === 'open', route.credential !== 'required', name)
    }
  })

  describe('without a credential', () => {
    for (const name of names) {
      const guard = guards[name]
      if (guard === 'open') continue
      test(`${name} answers 401`, async () => {
        const said = 'own' in guard ? guard.own : guard.said(victim)
        requireRefused(name, await reaches(name, said), 'credential-required')
      })
    }
  })

  describe('with a dead credential', () => {
    const dead = new Map<string, string>()

    before(async () => {
      const make = async (body: object) => deployment.ask('createToken', { as: victim.token, body })
      const change = async (id: string, body: object) =>
        deployment.ask('updateToken', { as: victim.token, params: { id }, body })
      const [revoked, suspended, expired, early] = await Promise.all([
        make({}),
        make({}),
        make({ lifetime_seconds: 60 }),
        make({ permanent: true, not_before: '2090-01-01T00:00:00Z' }),
      ])
      await deployment.ask('revokeToken', { as: victim.token, params: { id: revoked.body.id } })
      await change(suspended.body.id, { is_active: false })
      deployment.clock.advance(61_000)
      const disabled = await deployment.member('disabled')
      const portal = await deployment.openPortal(disabled.id)
      await deployment.ask('disableAccount', { as: deployment.root, params: { id: disabled.id } })
      dead.set('revoked', secretOf(revoked))
      dead.set('suspended', secretOf(suspended))
      dead.set('expired', secretOf(expired))
      dead.set('not valid yet', secretOf(early))
      dead.set('of a disabled account', disabled.token)
      dead.set('of nobody', generateToken({ prefix: 'chl', kind: 'manager' }, (n) => randomBytes(n)).token.reveal())
      dead.set('cut short', victim.token.slice(0, -1))
      dead.set('portal session of a disabled account', portal)
      dead.set('empty', '')
    })

    for (const name of names) {
      const guard = guards[name]
      if (guard === 'open') continue
      test(`${name} answers 401 for each way of being dead`, async () => {
        const said = 'own' in guard ? guard.own : guard.said(victim)
        for (const [how, token] of dead) {
          const answer = await reaches(name, { ...said, as: token })
          requireRefused(name, answer, 'credential-rejected', how)
          assert.match(answer.headers.get('www-authenticate') ?? '', /error="invalid_token"/)
        }
      })

      test(`${name} answers 403 for a token from an address that it is not bound to`, async () => {
        const bound = await deployment.ask('createToken', {
          as: deployment.root,
          body: { kind: 'manager', scopes: allManagementScopes, allowed_ips: ['192.0.2.1'] },
        })
        const said = 'own' in guard ? guard.own : guard.said(victim)
        requireRefused(name, await reaches(name, { ...said, as: secretOf(bound) }), 'address-not-allowed')
      })
    }
  })

  describe('with a credential that lives but may not', () => {
    let eve: string
    let eveSession: string
    let narrow: string
    const without = new Map<ManagementScope, string>()

    before(async () => {
      const body = { username: 'eve', password: goodPassword }
      const { id } = (await deployment.ask('createAccount', { as: deployment.root, body })).body
      const token = { as: deployment.root, body: { account_id: id, permanent: true } }
      eve = secretOf(await deployment.ask('createToken', token))
      eveSession = await deployment.signIn('eve', goodPassword)
      narrow = secretOf(await deployment.ask('createToken', { as: victim.token, body: { scopes: ['data:read'] } }))
      for (const scope of allManagementScopes) {
        without.set(scope, await manager(allManagementScopes.filter((one) => one !== scope)))
      }
    })

    /** Refused, or told of what is the caller's own: `reaches` has seen to it that nothing of the victim's is there. */
    const harmless = [undefined, 'not-found', 'not-permitted', 'scope-missing'] as const

    for (const [name, { said, scope }] of guarded) {
      test(`${name} keeps out the token of another account`, async () => {
        const { problem } = await reaches(name, { ...said(victim), as: eve })
        assert.ok(
          harmless.some((one) => one === problem),
          problem,
        )
      })

      test(`${name} keeps out another member who signed in`, async () => {
        const { problem } = await reaches(name, { ...said(victim), cookie: eveSession })
        assert.ok(
          harmless.some((one) => one === problem),
          problem,
        )
      })

      test(`${name} keeps out the owner's own token that lacks ${scope}`, async () => {
        const answer = await reaches(name, { ...said(victim), as: narrow })
        requireRefused(name, answer, 'scope-missing')
        const challenge = answer.headers.get('www-authenticate') ?? ''
        assert.ok(challenge.includes(`error="insufficient_scope", scope="${scope}"`), challenge)
      })

      test(`${name} keeps out a manager that has every scope but ${scope}`, async () => {
        requireRefused(name, await reaches(name, { ...said(victim), as: without.get(scope)! }), 'scope-missing')
      })
    }
  })

  describe('in a portal session', () => {
    for (const [name, { said }] of guarded) {
      test(`${name} reaches nothing of another account`, async () => {
        const eve = await deployment.member(`portal-of-eve-${name}`.toLowerCase())
        const as = await deployment.openPortal(eve.id)
        const { problem } = await reaches(name, { ...said(victim), as })
        assert.ok(
          [undefined, 'not-found', 'not-permitted'].some((one) => one === problem),
          problem,
        )
      })
    }

    for (const name of names) {
      const guard = guards[name]
      if (guard === 'open') continue
      if (inPortal.has(name)) {
        test(`${name} is carried out for the account that it is for`, async () => {
          const own = await newVictim(`portal-${name}`.toLowerCase())
          const said = 'own' in guard ? guard.own : guard.said(own)
          const answer = await deployment.ask(name, { ...said, as: await deployment.openPortal(own.id) })
          assert.ok(answer.status < 400, answer.detail)
        })
      } else {
        test(`${name} is refused also for the account that it is for`, async () => {
          const said = 'own' in guard ? guard.own : guard.said(victim)
          const as = await deployment.openPortal(victim.id)
          requireRefused(name, await reaches(name, { ...said, as }), 'not-permitted')
        })
      }
    }
  })

  describe('and by whoever may', () => {
    for (const [name, { said, scope }] of guarded) {
      test(`${name} is carried out, with ${scope} alone`, async () => {
        const answer = await deployment.ask(name, { ...said(await newVictim(name)), as: await manager([scope]) })
        assert.ok(answer.status < 400, answer.detail)
      })
    }
  })
})
