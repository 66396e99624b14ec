import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { makeSetUpCode } from '@chatelaine/core'
import { bearerOf, cookieOf, openDeployment, secretOf, type Deployment, type Heard } from './deployment.ts'

/** How a secret may be written without looking like one. */
const spellings: Record<string, (secret: string) => string> = {
  'as it stands': (secret) => secret,
  'in hexadecimal': (secret) => Buffer.from(secret).toString('hex'),
  'in base64': (secret) => Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  'in base64url': (secret) => Buffer.from(secret).toString('base64url'),
  'in a URL': (secret) => encodeURIComponent(secret),
  'in JSON': (secret) => JSON.stringify(secret).slice(1, -1),
}

describe('a secret that was shown or taken once', () => {
  const password = 'pass "words" & wörds, 29 of them'
  let deployment: Deployment
  /** By what each is, the value that nobody may see again. */
  const secrets = new Map<string, string>()
  /** Every answer but the ones that made a secret. */
  const answers: string[] = []

  before(async () => {
    deployment = await openDeployment()
    await useEverything()
    // So that what is gathered in memory is on the disk as well.
    await deployment.service.ports.tokens.recordUses(deployment.service.uses.take())
  })
  after(() => deployment.close())

  function keep<Body>(heard: Heard<Body>): Heard<Body> {
    answers.push(JSON.stringify([...heard.headers]), JSON.stringify(heard.body))
    return heard
  }

  async function useEverything(): Promise<void> {
    const { root, ask, send } = deployment
    secrets.set('bootstrap token', root)
    const code = makeSetUpCode(deployment.service.ports).reveal()
    secrets.set('set-up code', code)
    secrets.set('password', password)
    const admin = keep(await ask('setUp', { body: { code, username: 'ada', password } })).body
    const signedIn = await ask('signIn', { body: { username: 'ada', password } })
    const cookie = cookieOf(signedIn)
    secrets.set('session', cookie.split('=')[1]!)
    const made = await ask('createToken', {
      cookie,
      body: { label: 'of a person' },
      headers: { 'idempotency-key': 'k' },
    })
    const token = secretOf(made)
    secrets.set('token', token)
    const opening = { as: root, body: { account_id: admin.id }, headers: { 'idempotency-key': 'portal' } }
    const portal = bearerOf(await ask('createPortalSession', opening))
    secrets.set('portal session', portal)
    keep(await ask('createPortalSession', opening))
    keep(await ask('listTokens', { as: portal }))
    keep(await ask('updateOwnAccount', { as: portal, body: { name: portal } }))
    keep(await ask('listTokens', { as: `${portal}x` }))
    keep(await send('GET', `/api/v1/tokens?q=${portal}`, { as: portal }))
    const { id } = made.body
    keep(await ask('createToken', { cookie, body: { label: 'of a person' }, headers: { 'idempotency-key': 'k' } }))
    keep(await ask('listTokens', { cookie }))
    keep(await ask('getToken', { as: token, params: { id } }))
    keep(await ask('updateToken', { as: token, params: { id }, body: { label: 'renamed' } }))
    keep(await ask('verifyToken', { as: root, body: { token } }))
    keep(await ask('verifyTokens', { as: root, body: { tokens: [{ token }, { token: `${token}x` }] } }))
    keep(await ask('getOwnToken', { as: token }))
    keep(await ask('getSession', { cookie }))
    keep(await ask('listAccounts', { cookie }))
    keep(await ask('signIn', { body: { username: token, password: token } }))
    keep(await ask('signIn', { body: { username: 'ada', password: `${password}!` } }))
    keep(
      await ask('createToken', {
        as: token,
        body: { label: 7, [token]: token, scopes: [token], allowed_ips: [token] },
      }),
    )
    keep(await ask('createToken', { as: token, body: `{"label": ${token}` }))
    keep(await ask('changePassword', { cookie, params: { id: admin.id }, body: { new_password: password } }))
    keep(await ask('setUp', { body: { code, username: 'eve', password } }))
    keep(await send('GET', `/api/v1/tokens?q=${token}`, { as: token }))
    keep(await send('GET', `/api/v1/tokens/${token}`, { as: token }))
    keep(await send('GET', `/${token}`, { as: token }))
    keep(await send('PUT', `/api/v1/accounts/${token}/password`, { as: token, body: { new_password: password } }))
    keep(await send('GET', '/healthz', { headers: { 'user-agent': 'curl/8', 'x-request-id': token, referer: token } }))
    keep(await ask('revokeLeakedTokens', { body: { tokens: [token] } }))
    keep(await ask('getOwnToken', { as: token }))
    const current = { current_password: password, new_password: `${password} anew` }
    keep(await ask('changePassword', { cookie, params: { id: admin.id }, body: current }))
    keep(await ask('listAuditEntries', { as: root }))
  }

  function requireAbsent(place: string, text: string): void {
    for (const [what, secret] of secrets) {
      for (const [how, spell] of Object.entries(spellings)) {
        assert.ok(!text.includes(spell(secret)), `${place} holds the ${what} ${how}`)
      }
      // Base64 of a text that the secret stands in the middle of: three ways, by where it begins.
      for (const shift of [1, 2]) {
        const inner = Buffer.from(secret.slice(3 - shift))
          .toString('base64')
          .slice(0, 40)
        assert.ok(!text.includes(inner), `${place} holds the ${what} within base64`)
      }
    }
  }

  test('is found when it is there, however it is written', () => {
    for (const secret of secrets.values()) {
      for (const spell of Object.values(spellings)) {
        assert.throws(() => requireAbsent('this', `x${spell(secret)}y`))
      }
    }
  })

  test('is in no other answer', () => {
    assert.ok(answers.length > 40)
    for (const answer of answers) requireAbsent('an answer', answer)
  })

  test('is in no line of the log, at the most talkative level', () => {
    assert.ok(deployment.logged.length > 20)
    for (const line of deployment.logged) requireAbsent('the log', line)
    for (const line of deployment.logged) assert.ok(!line.includes('[redacted]'), `the last gate had to close: ${line}`)
  })

  test('is in no file of the data directory', () => {
    const files = readdirSync(deployment.directory, { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    )
    assert.ok(files.some(({ name }) => name.endsWith('-wal')))
    for (const { parentPath, name } of files) requireAbsent(name, readFileSync(join(parentPath, name), 'latin1'))
  })
})
