import assert from 'node:assert/strict'
import { bodyOf, type Answer, type Client } from './client.ts'
import type { Look, Watched } from './hot-verification.ts'
import type { Issued, Steward } from './steward.ts'

/** Where a password is computed for each, which is slow on purpose. */
const passwordsCount = 6

const password = 'an unusually long password'

/** One way of taking away. */
export interface Taking {
  /** How often it is tried; else as often as the test tries any. */
  readonly count?: number
  readonly prepare: (scene: Scene, index: number) => Promise<Watched>
}

export interface SceneOptions {
  readonly steward: Steward
  /** Of whom the tokens are. */
  readonly ownerId: string
  /** Whether what is asked over this connection is asked as a batch. */
  readonly isBatched: (connection: Client) => boolean
}

/** Where things are made, looked at and taken away. */
export class Scene {
  readonly steward: Steward
  readonly #ownerId: string
  readonly #isBatched: SceneOptions['isBatched']

  constructor({ steward, ownerId, isBatched }: SceneOptions) {
    this.steward = steward
    this.#ownerId = ownerId
    this.#isBatched = isBatched
  }

  ask(method: string, path: string, body?: object): Promise<Answer> {
    return this.steward.client.ask(method, path, { as: this.steward.token, body })
  }

  issue(body: object = {}): Promise<Issued> {
    return this.steward.issue({ account_id: this.#ownerId, ...body })
  }

  issueFor(projectId: string): Promise<Issued> {
    return this.steward.issue({ kind: 'project', project_id: projectId })
  }

  /** A new project of the owner, and a new account that is a member of it until it leaves. */
  async membership(name: string) {
    const account = await this.steward.account(name)
    const { token: as } = await this.issue()
    const project = bodyOf(
      'createProject',
      201,
      await this.steward.client.ask('POST', '/api/v1/projects', { as, body: { name } }),
    )
    const members = `/api/v1/projects/${project.id}/members`
    await whenAnswered(this.ask('POST', members, { account_id: account.id, role: 'member' }))
    return { account, project, leave: () => whenAnswered(this.ask('DELETE', `${members}/${account.id}`)) }
  }

  async verify(connection: Client, question: { token: string; [name: string]: unknown }) {
    const isBatch = this.#isBatched(connection)
    const path = `/api/v1/tokens/verify${isBatch ? '-batch' : ''}`
    const body = isBatch ? { tokens: [question] } : question
    const answer = await connection.ask('POST', path, { as: this.steward.token, body })
    const result = isBatch ? bodyOf('verifyTokens', 200, answer).results[0]! : bodyOf('verifyToken', 200, answer)
    return { result, sentAtMs: answer.sentAtMs }
  }

  /** Whether the token is valid for what is asked. */
  isValid(token: string, question: object = {}): Watched['look'] {
    return async (connection) => {
      const { result, sentAtMs } = await this.verify(connection, { token, ...question })
      return { isAccepted: result.valid, sentAtMs }
    }
  }

  /** A portal session of a new account, opened by a manager token of its own, and how it is looked at. */
  async openPortal(username: string) {
    const { client } = this.steward
    const { id } = await this.steward.account(username)
    const manager = await this.steward.issue({ kind: 'manager', scopes: ['chatelaine.tokens:write'] })
    const said = { as: manager.token, body: { account_id: id } }
    const { session } = bodyOf('createPortalSession', 201, await client.ask('POST', '/api/v1/portal-sessions', said))
    const look = async (connection: Client): Promise<Look> => {
      const { status, sentAtMs } = await connection.ask('GET', '/api/v1/tokens/allowance', { as: session })
      return { isAccepted: status === 200, sentAtMs }
    }
    return { id, manager, look }
  }

  /** A new account that signs in, and how its session is looked at. */
  async signIn(username: string) {
    const { id } = await this.steward.account(username, { password })
    const answer = await this.steward.client.ask('POST', '/api/v1/session', { body: { username, password } })
    const cookie = String(answer.headers['set-cookie']).split(';', 1)[0]!
    const headers = { cookie, 'sec-fetch-site': 'same-origin' }
    const look = async (connection: Client): Promise<Look> => {
      const { status, sentAtMs } = await connection.ask('GET', '/api/v1/session', { headers })
      return { isAccepted: status === 200, sentAtMs }
    }
    return { id, headers, look }
  }
}

/** Resolves to the moment at which the change was answered, which must have been done. */
export async function whenAnswered(asked: Promise<Answer>): Promise<number> {
  const { status, text, arrivedAtMs } = await asked
  assert.ok(status < 300, text)
  return arrivedAtMs
}

/** Every way of taking away, by what is refused afterwards. */
export const takings: Readonly<Record<string, Taking>> = {
  'a token that is revoked among many': {
    async prepare(scene, index) {
      const label = `one of many (${index})`
      const { token } = await scene.issue({ label })
      const path = `/api/v1/tokens?q=${encodeURIComponent(label)}`
      return { look: scene.isValid(token), take: () => whenAnswered(scene.ask('DELETE', path)) }
    },
  },
  'a token that was reported as leaked': {
    async prepare(scene) {
      const { token } = await scene.issue()
      const take = () => whenAnswered(scene.ask('POST', '/api/v1/tokens/revoke-leaked', { tokens: [token] }))
      return { look: scene.isValid(token), take }
    },
  },
  'a token that revokes itself': {
    async prepare(scene) {
      const { token } = await scene.issue()
      const take = () => whenAnswered(scene.steward.client.ask('DELETE', '/api/v1/tokens/self', { as: token }))
      return { look: scene.isValid(token), take }
    },
  },
  'a token that its maker takes along': {
    async prepare(scene) {
      const maker = await scene.issue()
      const said = { as: maker.token, body: { label: 'made by a token' } }
      const made = bodyOf('createToken', 201, await scene.steward.client.ask('POST', '/api/v1/tokens', said))
      return {
        look: scene.isValid(made.token),
        take: () => whenAnswered(scene.ask('DELETE', `/api/v1/tokens/${maker.id}`)),
      }
    },
  },
  'a suspended token': {
    async prepare(scene) {
      const { id, token } = await scene.issue()
      const take = () => whenAnswered(scene.ask('PATCH', `/api/v1/tokens/${id}`, { is_active: false }))
      return { look: scene.isValid(token), take }
    },
  },
  'a token for the scope that it has lost': {
    async prepare(scene) {
      const { id, token } = await scene.issue({ scopes: ['data:read', 'data:write'] })
      const take = () => whenAnswered(scene.ask('PATCH', `/api/v1/tokens/${id}`, { scopes: ['data:read'] }))
      return { look: scene.isValid(token, { scopes: ['data:write'] }), take }
    },
  },
  'a token from the address that it has lost': {
    async prepare(scene) {
      const { id, token } = await scene.issue()
      const take = () => whenAnswered(scene.ask('PATCH', `/api/v1/tokens/${id}`, { allowed_ips: ['198.51.100.0/24'] }))
      return { look: scene.isValid(token, { client_ip: '192.0.2.1' }), take }
    },
  },
  'a token with its former expiry': {
    async prepare(scene) {
      const { id, token, expires_at: former } = await scene.issue()
      const sooner = new Date(Date.now() + 60_000).toISOString()
      return {
        async look(connection) {
          const { result, sentAtMs } = await scene.verify(connection, { token })
          return { isAccepted: result.code === 'valid' && result.expires_at === former, sentAtMs }
        },
        take: () => whenAnswered(scene.ask('PATCH', `/api/v1/tokens/${id}`, { expires_at: sooner })),
      }
    },
  },
  'a token whose new, nearer expiry has come': {
    async prepare(scene) {
      const { id, token } = await scene.issue()
      return {
        look: scene.isValid(token),
        async take() {
          const expiresAt = Date.now() + 1_000
          const body = { expires_at: new Date(expiresAt).toISOString() }
          const answeredAtMs = await whenAnswered(scene.ask('PATCH', `/api/v1/tokens/${id}`, body))
          // The clock of the wall tells whole milliseconds.
          return Math.max(answeredAtMs, performance.now() + expiresAt - Date.now() + 1)
        },
      }
    },
  },
  'a revoked token that itself asks': {
    async prepare(scene) {
      const { id, token } = await scene.issue()
      return {
        async look(connection) {
          const { status, sentAtMs } = await connection.ask('GET', '/api/v1/tokens/self', { as: token })
          return { isAccepted: status === 200, sentAtMs }
        },
        take: () => whenAnswered(scene.ask('DELETE', `/api/v1/tokens/${id}`)),
      }
    },
  },
  'the former secret of a token that was rotated without grace': {
    async prepare(scene) {
      const { id, token } = await scene.issue()
      const rotate = () => scene.ask('POST', `/api/v1/tokens/${id}/rotate`, { grace_seconds: 0 })
      return { look: scene.isValid(token), take: () => whenAnswered(rotate()) }
    },
  },
  'a token in a project that its account has left': {
    async prepare(scene, index) {
      const { account, project, leave } = await scene.membership(`going out ${index}`)
      const { token } = await scene.issue({ account_id: account.id })
      return { look: scene.isValid(token, { project_id: project.id }), take: leave }
    },
  },
  'a token of a project whose maker has left': {
    async prepare(scene, index) {
      const { account, project, leave } = await scene.membership(`leaving behind ${index}`)
      const { token: as } = await scene.issue({ account_id: account.id })
      const said = { as, body: { project_id: project.id } }
      const { token } = bodyOf('createToken', 201, await scene.steward.client.ask('POST', '/api/v1/tokens', said))
      return { look: scene.isValid(token), take: leave }
    },
  },
  'a token of an archived project': {
    async prepare(scene, index) {
      const { project } = await scene.membership(`archiving ${index}`)
      const { token } = await scene.issueFor(project.id)
      return {
        look: scene.isValid(token),
        take: () => whenAnswered(scene.ask('POST', `/api/v1/projects/${project.id}/archive`)),
      }
    },
  },
  'a token with the end that a looser policy left it': {
    async prepare(scene, index) {
      const { project } = await scene.membership(`tightening ${index}`)
      const { token } = await scene.issueFor(project.id)
      const before = await scene.steward.verify(token)
      assert.ok(before.valid)
      const policy = { longest_lifetime_seconds: 3_600, temporary_lifetime_seconds: 3_600 }
      return {
        async look(connection) {
          const { result, sentAtMs } = await scene.verify(connection, { token })
          return { isAccepted: result.code === 'valid' && result.valid_until === before.valid_until, sentAtMs }
        },
        take: () => whenAnswered(scene.ask('PATCH', `/api/v1/projects/${project.id}`, { policy })),
      }
    },
  },
  'a token of a disabled account': {
    async prepare(scene, index) {
      const { id } = await scene.steward.account(`to be disabled ${index}`)
      const { token } = await scene.issue({ account_id: id })
      const take = () => whenAnswered(scene.ask('PATCH', `/api/v1/accounts/${id}`, { status: 'disabled' }))
      return { look: scene.isValid(token), take }
    },
  },
  'a token of an account whose new password ends its tokens': {
    count: passwordsCount,
    async prepare(scene, index) {
      const { id } = await scene.steward.account(`to be renewed ${index}`)
      const { token } = await scene.issue({ account_id: id })
      const change = { new_password: password, revoke_tokens: true }
      return {
        look: scene.isValid(token),
        take: () => whenAnswered(scene.ask('PUT', `/api/v1/accounts/${id}/password`, change)),
      }
    },
  },
  'a session that is signed out': {
    count: passwordsCount,
    async prepare(scene, index) {
      const { look, headers } = await scene.signIn(`signing out ${index}`)
      return { look, take: () => whenAnswered(scene.steward.client.ask('DELETE', '/api/v1/session', { headers })) }
    },
  },
  'a session of an account with a new password': {
    count: passwordsCount,
    async prepare(scene, index) {
      const { id, look } = await scene.signIn(`changing ${index}`)
      const change = { new_password: `${password}, changed` }
      return { look, take: () => whenAnswered(scene.ask('PUT', `/api/v1/accounts/${id}/password`, change)) }
    },
  },
  'a session of a disabled account': {
    count: passwordsCount,
    async prepare(scene, index) {
      const { id, look } = await scene.signIn(`going ${index}`)
      return { look, take: () => whenAnswered(scene.ask('DELETE', `/api/v1/accounts/${id}`)) }
    },
  },
  'a portal session whose manager token is revoked': {
    async prepare(scene, index) {
      const { manager, look } = await scene.openPortal(`on a page ${index}`)
      return { look, take: () => whenAnswered(scene.ask('DELETE', `/api/v1/tokens/${manager.id}`)) }
    },
  },
  'a portal session whose manager token has another secret': {
    async prepare(scene, index) {
      const { manager, look } = await scene.openPortal(`on a leaking page ${index}`)
      const rotate = () => scene.ask('POST', `/api/v1/tokens/${manager.id}/rotate`, { grace_seconds: 0 })
      return { look, take: () => whenAnswered(rotate()) }
    },
  },
  'a portal session of a disabled account': {
    async prepare(scene, index) {
      const { id, look } = await scene.openPortal(`going from a page ${index}`)
      return { look, take: () => whenAnswered(scene.ask('DELETE', `/api/v1/accounts/${id}`)) }
    },
  },
  'a portal session of an account that becomes an administrator': {
    async prepare(scene, index) {
      const { id, look } = await scene.openPortal(`rising on a page ${index}`)
      return { look, take: () => whenAnswered(scene.ask('PATCH', `/api/v1/accounts/${id}`, { role: 'admin' })) }
    },
  },
}
