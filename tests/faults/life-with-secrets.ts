import { bodyOf, Client, type Answer, type Said } from './client.ts'
import type { RunningServer } from './running-server.ts'

/** Something that nobody may find. */
export interface Hidden {
  readonly name: string
  readonly bytes: Buffer
  /** The one answer that hands it over. */
  readonly issuedIn?: Answer
}

export interface Life {
  readonly secrets: readonly Hidden[]
  /** Every answer that there was. */
  readonly answers: readonly Answer[]
  /** A token that was made, used and revoked. */
  readonly tokenId: string
}

const firstPassword = 'first "pässword" of the house %41'
const secondPassword = 'second password, of \\ better kind'
const thirdPassword = 'one for the other account <&>'
const wrongPassword = 'first "pässword" of the hause %41'
const shortPassword = 'too short wörd'

/** Lets every kind of secret be made, used, mistyped, misplaced and ended on a new server. */
export async function liveWithSecrets(server: RunningServer): Promise<Life> {
  const answers: Answer[] = []
  const client = new Client(server.port, { heard: (answer) => answers.push(answer) })
  const ask = (method: string, path: string, said?: Said) => client.ask(method, path, said)
  const post = (path: string, body: unknown, as?: string) => ask('POST', path, { body, ...(as && { as }) })
  const secrets: Hidden[] = [firstPassword, secondPassword, thirdPassword, wrongPassword, shortPassword].map(
    (password) => ({ name: `the password ${password}`, bytes: Buffer.from(password) }),
  )
  const hide = (name: string, text: string, issuedIn?: Answer) =>
    secrets.push({ name, bytes: Buffer.from(text), ...(issuedIn && { issuedIn }) })

  async function issue(body: object, said: Said): Promise<{ id: string; token: string }> {
    const answer = await ask('POST', '/api/v1/tokens', { body, ...said })
    const { id, token } = bodyOf('createToken', 201, answer)
    hide(`the secret of ${id}`, secretPartOf(token), answer)
    return { id, token }
  }

  async function signIn(password: string): Promise<Readonly<Record<string, string>>> {
    const answer = await post('/api/v1/session', { username: 'ada', password })
    const cookie = String(answer.headers['set-cookie']).split(';', 1)[0]!
    hide('a session cookie', cookie.split('.')[1]!, answer)
    return { cookie, 'sec-fetch-site': 'same-origin' }
  }

  async function setUp(): Promise<string> {
    const code = /\/setup#(\S+)/.exec(server.told())![1]!
    const [, nonce = '', mac = ''] = code.split('.')
    hide('the nonce of the set-up code', nonce)
    hide('the MAC of the set-up code', mac.split(':')[1]!)
    await ask('GET', `/setup`)
    await post('/api/v1/setup', { code: `${code.slice(0, -2)}xx`, username: 'ada', password: firstPassword })
    await post('/api/v1/setup', { code, username: 'ada', password: shortPassword })
    await post('/api/v1/setup', { code, username: 'ada', password: firstPassword, [code]: code })
    const { id } = bodyOf('setUp', 201, await post('/api/v1/setup', { code, username: 'ada', password: firstPassword }))
    await post('/api/v1/setup', { code, username: 'eve', password: firstPassword })
    return id
  }

  async function changePasswords(id: string): Promise<void> {
    const session = await signIn(firstPassword)
    await post('/api/v1/session', { username: 'ada', password: wrongPassword })
    await post('/api/v1/session', { username: firstPassword, password: 'ada' })
    await ask('GET', '/api/v1/session', { headers: session })
    await ask('GET', '/api/v1/session', { headers: { cookie: `${session['cookie']}x` } })
    const path = `/api/v1/accounts/${id}/password`
    const change = { current_password: firstPassword, new_password: secondPassword }
    await ask('PUT', path, { headers: session, body: { ...change, current_password: wrongPassword } })
    await ask('PUT', path, { headers: session, body: { ...change, new_password: shortPassword } })
    await ask('PUT', path, { headers: session, body: { ...change, new_password: [secondPassword] } })
    await ask('PUT', path, { headers: session, body: change })
    const other = { username: 'bob', password: thirdPassword }
    await post('/api/v1/accounts', other, server.managerToken)
    await post('/api/v1/accounts', other, server.managerToken)
    await post('/api/v1/accounts', { ...other, role: thirdPassword }, server.managerToken)
  }

  /** One token as whoever holds it may use it, rightly and wrongly. */
  async function use(token: string): Promise<void> {
    const manager = server.managerToken
    const asToken = { as: token }
    const mistyped = `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`
    for (const presented of [token, mistyped]) {
      const verification = { token: presented, scopes: ['data:read'], client_ip: '192.0.2.7', user_agent: 'a client' }
      await post('/api/v1/tokens/verify', { token: presented }, manager)
      await post('/api/v1/tokens/verify', verification, manager)
      await post('/api/v1/tokens/verify-batch', { tokens: [verification, { token: presented }] }, manager)
      await post('/api/v1/tokens/verify', { token: presented, kinds: [presented] }, manager)
      await post('/api/v1/tokens/verify', { token: [presented] }, manager)
      await post('/api/v1/tokens/verify', { token: presented, [presented]: presented }, manager)
      await post('/api/v1/tokens/verify', `{"token":"${presented}"`, manager)
      await post('/api/v1/tokens/verify', `{"token":"${presented}","token":"${presented}"}`, manager)
      await post('/api/v1/tokens/verify', presented, manager)
      await ask('GET', '/api/v1/tokens/self', { as: presented })
      await ask('GET', '/api/v1/tokens/self', { headers: { authorization: `Token ${presented}` } })
      await ask('GET', '/api/v1/tokens/self', { headers: { 'x-api-key': presented } })
      await ask('GET', '/api/v1/tokens/self', { headers: { authorization: `Basic ${btoa(`${presented}:`)}` } })
      await ask('GET', '/api/v1/tokens/self', { as: manager, headers: { 'x-api-key': presented } })
      await ask('GET', `/api/v1/tokens/${presented}`, asToken)
      await ask('GET', `/api/v1/tokens?q=${presented}`, asToken)
      await ask('GET', `/api/v1/tokens?sort=${presented}`, asToken)
      await ask('GET', `/api/v1/tokens?${presented}=1`, asToken)
      await ask('GET', `/api/v1/tokens?q=${urlEncoded(presented)}`, asToken)
      await ask('GET', `/api/v1/tokens?cursor=${presented}`, asToken)
      await ask('GET', `/${presented}`)
      await ask('POST', `/healthz/${presented}?${presented}`)
      await ask('GET', '/healthz', { headers: { cookie: `chatelaine_session=${presented}`, referer: presented } })
      await post('/api/v1/tokens', { label: 'x', expires_at: presented, scopes: [presented] }, token)
      await post('/api/v1/tokens', { kind: presented, account_id: presented, metadata: presented }, token)
    }
  }

  const accountId = await setUp()
  await changePasswords(accountId)
  const session = await signIn(secondPassword)
  hide('the secret of the bootstrap token', secretPartOf(server.managerToken))
  const laptop = await issue({ label: 'laptop', permanent: true }, { headers: session })
  const once = { as: laptop.token, headers: { 'idempotency-key': 'a-key-of-mine' } }
  const child = await issue({ label: 'its child' }, once)
  await ask('POST', '/api/v1/tokens', { ...once, body: { label: 'its child' } })
  await ask('POST', '/api/v1/tokens', { ...once, body: { label: 'another' } })
  const manager = { kind: 'manager', scopes: ['chatelaine.tokens:verify'] }
  const service = await issue(manager, { as: server.managerToken })
  for (const { token } of [laptop, child, service]) await use(token)

  const leaked = await issue({ label: 'leaked' }, { headers: session })
  await ask('PATCH', `/api/v1/tokens/${child.id}`, { as: server.managerToken, body: { is_active: false } })
  await ask('DELETE', '/api/v1/tokens/self', { as: service.token })
  await post('/api/v1/tokens/revoke-leaked', { tokens: [leaked.token, 'no token'] })
  await post('/api/v1/tokens/revoke-leaked', { tokens: [leaked.token], [leaked.token]: 1 })
  await ask('DELETE', `/api/v1/tokens/${laptop.id}?reason=lost`, { as: server.managerToken })
  for (const { token } of [laptop, child, service, leaked]) await use(token)

  const all = '?status=active,suspended,expired,revoked'
  await ask('GET', `/api/v1/tokens${all}`, { as: server.managerToken })
  await ask('GET', '/api/v1/accounts', { as: server.managerToken })
  await ask('GET', '/api/v1/audit?limit=200', { as: server.managerToken })
  await ask('DELETE', '/api/v1/session', { headers: session })
  client.close()
  return { secrets, answers, tokenId: laptop.id }
}

/** What of a token nobody may see: its id and its start are public. */
function secretPartOf(token: string): string {
  return token.slice(-38)
}

/** Every character as an escape, also those that need none. */
function urlEncoded(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join('')
}
