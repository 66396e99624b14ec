import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { cocalcSchemas, cogniacSchemas, sodarSchemas } from '@chatelaine/api/wires'
import { goodPassword, openDeployment, type Deployment, type Member } from '../http/deployment.ts'
import { shaped } from './exchange.ts'

const run = promisify(execFile)

const json = ['-H', 'Content-Type: application/json']

const hasCurl = spawnSync('curl', ['--version']).status === 0

/** What the other systems' pages tell people to type, with only the host changed. */
describe('curl, as it is documented,', { skip: hasCurl ? false : 'there is no curl on this machine' }, () => {
  let deployment: Deployment
  let ada: Member
  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada', { permanent: true })
    const params = { id: ada.id }
    await deployment.ask('changePassword', { as: deployment.root, params, body: { new_password: goodPassword } })
  })
  after(() => deployment.close())

  async function curl(...parameters: string[]): Promise<{ status: number; body: unknown }> {
    const { stdout } = await run('curl', ['--silent', '--write-out', '\n%{http_code}', ...parameters])
    const lineAt = stdout.lastIndexOf('\n')
    const text = stdout.slice(0, lineAt)
    return { status: Number(stdout.slice(lineAt + 1)), body: text.startsWith('{') ? JSON.parse(text) : text }
  }

  test('makes, shows, lists and deletes a key of Cogniac', async () => {
    const { origin } = deployment
    const traded = await curl('-u', `ada:${goodPassword}`, `${origin}/1/token?tenant_id=`)
    const bearer = `Authorization: Bearer ${shaped(cogniacSchemas.Bearer, traded.body).access_token}`
    const keys = `${origin}/1/users/${ada.id}/apiKeys`
    const description = '{"description":"New Token for Image downloads"}'
    const made = await curl('-X', 'POST', keys, '-H', bearer, ...json, '-d', description)
    const key = shaped(cogniacSchemas.Key, made.body)
    assert.deepEqual([made.status, key.description], [200, 'New Token for Image downloads'])
    const shown = await curl('-X', 'GET', `${keys}/${key.key_id}`, '-H', bearer)
    assert.equal(shaped(cogniacSchemas.Key, shown.body).api_key, null)
    const listed = await curl('-X', 'GET', keys, '-H', bearer)
    assert.equal(shaped(cogniacSchemas.Keys, listed.body).data.length, 2)
    const tenants = await curl('-H', `Authorization: Key ${key.api_key}`, `${origin}//1/users/current/tenants`)
    assert.equal(shaped(cogniacSchemas.Tenants, tenants.body).tenants.length, 1)
    assert.deepEqual(await curl('-X', 'DELETE', `${keys}/${key.key_id}`, '-H', bearer), { status: 204, body: '' })
  })

  test('uses a key of CoCalc as a user name, with no password, on both versions of the API', async () => {
    const { origin } = deployment
    const listed = await curl('-u', `${ada.token}:`, ...json, '-d', '{"action":"get"}', `${origin}/api/v2/api-keys`)
    assert.equal(shaped(cocalcSchemas.Keys, listed.body).response.length, 1)
    const ping = '{"name":"system.ping","args":[{}]}'
    const pong = await curl('-u', `${ada.token}:`, ...json, '-d', ping, `${origin}/api/conat/hub`)
    shaped(cocalcSchemas.Pong, pong.body)
    assert.equal((await curl('-u', `${ada.token}:`, `${origin}/api/v1/tokens/self`)).status, 200)
  })

  test('logs in to SODAR and shows a token in place of the password', async () => {
    const { origin } = deployment
    const body = '{"expiry": 24, "sodar_label": "cli"}'
    const made = await curl('-u', `ada:${goodPassword}`, ...json, '-d', body, `${origin}/tokens/api/login`)
    assert.equal(made.status, 201)
    const { token } = shaped(sodarSchemas.LoggedIn, made.body)
    const auth = `${origin}/irodsbackend/api/auth`
    assert.deepEqual(await curl('-u', `ada:${token}`, auth), { status: 200, body: 'Authenticated' })
    assert.deepEqual(await curl('-u', `ada:${token}x`, auth), { status: 401, body: '' })
  })
})
