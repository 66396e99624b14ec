import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { bearerOf, openDeployment, secretOf, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser, watchedPage, type Watched } from './browser.ts'
import { newPerson, picture, tabTo } from './console.ts'
import { fromGuide, openHostPages, type HostPages } from './host-page.ts'
import { faultsOf } from './looked-at.ts'

const dist = new URL('../../packages/console/dist/', import.meta.url)
const entryBytesMax = 2_000
const firstScreenBytesMax = 150_000

/** What the page of a platform says where the element is in the window, and what it hears of it. */
const listening = `
  globalThis.heard = []
  for (const name of ['session-ended', 'token-created', 'token-deleted']) {
    document.addEventListener('chatelaine-' + name, ({ type, detail }) => heard.push([type, detail?.id]))
  }`

describe('the element in the page of a platform', { skip: noBrowser }, () => {
  let host: HostPages
  let stranger: HostPages
  let deployment: Deployment
  let browser: Browser

  before(async () => {
    host = await openHostPages(() => deployment.origin)
    stranger = await openHostPages(() => deployment.origin)
    deployment = await openDeployment({ CHATELAINE_CORS_ORIGINS: host.origin })
    browser = await openBrowser()
  })
  after(async () => {
    await browser.close()
    await deployment.close()
    await host.close()
    await stranger.close()
  })

  const newToken = (accountId: string, more: object = {}) =>
    deployment.ask('createToken', { as: deployment.root, body: { account_id: accountId, ...more } })

  const element = (more = '') => `<chatelaine-tokens server="${deployment.origin}" ${more}></chatelaine-tokens>`

  /** A page of the platform in a browser that shares nothing with another, once the element shows somebody's tokens. */
  async function openPage(accountId: string, page: { body?: string; css?: string } = {}): Promise<Watched> {
    const context = await browser.newContext({ viewport: { width: 1_280, height: 900 } })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: host.origin })
    const watched = await watchedPage(context, host.origin, deployment.origin)
    await watched.page.addInitScript(listening)
    // Before the page sets its first timer, so that a test can have all of them run.
    await watched.page.clock.install()
    await watched.page.goto(host.put({ body: element(), ...page }))
    await give(watched.page, await deployment.openPortal(accountId))
    await watched.page.getByRole('heading', { name: 'API tokens' }).first().waitFor()
    return watched
  }

  /** The page hands a session to its element, or to the one that it says; `null` takes it back. */
  async function give(page: Page, session: string | null, index = 0): Promise<void> {
    await page.evaluate(`document.querySelectorAll('chatelaine-tokens')[${index}].session = ${JSON.stringify(session)}`)
  }

  const heardBy = (page: Page) => page.evaluate<[string, string | undefined][]>('heard')

  /** All that a script of the page could read of it. */
  const keptBy = (page: Page) =>
    page.evaluate<string>(`JSON.stringify([
      { ...localStorage }, { ...sessionStorage }, history.state, location.href, document.cookie,
      document.documentElement.outerHTML, ...[...document.querySelectorAll('chatelaine-tokens')].map((one) =>
        [one.shadowRoot.innerHTML, one.session, ...Object.values(one)]),
    ])`)

  test('a person makes a token, copies it, sees its first use and ends it, and the page hears of ids alone', async () => {
    const id = await newPerson(deployment, 'ada', { name: 'Ada Lovelace' })
    const { page, complaints, outside } = await openPage(id)
    const before = [page.url(), await page.title(), await page.evaluate('history.length')]
    await page.getByRole('link', { name: 'Create your first token' }).click()
    await page.getByLabel('Label').fill('laptop')
    await page.getByRole('button', { name: 'Create the token' }).click()
    const secret = (await page.getByLabel('The token', { exact: true }).textContent())!
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.getByText('Copied').first().waitFor()
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), secret)
    await page.getByText('Not used yet').waitFor()
    const used = await deployment.ask('getOwnToken', { as: secret })
    assert.deepEqual([used.body.account_id, used.body.origin], [id, 'console'])
    await page.getByText('First used').waitFor()
    await page.getByRole('button', { name: 'I have stored it' }).click()
    await page.getByRole('heading', { name: 'laptop' }).waitFor()
    assert.ok(!(await keptBy(page)).includes(secret.slice(-38)))

    await page.getByRole('link', { name: 'All API tokens' }).click()
    await page.getByRole('button', { name: 'Delete laptop' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No tokens yet').waitFor()
    assert.equal((await deployment.ask('getOwnToken', { as: secret })).status, 401)
    assert.deepEqual(await heardBy(page), [
      ['chatelaine-token-created', used.body.id],
      ['chatelaine-token-deleted', used.body.id],
    ])
    assert.deepEqual([page.url(), await page.title(), await page.evaluate('history.length')], before)
    assert.deepEqual([complaints, outside], [[], []])
    await page.context().close()
  })

  test('by keyboard alone a token is found, looked at and deleted, and the focus stays in the question', async () => {
    const id = await newPerson(deployment, 'kay')
    await newToken(id, { label: 'old laptop' })
    const { page } = await openPage(id, { body: `<a href="#before">Before</a>${element()}<a href="#after">After</a>` })
    const { keyboard } = page
    await tabTo(page, 'link', 'old laptop')
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'old laptop' }).waitFor()
    await tabTo(page, 'button', 'Delete old laptop')
    await keyboard.press('Enter')
    const question = page.getByRole('alertdialog')
    await question.waitFor()
    for (let presses = 0; presses < 5; presses += 1) {
      await keyboard.press('Tab')
      await question.locator(':focus').waitFor()
    }
    await keyboard.press('Escape')
    await question.waitFor({ state: 'detached' })
    assert.equal(await page.getByRole('button', { name: 'Delete old laptop' }).and(page.locator(':focus')).count(), 1)
    await keyboard.press('Enter')
    await tabTo(page, 'button', /^Delete$/)
    await keyboard.press('Enter')
    await page.getByRole('heading', { name: 'API tokens' }).waitFor()
    await page.getByRole('link', { name: 'old laptop' }).waitFor({ state: 'detached' })
    await tabTo(page, 'link', 'After')
    await page.context().close()
  })

  test('a session that ends is told of once, and a new one goes on where the person was', async () => {
    const id = await newPerson(deployment, 'eve')
    const { page } = await openPage(id)
    await page.getByRole('link', { name: 'Create your first token' }).click()
    await page.getByLabel('Label').fill('half written')
    deployment.clock.advance(901_000)
    await page.getByText('7 days').click()
    await page.getByRole('button', { name: 'Create the token' }).click()
    await page.clock.runFor(2_000)
    await page.getByText('This session has ended').waitFor()
    await page.getByLabel('Label').waitFor({ state: 'hidden' })
    await page.clock.runFor(3_600_000)
    assert.deepEqual(await heardBy(page), [['chatelaine-session-ended', undefined]])
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await give(page, await deployment.openPortal(id))
    await page.getByLabel('Label').waitFor()
    assert.equal(await page.getByLabel('Label').inputValue(), 'half written')
    assert.ok(await page.getByLabel('7 days').isChecked())
    await page.clock.runFor(2_000)
    assert.ok(asked.length > 0)
    await page.getByRole('button', { name: 'Create the token' }).click()
    await page.clock.runFor(2_000)
    await page.getByLabel('The token', { exact: true }).waitFor()
    await page.context().close()
  })

  test('one that has ended is asked with no more, and gone from the page', async () => {
    const id = await newPerson(deployment, 'ivy')
    const { page } = await openPage(id)
    const session = await deployment.openPortal(id)
    await page.evaluate(
      `document.querySelector('chatelaine-tokens').setAttribute('session', ${JSON.stringify(session)})`,
    )
    assert.ok(!(await keptBy(page)).includes(session))
    deployment.clock.advance(901_000)
    await page.clock.runFor(20_000)
    await page.getByText('This session has ended').waitFor()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.clock.runFor(120_000)
    assert.deepEqual(asked, [])
    assert.equal((await heardBy(page)).length, 1)
    await page.context().close()
  })

  test('a new secret stays in sight when the session ends beside it', async () => {
    const id = await newPerson(deployment, 'lea')
    const { page } = await openPage(id)
    await page.getByRole('link', { name: 'Create your first token' }).click()
    await page.getByRole('button', { name: 'Create the token' }).click()
    const shown = page.getByLabel('The token', { exact: true })
    await shown.waitFor()
    deployment.clock.advance(901_000)
    await page.getByText('This session has ended').waitFor()
    assert.ok(await shown.isVisible())
    await page.getByRole('button', { name: 'I have stored it' }).click()
    await shown.waitFor({ state: 'detached' })
    await page.context().close()
  })

  test('a new secret stays where it is when a session is renewed while the server cannot be reached', async () => {
    const id = await newPerson(deployment, 'una')
    const { page } = await openPage(id)
    await page.getByRole('link', { name: 'Create your first token' }).click()
    await page.getByRole('button', { name: 'Create the token' }).click()
    const shown = page.getByLabel('The token', { exact: true })
    const secret = await shown.textContent()
    const lost: string[] = []
    await page.route(`${deployment.origin}/api/**`, (route) => {
      lost.push(route.request().url())
      return route.abort()
    })
    await give(page, await deployment.openPortal(id))
    await page.getByText('The server cannot be reached').waitFor()
    assert.ok(lost.some((url) => url.endsWith('/accounts/me')))
    assert.equal(await shown.textContent(), secret)
    await page.context().close()
  })

  test('a question that is open when the session ends waits with the rest of it', async () => {
    const id = await newPerson(deployment, 'quinn')
    await newToken(id, { label: 'asked about' })
    const { page } = await openPage(id)
    await page.getByRole('button', { name: 'Delete asked about' }).click()
    const question = page.getByRole('alertdialog')
    await question.waitFor()
    deployment.clock.advance(901_000)
    await question.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('This session has ended').first().waitFor()
    await question.waitFor({ state: 'hidden' })
    await give(page, await deployment.openPortal(id))
    await question.getByRole('button', { name: 'Delete' }).click()
    await page.getByText('asked about is deleted').waitFor()
    await page.context().close()
  })

  test('a session for somebody else shows nothing of the one before', async () => {
    const [first, second] = [await newPerson(deployment, 'first'), await newPerson(deployment, 'second')]
    await newToken(first, { label: 'of the first' })
    await newToken(second, { label: 'of the second' })
    const { page } = await openPage(first)
    await page.getByRole('link', { name: 'of the first' }).click()
    await page.getByRole('heading', { name: 'of the first' }).waitFor()
    await give(page, await deployment.openPortal(second))
    await page.getByRole('link', { name: 'of the second' }).waitFor()
    assert.ok(!(await keptBy(page)).includes('of the first'))
    await page.context().close()
  })

  test('two on one page know nothing of each other', async () => {
    const [left, right] = [await newPerson(deployment, 'left'), await newPerson(deployment, 'right')]
    await newToken(left, { label: 'left token' })
    await newToken(right, { label: 'right token' })
    const { page } = await openPage(left, { body: element('id="left"') + element('id="right"') })
    await give(page, await deployment.openPortal(right), 1)
    const [atLeft, atRight] = [page.locator('#left'), page.locator('#right')]
    await atLeft.getByRole('link', { name: 'left token' }).click()
    await atLeft.getByRole('heading', { name: 'left token' }).waitFor()
    await atRight.getByRole('link', { name: 'right token' }).waitFor()
    assert.equal(await atRight.getByText('left token').count(), 0)
    await page.context().close()
  })

  test('taken out of the page it asks nothing more and forgets everything; moved within it, it goes on', async () => {
    const id = await newPerson(deployment, 'moe')
    await newToken(id, { label: 'seen before' })
    const { page } = await openPage(id)
    await page.getByRole('link', { name: 'seen before' }).waitFor()
    await page.evaluate(`document.body.append(document.querySelector('chatelaine-tokens'))`)
    await page.getByRole('link', { name: 'seen before' }).click()
    await page.getByRole('heading', { name: 'seen before' }).waitFor()
    await page.evaluate(`globalThis.out = document.querySelector('chatelaine-tokens'); out.remove()`)
    await page.waitForLoadState('networkidle')
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.clock.runFor(120_000)
    assert.deepEqual([asked, await page.evaluate('out.shadowRoot.innerHTML')], [[], ''])
    await page.evaluate('document.body.append(out)')
    await page.getByText('One moment').waitFor()
    await page.clock.runFor(20_000)
    assert.deepEqual(
      asked.filter((url) => url.includes('/api/')),
      [],
    )
    await page.context().close()
  })

  test('a session that is taken back is asked with no more, and nothing is left of what it showed', async () => {
    const id = await newPerson(deployment, 'signs out')
    await newToken(id, { label: 'of who signed out' })
    const { page } = await openPage(id)
    await page.getByRole('link', { name: 'of who signed out' }).click()
    await page.getByRole('heading', { name: 'of who signed out' }).waitFor()
    await page.waitForLoadState('networkidle')
    await page.clock.install()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await give(page, null)
    await page.clock.runFor(120_000)
    await page.getByText('One moment').waitFor()
    assert.deepEqual(asked, [])
    assert.ok(!(await keptBy(page)).includes('of who signed out'))
    await give(page, await deployment.openPortal(id))
    await page.getByRole('link', { name: 'of who signed out' }).waitFor()
    await page.context().close()
  })

  test('it says nothing of its session, also where the page named the property before its program had come', async () => {
    const id = await newPerson(deployment, 'early')
    await newToken(id, { label: 'after nothing' })
    const { page } = await watchedPage(browser, host.origin, deployment.origin)
    await page.goto(host.put({ head: '', body: element() }))
    const property = `document.querySelector('chatelaine-tokens').session`
    // As a framework does that renders it before the page has a session.
    await page.evaluate(`${property} = undefined`)
    await page.evaluate(`import('${deployment.origin}/console/embed.js')`)
    await give(page, await deployment.openPortal(id))
    assert.equal(await page.evaluate(property), undefined)
    await page.getByRole('link', { name: 'after nothing' }).waitFor()
    await page.context().close()
  })

  test('it may have its session before its program, and be put in and taken out while that is loading', async () => {
    const id = await newPerson(deployment, 'pat')
    await newToken(id, { label: 'laptop' })
    const { page, complaints } = await watchedPage(browser, host.origin, deployment.origin)
    await page.goto(host.put({ head: '', body: element() }))
    await give(page, await deployment.openPortal(id))
    await page.evaluate(`import('${deployment.origin}/console/embed.js')`)
    await page.getByRole('link', { name: 'laptop' }).waitFor()
    const session = JSON.stringify(await deployment.openPortal(id))
    await page.evaluate(`(async () => {
      const one = document.createElement('chatelaine-tokens')
      one.setAttribute('server', '${deployment.origin}')
      one.id = 'late'
      for (let times = 0; times < 3; times += 1) {
        document.body.append(one)
        one.remove()
        await undefined
      }
      document.body.append(one)
      one.session = ${session}
    })()`)
    const late = page.locator('#late')
    await late.getByRole('link', { name: 'laptop' }).click()
    await late.getByRole('heading', { name: 'laptop' }).waitFor()
    assert.equal(await page.evaluate(`document.querySelector('#late').shadowRoot.childElementCount`), 1)
    assert.deepEqual(complaints, [])
    await page.close()
  })

  test('it looks as it does wherever it is, whatever the page says of everything in it', async () => {
    const id = await newPerson(deployment, 'fae')
    await newToken(id, { label: 'laptop' })
    const css = `
      html { font-size: 5px; color-scheme: dark }
      * { color: red; font: 40px/3 cursive; letter-spacing: 1em; text-transform: uppercase; text-align: right;
          box-sizing: content-box; direction: rtl; cursor: wait; --text: red; --accent: red }
      button, a, input, table, h1, h2, label { display: none !important; position: fixed; transform: rotate(9deg) }
      main { transform: translateX(0); overflow: hidden; filter: blur(0) }`
    const plain = await openPage(id)
    const hostile = await openPage(id, { css })
    const looks = async ({ page }: Watched) => {
      await page.getByRole('button', { name: 'Delete laptop' }).waitFor()
      return page.evaluate(`
        [...document.querySelector('chatelaine-tokens').shadowRoot.querySelectorAll('.embed-content *')].map((one) => {
          const { color, fontSize, fontFamily, letterSpacing, textTransform, direction, cursor, display, lineHeight } =
            getComputedStyle(one)
          return [one.tagName, color, fontSize, fontFamily, letterSpacing, textTransform, direction, cursor, display, lineHeight].join()
        })`)
    }
    assert.deepEqual(await looks(hostile), await looks(plain))
    await hostile.page.getByRole('button', { name: 'Delete laptop' }).click()
    const question = hostile.page.getByRole('alertdialog')
    await question.waitFor()
    await picture(hostile.page, 'embed-hostile')
    const box = (await question.boundingBox())!
    assert.ok(Math.abs(box.x + box.width / 2 - 640) < 2 && box.y > 0 && box.y + box.height < 900, JSON.stringify(box))
    await question.getByRole('button', { name: 'Delete' }).click()
    await hostile.page.getByText('laptop is deleted').waitFor()
    for (const { page } of [plain, hostile]) await page.context().close()
  })

  test('the page of the guide, as it stands, opens its session and opens another before that is over', async () => {
    const id = await newPerson(deployment, 'ray')
    await newToken(id, { label: 'laptop' })
    const opened: string[] = []
    host.answer('/settings/tokens.js', 'text/javascript', () => fromGuide('js', deployment.origin))
    host.answer('/settings/tokens/session', 'application/json', async () => {
      const answer = await deployment.ask('createPortalSession', { as: deployment.root, body: { account_id: id } })
      opened.push(bearerOf(answer))
      return JSON.stringify(answer.body)
    })
    const { page, complaints } = await watchedPage(browser, host.origin, deployment.origin)
    await page.clock.install()
    await page.goto(host.put({ head: '', body: fromGuide('html', deployment.origin) }))
    await page.getByRole('link', { name: 'laptop' }).waitFor()
    const renewed = page.waitForResponse((answer) => answer.url().endsWith('/settings/tokens/session'))
    // The server's clock may be ahead already, and the end of a session is told by it.
    const ahead = deployment.clock.now() - Date.now()
    deployment.clock.advance(841_000)
    await page.clock.fastForward(ahead + 841_000)
    await renewed
    deployment.clock.advance(61_000)
    await page.getByRole('link', { name: 'laptop' }).click()
    await page.getByRole('heading', { name: 'laptop' }).waitFor()
    assert.deepEqual([opened.length, complaints], [2, []])
    await page.close()
  })

  test('the page may set theme, accent, roundness, ground and size', async () => {
    const id = await newPerson(deployment, 'gus')
    const css = `
      chatelaine-tokens { --chatelaine-accent: rgb(0, 90, 80); --chatelaine-on-accent: rgb(250, 250, 250);
        --chatelaine-radius: 3px; --chatelaine-ground: transparent; --chatelaine-size: 20px; --chatelaine-font: monospace }`
    const { page } = await openPage(id, { css, body: element('theme="dark"') })
    await page.getByRole('link', { name: 'Create a token' }).waitFor()
    const looksOf = (selector: string, ...properties: string[]) =>
      page.evaluate<string[]>(`(() => {
        const style = getComputedStyle(document.querySelector('chatelaine-tokens').shadowRoot.querySelector('${selector}'))
        return ${JSON.stringify(properties)}.map((property) => style[property])
      })()`)
    assert.deepEqual(
      await looksOf('.button-primary', 'backgroundColor', 'color', 'borderRadius', 'fontFamily', 'minHeight'),
      ['rgb(0, 90, 80)', 'rgb(250, 250, 250)', '3px', 'monospace', '48px'],
    )
    assert.deepEqual(await looksOf('.embed', 'colorScheme', 'backgroundColor'), ['dark', 'rgba(0, 0, 0, 0)'])
    await page.evaluate(`document.querySelector('chatelaine-tokens').setAttribute('theme', 'light')`)
    assert.deepEqual(await looksOf('.embed', 'colorScheme'), ['light'])
    await page.context().close()
  })

  test('a long list is drawn as far as it is in sight, also where a part of the page scrolls it', async () => {
    const id = await newPerson(deployment, 'max')
    for (let made = 0; made < 120; made += 1) await newToken(id, { label: `token ${made}` })
    const css = `body { margin: 0 } .pane { height: 500px; overflow: auto }`
    const { page } = await openPage(id, { css, body: `<div class="pane">${element()}</div>` })
    await page.getByRole('link', { name: 'token 119' }).waitFor()
    const links = page.getByRole('link', { name: /^token \d+$/ })
    assert.ok((await links.count()) < 60)
    await page.locator('.pane').evaluate((pane) => pane.scrollTo(0, pane.scrollHeight))
    await page.getByRole('link', { name: 'token 0', exact: true }).waitFor()
    assert.ok((await links.count()) < 60)
    await page.context().close()
  })

  test('each of its pages can be used by everybody, light and dark, on a telephone and a wide screen', async () => {
    const id = await newPerson(deployment, 'axl')
    const made = await newToken(id, { label: 'laptop', lifetime_seconds: 86_400 * 6 })
    await newToken(id, { label: 'x'.repeat(120), permanent: true, scopes: ['reports:read'] })
    await deployment.ask('verifyToken', {
      as: deployment.root,
      body: { token: secretOf(made), client_ip: '192.0.2.7' },
    })
    const { page } = await openPage(id)
    const faults: string[] = []
    const look = async (name: string) => {
      await page.waitForLoadState('networkidle')
      faults.push(...(await faultsOf(page, `embed-${name}`)))
    }
    await look('tokens')
    await page.getByRole('button', { name: 'Delete laptop' }).click()
    await page.getByRole('alertdialog').waitFor()
    await look('delete')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('link', { name: 'laptop' }).click()
    await page.getByRole('heading', { name: 'laptop' }).waitFor()
    await look('token')
    await page.getByRole('link', { name: 'All API tokens' }).click()
    await page.getByRole('link', { name: 'Create a token' }).click()
    await page.getByLabel('Label').waitFor()
    await look('create')
    await page.getByRole('button', { name: 'Create the token' }).click()
    await page.getByLabel('The token', { exact: true }).waitFor()
    await look('secret')
    await page.getByRole('button', { name: 'I have stored it' }).click()
    await page.getByRole('heading', { name: 'No label' }).waitFor()
    deployment.clock.advance(901_000)
    await page.getByText('This session has ended').waitFor()
    await look('ended')
    assert.deepEqual(faults, [])
    await page.context().close()
  })

  test('what is wrong with how it is used is said in its place, and to whoever builds the page', async () => {
    const id = await newPerson(deployment, 'dev')
    const said = async (page: string, text: RegExp) => {
      const watched = await watchedPage(browser, host.origin, stranger.origin, deployment.origin)
      await watched.page.goto(page)
      await watched.page.getByRole('alert').filter({ hasText: text }).waitFor()
      assert.ok(
        watched.complaints.some((complaint) => text.test(complaint)),
        watched.complaints.join('\n'),
      )
      await watched.page.close()
    }
    const session = await deployment.openPortal(id)
    const withSession = (server: string) => `<chatelaine-tokens ${server} session="${session}"></chatelaine-tokens>`
    for (const server of ['', 'server="tokens.example"', 'server="https://user@tokens.example"']) {
      await said(host.put({ body: withSession(server) }), /Say in the attribute "server" where Chatelaine is/)
    }
    const notAllowed = new RegExp(`does not answer scripts of ${stranger.origin}\\. .* CHATELAINE_CORS_ORIGINS`)
    await said(stranger.put({ body: withSession(`server="${deployment.origin}"`) }), notAllowed)
    const nobody = withSession('server="http://127.0.0.1:9"')
    await said(host.put({ body: nobody }), /cannot be reached from this page\. .* connect-src/)
  })

  test('where a part of it cannot be had it says so, and the rest of the page and of it goes on', async () => {
    const id = await newPerson(deployment, 'bo')
    await newToken(id, { label: 'laptop' })
    const { page } = await openPage(id)
    await page.route('**/embed-create-page-*', (route) => route.abort())
    await page.getByRole('link', { name: 'Create a token' }).click()
    await page.getByRole('button', { name: 'Load anew' }).waitFor()
    await page.getByRole('link', { name: 'All API tokens' }).click()
    await page.getByRole('link', { name: 'laptop' }).waitFor()
    await page.context().close()
  })

  test('the entry is small, and all that the first screen loads weighs less than 150 kB', async (t) => {
    const id = await newPerson(deployment, 'wes')
    await newToken(id, { label: 'laptop' })
    const { page } = await openPage(id)
    await page.getByRole('link', { name: 'laptop' }).waitFor()
    const loaded = await page.evaluate<string[]>(
      // The page's clock is ours, and with it its `performance`; what an observer is told is the browser's own.
      `new Promise((done) => new PerformanceObserver((list) => {
        done(list.getEntries().map(({ name }) => name).filter((name) => name.includes('/console/')))
      }).observe({ type: 'resource', buffered: true }))`,
    )
    const bytesOf = (name: string) => readFileSync(new URL(`${name}.gz`, dist)).length
    const files = new Map(loaded.map((url) => url.split('/console/')[1]!).map((name) => [name, bytesOf(name)]))
    const total = files.values().reduce((sum, bytes) => sum + bytes, 0)
    t.diagnostic(`${[...files].map(([name, bytes]) => `${name} ${bytes}`).join(', ')}: ${total} bytes`)
    assert.ok(files.get('embed.js')! < entryBytesMax && total < firstScreenBytesMax)
    assert.ok(readdirSync(new URL('assets', dist)).some((name) => name.startsWith('embed-create-page')))
    await page.context().close()
  })
})
