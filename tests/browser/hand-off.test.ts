import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { deviceGrantType } from '@chatelaine/api'
import type { Browser, Page } from 'playwright-core'
import { goodPassword, openDeployment, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'

const guide = new URL('../../docs/guides/sign-in-from-programs.md', import.meta.url)

describe('letting a program have a token, in a browser that runs no scripts', { skip: noBrowser }, () => {
  let deployment: Deployment
  let browser: Browser

  before(async () => {
    deployment = await openDeployment()
    browser = await openBrowser()
    const body = { username: 'ada', password: goodPassword }
    await deployment.ask('createAccount', { as: deployment.root, body })
  })
  after(async () => {
    await browser.close()
    await deployment.close()
  })

  async function openPage(url: string): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 900 } })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    await page.goto(url)
    return { page, complaints }
  }

  /** By the keyboard alone. */
  async function signIn(page: Page): Promise<void> {
    await page.getByLabel('User name').fill('ada')
    await page.keyboard.press('Tab')
    await page.keyboard.type(goodPassword)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Agree' }).waitFor()
  }

  test('the program of the guide is given its token when the person agrees', async () => {
    const source = /```js\n([^]*?)```/.exec(readFileSync(guide, 'utf8'))![1]!
    const program = spawn(process.execPath, ['--input-type=module', '-e', source], {
      env: { CHATELAINE_URL: deployment.origin },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    try {
      const printed = text(program.stdout)
      const { url, complaint } = heardFrom(program)
      const { page, complaints } = await openPage(await url)
      await signIn(page)
      await page.getByText('report writer on my laptop').waitFor()
      await page.getByText('30 days, until').waitFor()
      await page.getByRole('button', { name: 'Agree' }).click()
      await page.getByText('Go back to the program').waitFor()
      const token = (await printed).trim()
      const own = await deployment.ask('getOwnToken', { as: token })
      assert.equal(own.status, 200, complaint())
      assert.deepEqual(
        [own.body.label, own.body.scopes],
        ['report writer on my laptop', ['reports:read', 'reports:write']],
      )
      assert.deepEqual(complaints, [])
      await page.context().close()
    } finally {
      program.kill()
    }
  })

  for (const host of ['127.0.0.1', '::1']) {
    test(`the policy of the page lets its answer through to ${host}`, async (context) => {
      const listener = createServer((_request, response) => response.end('here'))
      if (!(await isListening(listener, host))) return context.skip(`this machine has no ${host}`)
      try {
        const { port } = listener.address() as AddressInfo
        const verifier = randomBytes(32).toString('base64url')
        const query = new URLSearchParams({
          response_type: 'code',
          client_id: 'program',
          redirect_uri: `http://${host === '::1' ? '[::1]' : host}:${port}/cb`,
          code_challenge: createHash('sha256').update(verifier).digest('base64url'),
          code_challenge_method: 'S256',
        })
        const { page, complaints } = await openPage(`${deployment.origin}/oauth/authorize?${query.toString()}`)
        await signIn(page)
        await page.getByRole('button', { name: 'Refuse' }).click()
        await page.getByText('here').waitFor()
        assert.match(page.url(), /\/cb\?error=access_denied&/)
        assert.deepEqual(complaints, [])
        await page.context().close()
      } finally {
        listener.close()
        listener.closeAllConnections()
      }
    })
  }

  test('whoever has no mouse comes to each answer in its order, and gives one', async () => {
    const { body } = await deployment.ask('authorizeDevice', { form: { client_id: 'chatelaine-cli' } })
    const { page } = await openPage(body.verification_uri_complete)
    await signIn(page)
    const passed: (string | null)[] = []
    for (let step = 0; step < 3; step += 1) {
      await page.keyboard.press('Tab')
      passed.push(await page.locator('button:focus').textContent())
    }
    assert.deepEqual(
      passed.map((name) => name?.trim()),
      ['Agree', 'Refuse', 'Not ada? Sign in as somebody else'],
    )
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Space')
    await page.getByRole('heading', { name: 'Refused' }).waitFor()
    const form = { grant_type: deviceGrantType, client_id: 'chatelaine-cli', device_code: body.device_code }
    assert.equal((await deployment.ask('exchangeGrant', { form })).oauthError, 'access_denied')
    await page.context().close()
  })

  test('a refused password is told at its field, where one goes on', async () => {
    const { page } = await openPage(`${deployment.origin}/device`)
    await page.getByLabel('User name').and(page.locator(':focus')).waitFor()
    await page.keyboard.type('ada')
    await page.keyboard.press('Tab')
    await page.keyboard.type('not the password at all')
    await page.keyboard.press('Enter')
    const told = { description: 'User name and password do not match.' }
    await page
      .getByRole('textbox', { name: 'Password', ...told })
      .and(page.locator(':focus'))
      .waitFor()
    const name = page.getByRole('textbox', { name: 'User name', ...told })
    assert.deepEqual([await name.inputValue(), await name.getAttribute('aria-invalid')], ['ada', 'true'])
    await page.keyboard.type(goodPassword)
    await page.keyboard.press('Enter')
    await page.getByLabel('Code').waitFor()
    await page.context().close()
  })

  test('a device is given its token when the person types its code, by the keyboard alone', async () => {
    const { body } = await deployment.ask('authorizeDevice', { form: { client_id: 'chatelaine-cli' } })
    const { page, complaints } = await openPage(body.verification_uri)
    await page.getByLabel('User name').and(page.locator(':focus')).waitFor()
    await page.keyboard.type('ada')
    await page.keyboard.press('Tab')
    await page.keyboard.type(goodPassword)
    await page.keyboard.press('Enter')
    await page.getByLabel('Code').and(page.locator(':focus')).waitFor()
    await page.keyboard.type(body.user_code.toLowerCase())
    await page.keyboard.press('Enter')
    await page.getByText(body.user_code).waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('You can close this page').waitFor()
    const form = { grant_type: deviceGrantType, client_id: 'chatelaine-cli', device_code: body.device_code }
    const given = await deployment.ask('exchangeGrant', { form })
    assert.equal(given.status, 200, given.detail)
    assert.deepEqual(complaints, [])
    await page.context().close()
  })
})

/** What a program has said on standard error; `url` is the page that it asks to be opened. */
function heardFrom(program: ChildProcess): { url: Promise<string>; complaint: () => string } {
  let said = ''
  const url = new Promise<string>((resolve, reject) => {
    program.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk
      const named = /^Open this page: (\S+)\n/.exec(said)?.[1]
      if (named !== undefined) resolve(named)
    })
    program.on('close', () => reject(new Error(`the program ended: ${said}`)))
  })
  return { url, complaint: () => said }
}

async function isListening(listener: Server, host: string): Promise<boolean> {
  listener.listen(0, host)
  return Promise.race([once(listener, 'listening').then(() => true), once(listener, 'error').then(() => false)])
}
