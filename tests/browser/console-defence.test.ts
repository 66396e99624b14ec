import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { goodPassword, openDeployment, secretOf, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole, tabTo } from './console.ts'

const dist = new URL('../../packages/console/dist/', import.meta.url)
const firstScreenBytesMax = 150_000

const run = 'globalThis.struck=1'
const openings = ['', '"', "'", '`', '>', '">', "'>", '</title>', '</script>', '</textarea>', '-->', ']]>']
const blows = [
  `<script>${run}</script>`,
  `<img src=x onerror=${run}>`,
  `<svg onload=${run}>`,
  `<iframe srcdoc="<script>${run}</script>">`,
  `javascript:${run}`,
]
/** Each opening with each blow: sixty texts that would run if any page took text for markup. */
const hostile = openings.flatMap((opening) => blows.map((blow) => opening + blow))

describe('the console against what others write and send', { skip: noBrowser }, () => {
  let deployment: Deployment
  let browser: Browser

  before(async () => {
    deployment = await openDeployment()
    browser = await openBrowser()
    await newPerson(deployment, 'root', { role: 'admin' })
  })
  after(async () => {
    await browser.close()
    await deployment.close()
  })

  test('sixty hostile texts as labels, names, reasons and user agents stand on the pages as texts', async () => {
    assert.equal(new Set(hostile).size, 60)
    const id = await newPerson(deployment, 'victim', { name: hostile[0]!, external_id: hostile[1]! })
    const as = deployment.root
    const made = []
    for (const text of hostile) {
      const token = await deployment.ask('createToken', { as, body: { account_id: id, label: text } })
      made.push(token.body.id)
      const use = { token: secretOf(token), client_ip: '192.0.2.7', user_agent: text }
      assert.equal((await deployment.ask('verifyToken', { as, body: use })).body.code, 'valid')
      await deployment.ask('createAccount', { as, body: { username: `user-${made.length}`, name: text } })
      await deployment.ask('createProject', { as, body: { name: text, owner_id: id, description: text } })
    }
    const { page, complaints, outside } = await openConsole(browser, deployment, 'root')
    // So high that every row is drawn.
    await page.setViewportSize({ width: 1_280, height: 12_000 })
    const go = async (path: string) => {
      await page.goto(`${deployment.origin}/console/${path}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.waitForLoadState('networkidle')
    }
    const isHarmless = async (path: string) => {
      assert.equal(await page.locator('main img, main script, main iframe, main svg[onload]').count(), 0, path)
      assert.equal(await page.evaluate('globalThis.struck'), undefined, path)
    }
    // The last use is written with those of the same second.
    let clients: string[] = []
    while (clients.length < hostile.length) {
      const { body } = await deployment.ask('listTokens', { as, query: { account_id: id, limit: '200' } })
      clients = body.data.flatMap((token) => token.last_used_client ?? [])
    }
    assert.equal(clients.filter((client) => client.length > 3).length, 60)
    for (const [path, texts] of [
      ['all-tokens', [...hostile, ...clients]],
      ['accounts', hostile],
      ['projects', hostile],
      [`accounts/${id}`, [...hostile, hostile[0]!, hostile[1]!]],
      ['overview', []],
    ] as const) {
      await go(path)
      const shown = await page.getByRole('main').innerText()
      for (const text of texts) assert.ok(shown.includes(text), `${path} shows ${text}`)
      await isHarmless(path)
    }
    for (const [index, reason] of hostile.entries()) {
      const params = { id: made[index]! }
      await deployment.ask('revokeToken', { as, params, query: { reason } })
    }
    await go('audit')
    await page.getByRole('listitem').getByText('Token revoked', { exact: true }).first().waitFor()
    await isHarmless('audit')
    for (const index of [0, 7, 14, 21, 28]) {
      await go(`tokens/${made[index]!}`)
      await page.getByRole('heading', { name: hostile[index]!, exact: true }).waitFor()
      await page.getByText(`: ${hostile[index]!}`).waitFor()
      await isHarmless('tokens')
    }
    const asked = { label: hostile[5]!, scopes: hostile[6]!, expires: hostile[7]!, project: hostile[8]! }
    await go(`tokens/new?${new URLSearchParams(asked).toString()}`)
    await page.getByText('there is no such project that is open to you').waitFor()
    assert.equal(await page.getByLabel('Label').inputValue(), hostile[5])
    await isHarmless('tokens/new')
    assert.deepEqual([complaints, outside], [[], []])
    await page.context().close()
  })

  test('sixty hostile texts of errors are read out as texts', async () => {
    const { page } = await openConsole(browser, deployment, 'root', '/console/accounts')
    // The server says nothing of what was sent to it; this is one that would.
    await page.route('**/api/v1/accounts?*q=*', (route) => {
      const detail = hostile[Number(new URL(route.request().url()).searchParams.get('q'))]!
      const body = { type: '/docs/errors/invalid-request', title: detail, status: 400, detail }
      return route.fulfill({ status: 400, contentType: 'application/problem+json', json: body })
    })
    for (const [index, text] of hostile.entries()) {
      await page.getByLabel('Search').fill(String(index))
      await page.getByRole('alert').getByText(text, { exact: true }).waitFor()
    }
    assert.equal(await page.locator('main img, main script, main iframe, main svg[onload]').count(), 0)
    assert.equal(await page.evaluate('globalThis.struck'), undefined)
    await page.context().close()
  })

  test('24 requests that another site has the browser send change nothing', async () => {
    const id = await newPerson(deployment, 'mark')
    const made = await deployment.ask('createToken', { as: deployment.root, body: { account_id: id } })
    const cookie = await deployment.signIn('mark', goodPassword)
    const token = `/api/v1/tokens/${made.body.id}`
    const requests: [string, string][] = [
      ['POST', '/api/v1/tokens'],
      ['DELETE', token],
      ['PATCH', token],
      ['POST', `${token}/rotate`],
      ['DELETE', '/api/v1/session'],
      ['PUT', `/api/v1/accounts/${id}/password`],
    ]
    const origins = [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': 'same-site', origin: 'https://neighbour.example' },
      { origin: 'null' },
      { origin: `${deployment.origin}.evil.example` },
    ]
    const changes = deployment.changeCount()
    for (const [method, path] of requests) {
      for (const headers of origins) {
        const heard = await deployment.send(method, path, { headers: { cookie, ...headers }, body: {} })
        assert.equal(heard.problem, 'cross-site-request', `${method} ${path}`)
      }
    }
    assert.equal(deployment.changeCount(), changes)
    assert.equal((await deployment.ask('getSession', { cookie })).status, 200)
  })

  test('no other page can show it in a frame', async () => {
    const page = await browser.newPage()
    await page.route('https://evil.example/', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<iframe src="${deployment.origin}/console/"></iframe>` }),
    )
    await page.goto('https://evil.example/')
    await page.waitForLoadState('networkidle')
    for (const frame of page.frames().slice(1)) assert.equal(await frame.getByLabel('User name').count(), 0)
    const answer = await fetch(`${deployment.origin}/console/`)
    assert.match(answer.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
    await page.close()
  })

  test('a new secret is in no later answer, in no storage and on no page that one goes back to', async () => {
    await newPerson(deployment, 'lea')
    const { page } = await openConsole(browser, deployment, 'lea', '/console/tokens/new?label=once')
    await page.getByRole('button', { name: 'Create the token' }).click()
    const secret = (await page.getByLabel('The token', { exact: true }).textContent())!
    const heard: Promise<string>[] = []
    page.on('response', (response) => heard.push(response.text().catch(() => '')))
    await page.getByRole('button', { name: 'I have stored it' }).click()
    await page.getByRole('heading', { name: 'once' }).waitFor()
    await page.goBack()
    await page.getByRole('button', { name: 'Create the token' }).waitFor()
    const kept = await page.evaluate<string>(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, document.documentElement.outerHTML])',
    )
    await page.reload()
    await page.getByRole('button', { name: 'Create the token' }).waitFor()
    await page.waitForLoadState('networkidle')
    const texts = [kept, await page.content(), ...(await Promise.all(heard))]
    assert.ok(texts.length > 4 && texts.every((text) => !text.includes(secret.slice(-38))))
    const { body } = await deployment.ask('listTokens', { as: deployment.root, query: { q: 'once' } })
    assert.equal(body.data.length, 1, 'going back and loading again makes nothing twice')
    await page.context().close()
  })

  test('by keyboard alone a token is made, copied and deleted', async () => {
    await newPerson(deployment, 'kay')
    const { page } = await openConsole(browser, deployment, 'kay')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: deployment.origin })
    const { keyboard } = page
    await tabTo(page, 'link', 'Create your first token')
    await keyboard.press('Enter')
    await tabTo(page, 'textbox', 'Label')
    await keyboard.type('by keyboard')
    await tabTo(page, 'button', 'Create the token')
    await keyboard.press('Enter')
    const secret = (await page.getByLabel('The token', { exact: true }).textContent())!
    await tabTo(page, 'button', 'Copy')
    await keyboard.press('Enter')
    await page.getByText('Copied').first().waitFor()
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), secret)
    await tabTo(page, 'button', 'I have stored it')
    await keyboard.press('Enter')
    await tabTo(page, 'link', 'API tokens')
    await keyboard.press('Enter')
    await tabTo(page, 'button', 'Delete by keyboard')
    await keyboard.press('Enter')
    await page.getByRole('alertdialog').waitFor()
    await tabTo(page, 'button', /^Delete$/)
    await keyboard.press('Enter')
    await page.getByText('No token is good any more').waitFor()
    assert.equal((await deployment.ask('getOwnToken', { as: secret })).status, 401)
    await page.context().close()
  })

  test('the first screen weighs less than 150 kB as it is sent', () => {
    const html = readFileSync(new URL('index.html', dist))
    const files = [...html.toString().matchAll(/\/console\/(assets\/[^"]+)/g)].map(([, file]) => file!)
    const sizes = [html, ...files.map((file) => readFileSync(new URL(file, dist)))].map(
      (bytes) => gzipSync(bytes, { level: 9 }).length,
    )
    const total = sizes.reduce((sum, size) => sum + size, 0)
    assert.ok(files.length > 0 && total < firstScreenBytesMax, `${files.length} files, ${total} bytes`)
  })
})
