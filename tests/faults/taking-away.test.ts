import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { bodyOf, Client, type Answer } from './client.ts'
import { takeAwayUnderWatch, type Connections, type Look, type Watched } from './hot-verification.ts'
import { Site } from './running-server.ts'
import { Steward, type Issued } from './steward.ts'

const revocationsCount = 300
const repeatedRevocationsCount = 100
/** How often each other way of taking away is tried. */
const othersCount = 16
/** Where a password is computed for each, which is slow on purpose. */
const passwordsCount = 6
const watchingConnectionsCount = 8

const password = 'an unusually long password'

describe('while it is asked about without a pause over several connections', () => {
  const site = new Site({ after })
  let connections: Connections
  let steward: Steward
  let ownerId: string

  before(async () => {
    const server = await site.start()
    steward = new Steward(new Client(server.port), server.managerToken)
    ownerId = (await steward.account('owner')).id
    connections = {
      watching: Array.from({ length: watchingConnectionsCount }, () => new Client(server.port, { connections: 1 })),
      idle: new Client(server.port),
    }
  })
  after(() => {
    for (const client of [steward.client, connections.idle, ...connections.watching]) client.close()
  })

  const ask = (method: string, path: string, body?: object): Promise<Answer> =>
    steward.client.ask(method, path, { as: steward.token, body })
  const issue = (body: object = {}): Promise<Issued> => steward.issue({ account_id: ownerId, ...body })

  /** Looks by verification; half of the connections ask for one token, half for a batch. */
  async function verify(connection: Client, question: { token: string; [name: string]: unknown }) {
    const isBatch = connections.watching.indexOf(connection) % 2 === 1
    const path = `/api/v1/tokens/verify${isBatch ? '-batch' : ''}`
    const body = isBatch ? { tokens: [question] } : question
    const answer = await connection.ask('POST', path, { as: steward.token, body })
    const result = isBatch ? bodyOf('verifyTokens', 200, answer).results[0]! : bodyOf('verifyToken', 200, answer)
    return { result, sentAtMs: answer.sentAtMs }
  }

  /** Whether the token is valid for what is asked. */
  const isValid =
    (token: string, question: object = {}) =>
    async (connection: Client): Promise<Look> => {
      const { result, sentAtMs } = await verify(connection, { token, ...question })
      return { isAccepted: result.valid, sentAtMs }
    }

  const whenAnswered = async (asked: Promise<Answer>): Promise<number> => {
    const { status, text, arrivedAtMs } = await asked
    assert.ok(status < 300, text)
    return arrivedAtMs
  }

  test(`none of ${revocationsCount} tokens verifies once its revocation is answered`, () =>
    takeAwayUnderWatch(connections, {
      count: revocationsCount,
      async prepare() {
        const { id, token } = await issue()
        return { look: isValid(token), take: () => whenAnswered(ask('DELETE', `/api/v1/tokens/${id}`)) }
      },
    }))

  test('of two revocations at once neither is answered before the token is dead', () =>
    takeAwayUnderWatch(connections, {
      count: repeatedRevocationsCount,
      async prepare() {
        const { id, token } = await issue()
        const revoke = () => whenAnswered(ask('DELETE', `/api/v1/tokens/${id}`))
        const take = async () => Math.min(...(await Promise.all([revoke(), revoke()])))
        return { look: isValid(token), take }
      },
    }))

  test('a revocation that meets the very first verification of its token leaves nothing behind', async () => {
    const tokens = await steward.issueMany(revocationsCount, { account_id: ownerId })
    await Promise.all(
      tokens.map(async ({ id, token }) => {
        await Promise.all([steward.verify(token), ask('DELETE', `/api/v1/tokens/${id}`)])
        assert.equal((await steward.verify(token)).code, 'revoked')
      }),
    )
  })

  const takings: Readonly<Record<string, { count?: number; prepare: (index: number) => Promise<Watched> }>> = {
    'a token that is revoked among many': {
      async prepare(index) {
        const label = `one of many (${index})`
        const { token } = await issue({ label })
        const path = `/api/v1/tokens?q=${encodeURIComponent(label)}`
        return { look: isValid(token), take: () => whenAnswered(ask('DELETE', path)) }
      },
    },
    'a token that was reported as leaked': {
      async prepare() {
        const { token } = await issue()
        const take = () => whenAnswered(ask('POST', '/api/v1/tokens/revoke-leaked', { tokens: [token] }))
        return { look: isValid(token), take }
      },
    },
    'a token that revokes itself': {
      async prepare() {
        const { token } = await issue()
        const take = () => whenAnswered(steward.client.ask('DELETE', '/api/v1/tokens/self', { as: token }))
        return { look: isValid(token), take }
      },
    },
    'a token that its maker takes along': {
      async prepare() {
        const maker = await issue()
        const said = { as: maker.token, body: { label: 'made by a token' } }
        const made = bodyOf('createToken', 201, await steward.client.ask('POST', '/api/v1/tokens', said))
        return { look: isValid(made.token), take: () => whenAnswered(ask('DELETE', `/api/v1/tokens/${maker.id}`)) }
      },
    },
    'a suspended token': {
      async prepare() {
        const { id, token } = await issue()
        const take = () => whenAnswered(ask('PATCH', `/api/v1/tokens/${id}`, { is_active: false }))
        return { look: isValid(token), take }
      },
    },
    'a token for the scope that it has lost': {
      async prepare() {
        const { id, token } = await issue({ scopes: ['data:read', 'data:write'] })
        const take = () => whenAnswered(ask('PATCH', `/api/v1/tokens/${id}`, { scopes: ['data:read'] }))
        return { look: isValid(token, { scopes: ['data:write'] }), take }
      },
    },
    'a token from the address that it has lost': {
      async prepare() {
        const { id, token } = await issue()
        const take = () => whenAnswered(ask('PATCH', `/api/v1/tokens/${id}`, { allowed_ips: ['198.51.100.0/24'] }))
        return { look: isValid(token, { client_ip: '192.0.2.1' }), take }
      },
    },
    'a token with its former expiry': {
      async prepare() {
        const { id, token, expires_at: former } = await issue()
        const sooner = new Date(Date.now() + 60_000).toISOString()
        return {
          async look(connection) {
            const { result, sentAtMs } = await verify(connection, { token })
            return { isAccepted: result.code === 'valid' && result.expires_at === former, sentAtMs }
          },
          take: () => whenAnswered(ask('PATCH', `/api/v1/tokens/${id}`, { expires_at: sooner })),
        }
      },
    },
    'a token whose new, nearer expiry has come': {
      async prepare() {
        const { id, token } = await issue()
        return {
          look: isValid(token),
          async take() {
            const expiresAt = Date.now() + 1_000
            const body = { expires_at: new Date(expiresAt).toISOString() }
            const answeredAtMs = await whenAnswered(ask('PATCH', `/api/v1/tokens/${id}`, body))
            // The clock of the wall tells whole milliseconds.
            return Math.max(answeredAtMs, performance.now() + expiresAt - Date.now() + 1)
          },
        }
      },
    },
    'a revoked token that itself asks': {
      async prepare() {
        const { id, token } = await issue()
        return {
          async look(connection) {
            const { status, sentAtMs } = await connection.ask('GET', '/api/v1/tokens/self', { as: token })
            return { isAccepted: status === 200, sentAtMs }
          },
          take: () => whenAnswered(ask('DELETE', `/api/v1/tokens/${id}`)),
        }
      },
    },
    'a token of a disabled account': {
      async prepare(index) {
        const { id } = await steward.account(`to be disabled ${index}`)
        const { token } = await issue({ account_id: id })
        const take = () => whenAnswered(ask('PATCH', `/api/v1/accounts/${id}`, { status: 'disabled' }))
        return { look: isValid(token), take }
      },
    },
    'a token of an account whose new password ends its tokens': {
      count: passwordsCount,
      async prepare(index) {
        const { id } = await steward.account(`to be renewed ${index}`)
        const { token } = await issue({ account_id: id })
        const change = { new_password: password, revoke_tokens: true }
        return { look: isValid(token), take: () => whenAnswered(ask('PUT', `/api/v1/accounts/${id}/password`, change)) }
      },
    },
    'a session that is signed out': {
      count: passwordsCount,
      async prepare(index) {
        const { look, headers } = await signIn(`signing out ${index}`)
        return { look, take: () => whenAnswered(steward.client.ask('DELETE', '/api/v1/session', { headers })) }
      },
    },
    'a session of an account with a new password': {
      count: passwordsCount,
      async prepare(index) {
        const { id, look } = await signIn(`changing ${index}`)
        const change = { new_password: `${password}, changed` }
        return { look, take: () => whenAnswered(ask('PUT', `/api/v1/accounts/${id}/password`, change)) }
      },
    },
    'a session of a disabled account': {
      count: passwordsCount,
      async prepare(index) {
        const { id, look } = await signIn(`going ${index}`)
        return { look, take: () => whenAnswered(ask('DELETE', `/api/v1/accounts/${id}`)) }
      },
    },
  }

  for (const [what, { count = othersCount, prepare }] of Object.entries(takings)) {
    test(`${what} is refused once the change is answered`, () => takeAwayUnderWatch(connections, { count, prepare }))
  }

  /** A new account that signs in, and how its session is looked at. */
  async function signIn(username: string) {
    const { id } = await steward.account(username, { password })
    const answer = await steward.client.ask('POST', '/api/v1/session', { body: { username, password } })
    const cookie = String(answer.headers['set-cookie']).split(';', 1)[0]!
    const headers = { cookie, 'sec-fetch-site': 'same-origin' }
    const look = async (connection: Client): Promise<Look> => {
      const { status, sentAtMs } = await connection.ask('GET', '/api/v1/session', { headers })
      return { isAccepted: status === 200, sentAtMs }
    }
    return { id, headers, look }
  }
})
