import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { goodPassword, openDeployment, type Deployment } from '../http/deployment.ts'
import { Visitor } from '../http/visitor.ts'
import { CommandLine, type Started } from './command.ts'

describe('signing in from a terminal', () => {
  let deployment: Deployment
  const line = new CommandLine({ after })
  const file = () => join(line.directory, 'config', 'chatelaine', 'default.token')

  before(async () => {
    deployment = await openDeployment()
    line.environment = { CHATELAINE_URL: deployment.origin }
    const body = { username: 'ada', password: goodPassword }
    await deployment.ask('createAccount', { as: deployment.root, body })
  })
  after(() => deployment.close())

  /** Answers the page that the command names, as a person would. */
  async function answer({ says }: Started, pattern: RegExp, decision: 'agree' | 'refuse'): Promise<string | null> {
    const [, first = ''] = await says(pattern)
    const browser = new Visitor(deployment.origin)
    const page = await browser.signIn(first.replace(deployment.origin, ''), 'ada', goodPassword)
    return (await browser.press(page, decision)).location
  }

  async function byBrowser(decision: 'agree' | 'refuse', args: readonly string[] = []) {
    const started = line.start(['login', '--browser', ...args])
    const back = await answer(started, /open by itself: (\S+)\n/, decision)
    // Somebody else's page can reach the same port, and does not know the state.
    const strange = new URL(back!)
    strange.searchParams.set('state', 'guessed')
    assert.equal((await fetch(strange)).status, 404)
    assert.equal((await fetch(back!)).status, 200)
    return started.ended
  }

  test('by the browser of the machine: the token lies in a file of its owner, is used, and dies by signing out', async () => {
    const { code, told, out } = await byBrowser('agree', [
      '--scope',
      'data:read',
      'chatelaine.tokens:read',
      '--expires',
      '2d',
    ])
    assert.deepEqual([code, out], [0, ''], told)
    assert.equal(statSync(file()).mode & 0o777, 0o600)
    assert.equal(statSync(join(file(), '..')).mode & 0o777, 0o700)
    const { account, token } = JSON.parse((await line.run(['whoami', '--json'])).out)
    assert.equal(account, null)
    assert.deepEqual([token.origin, token.scopes], ['cli', ['chatelaine.tokens:read', 'data:read']])
    assert.equal(Date.parse(token.expires_at) - Date.parse(token.created_at), 2 * 86_400_000)
    assert.equal((await line.run(['logout'])).code, 0)
    assert.ok(!existsSync(file()))
    const { body } = await deployment.ask('getToken', { as: deployment.root, params: { id: token.id } })
    assert.equal(body.status, 'revoked')
    assert.match((await line.run(['logout'])).told, /nobody is signed in/)
  })

  test('a stored token is sent to no other server', async () => {
    assert.equal((await byBrowser('agree')).code, 0)
    const { code, told } = await line.run(['whoami', '--url', 'http://127.0.0.1:9'])
    assert.equal(code, 2)
    assert.match(told, /the stored token belongs to \S+, and is not sent to http:\/\/127\.0\.0\.1:9\n/)
  })

  test('signing in again ends the token of the time before', async () => {
    const former = JSON.parse((await line.run(['token', 'show', '--json'])).out)
    assert.equal((await byBrowser('agree')).code, 0)
    const { body } = await deployment.ask('getToken', { as: deployment.root, params: { id: former.id } })
    assert.equal(body.status, 'revoked')
    assert.match((await line.run(['whoami'])).out, /^account\tada$/m)
  })

  test('whoever refuses leaves everything as it was', async () => {
    const { code, told } = await byBrowser('refuse', ['--name', 'other'])
    assert.equal(code, 1)
    assert.match(told, /error: The person refused\./)
    assert.ok(!existsSync(join(file(), '..', 'other.token')))
  })

  test('by a code, where there is no browser', { timeout: 60_000 }, async () => {
    const started = line.start(['login', '--device', '--name', 'server'])
    const [, page = '', userCode = ''] = await started.says(/open (\S+) on any machine, and type (\S+)\n/)
    const path = new URL(page).pathname
    const browser = new Visitor(deployment.origin)
    const asked = await browser.signIn(`${path}?user_code=${userCode}`, 'ada', goodPassword)
    assert.equal((await browser.press(asked, 'agree')).status, 200)
    const { code, told } = await started.ended
    assert.equal(code, 0, told)
    assert.match((await line.run(['whoami', '--name', 'server'])).out, /^account\tada$/m)
  })

  test('the keyring is asked for only where there is one', async () => {
    const { code, told } = await line.run(['login', '--keyring'])
    assert.equal(code, 1)
    assert.match(told, /there is no keyring\n.*@napi-rs\/keyring/)
  })
})
