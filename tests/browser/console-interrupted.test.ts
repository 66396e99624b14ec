import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { goodPassword, openDeployment, type Deployment } from '../http/deployment.ts'
import { relayTo, type Relay } from '../instances/relay.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole, picture } from './console.ts'

const offline = 'What you see may be out of date'
const sessionOver = 'Your session is over.'

describe('the console where something comes in between', { skip: noBrowser }, () => {
  let deployment: Deployment
  let relay: Relay
  /** The same server, on a way that can be cut. */
  let reached: Deployment
  let browser: Browser

  before(async () => {
    deployment = await openDeployment()
    relay = await relayTo(deployment.origin)
    reached = { ...deployment, origin: new URL(relay.url).origin }
    browser = await openBrowser()
    await newPerson(deployment, 'root', { role: 'admin' })
  })
  afterEach(() => relay.release())
  after(async () => {
    await browser.close()
    relay.close()
    await deployment.close()
  })

  const labelled = async (label: string) =>
    (await deployment.ask('listTokens', { as: deployment.root, query: { q: label } })).body.data

  async function signInAgain(page: Page, username: string): Promise<void> {
    await page.getByText(sessionOver).waitFor()
    await page.getByLabel('User name').fill(username)
    await page.getByLabel('Password').fill(goodPassword)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText(sessionOver).waitFor({ state: 'detached' })
  }

  /** As by signing out everywhere on another browser. */
  async function endSessions(page: Page): Promise<void> {
    const [cookie] = await page.context().cookies()
    const said = { cookie: `${cookie!.name}=${cookie!.value}`, query: { everywhere: 'true' } }
    assert.equal((await deployment.ask('signOut', said)).status, 204)
  }

  test('every page says that the server is away, keeps what it shows, and goes on by itself', async () => {
    const id = await newPerson(deployment, 'ada')
    const project = await deployment.ask('createProject', {
      as: deployment.root,
      body: { name: 'Imaging', owner_id: id },
    })
    const token = await deployment.ask('createToken', { as: deployment.root, body: { account_id: id, label: 'shown' } })
    const { page: first } = await openConsole(browser, reached, 'root', '/console/tokens')
    const shown: [Page, string][] = [[first, 'No tokens yet']]
    for (const [path, text] of [
      ['/tokens/new', 'What it is for'],
      [`/tokens/${token.body.id}`, 'What happened'],
      ['/projects', 'Imaging'],
      [`/projects/${project.body.id}`, 'Members'],
      ['/accounts', 'ada'],
      [`/accounts/${id}`, 'Account id'],
      ['/all-tokens', 'shown'],
      ['/overview', 'Expiring within a week'],
      ['/audit', 'What shows that nobody altered it'],
      ['/settings', 'Master keys'],
      ['/profile', 'About you'],
    ] as const) {
      const page = await first.context().newPage()
      await page.goto(`${reached.origin}/console${path}`)
      shown.push([page, text])
    }
    const are = (what: (page: Page, text: string) => Promise<unknown>) =>
      Promise.all(shown.map(([page, text]) => what(page, text)))
    await are((page, text) => page.getByText(text).first().waitFor())
    relay.cut()
    await are((page) => page.getByText(offline).waitFor())
    await are((page, text) => page.getByText(text).first().waitFor())
    for (const [page] of shown) assert.equal(await page.getByRole('alert').count(), 0, page.url())
    await picture(first, 'offline')
    relay.release()
    await are((page) => page.getByText(offline).waitFor({ state: 'detached' }))
    await are((page, text) => page.getByText(text).first().waitFor())
    for (const [page] of shown) assert.equal(await page.getByRole('alert').count(), 0, page.url())
    await first.context().close()
  })

  test('a form that is half filled is kept while the server is away, and then makes one token', async () => {
    await newPerson(deployment, 'bea')
    const { page } = await openConsole(browser, reached, 'bea', '/console/tokens/new')
    await page.getByLabel('Label').fill('kept while away')
    await page.getByText('90 days').click()
    relay.cut()
    await page.getByRole('button', { name: 'Create the token' }).click()
    await page.getByText(offline).waitFor()
    await page.getByRole('alert').waitFor()
    assert.equal(await page.getByLabel('Label').inputValue(), 'kept while away')
    relay.release()
    await page.getByText(offline).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Create the token' }).click()
    await page.getByText('kept while away is made').waitFor()
    const [made, ...more] = await labelled('kept while away')
    assert.deepEqual(more, [])
    assert.equal(Date.parse(made!.expires_at!) - Date.parse(made!.created_at), 90 * 86_400_000)
    await page.context().close()
  })

  test('a page that is first gone to while the server is away comes when it is back', async () => {
    await newPerson(deployment, 'cleo')
    const { page } = await openConsole(browser, reached, 'cleo')
    await page.getByText('No tokens yet').waitFor()
    relay.cut()
    await page.getByRole('link', { name: 'Projects' }).click()
    await page.getByText('One moment').waitFor()
    relay.release()
    await page.getByText('You belong to no project yet.').waitFor()
    await page.context().close()
  })

  test('a program that is gone although the server answers is said so, with the way on', async () => {
    await newPerson(deployment, 'dora')
    const { page } = await openConsole(browser, reached, 'dora')
    await page.getByText('No tokens yet').waitFor()
    // As after an upgrade, which has other files.
    await page.route(/projects-page.*\.js$/, (route) => route.fulfill({ status: 404, body: '' }))
    await page.getByRole('link', { name: 'Projects' }).click()
    await page.getByText('This page cannot be shown.').waitFor()
    await picture(page, 'broken')
    await page.getByRole('link', { name: 'dora' }).click()
    await page.getByText('About you').waitFor()
    await page.context().close()
  })

  test('whose session ends meanwhile signs in and goes on, with the form as it was', async () => {
    await newPerson(deployment, 'emil')
    const { page } = await openConsole(browser, reached, 'emil', '/console/tokens/new?expires=30d')
    await page.getByLabel('Label').fill('kept for emil')
    await page.getByText('Limits: addresses').click()
    await page.getByLabel('Only from these addresses').fill('192.0.2.7')
    await endSessions(page)
    await page.getByRole('button', { name: 'Create the token' }).click()
    await page.getByText(sessionOver).waitFor()
    await picture(page, 'session-over')
    assert.ok(await page.getByLabel('Label').isHidden())
    await signInAgain(page, 'emil')
    assert.equal(await page.getByLabel('Label').inputValue(), 'kept for emil')
    assert.equal(await page.title(), 'Create a token · Chatelaine')
    await page.getByRole('button', { name: 'Create the token' }).click()
    await page.getByText('kept for emil is made').waitFor()
    const [made, ...more] = await labelled('kept for emil')
    assert.deepEqual([made?.allowed_ips, more], [['192.0.2.7'], []])
    await page.context().close()
  })

  test('also when the session ends for a night', async () => {
    await newPerson(deployment, 'gina')
    const { page } = await openConsole(browser, reached, 'gina')
    await page.clock.install()
    await page.getByRole('link', { name: 'Create your first token' }).click()
    await page.getByLabel('Label').fill('kept over night')
    await endSessions(page)
    await page.clock.fastForward('00:16')
    await page.getByText(sessionOver).waitFor()
    await page.clock.fastForward('09:00:00')
    await signInAgain(page, 'gina')
    assert.equal(await page.getByLabel('Label').inputValue(), 'kept over night')
    await page.context().close()
  })

  test('also when a question is open', async () => {
    const id = await newPerson(deployment, 'hans')
    await deployment.ask('createToken', { as: deployment.root, body: { account_id: id, label: 'asked about' } })
    const { page } = await openConsole(browser, reached, 'hans')
    await page.getByRole('button', { name: 'Delete asked about' }).click()
    const question = page.getByRole('alertdialog')
    await question.waitFor()
    await endSessions(page)
    await question.getByRole('button', { name: 'Delete' }).click()
    await signInAgain(page, 'hans')
    await page.getByText('asked about').first().waitFor()
    await page.context().close()
  })

  test('who signs in as somebody else sees nothing of what was filled in', async () => {
    await newPerson(deployment, 'ida')
    await newPerson(deployment, 'jan')
    const { page } = await openConsole(browser, reached, 'ida', '/console/tokens/new')
    await page.getByLabel('Label').fill('of ida alone')
    await endSessions(page)
    await page.getByRole('button', { name: 'Create the token' }).click()
    await signInAgain(page, 'jan')
    await page.getByRole('link', { name: 'jan' }).waitFor()
    assert.equal(await page.getByLabel('Label').inputValue(), '')
    assert.ok(!(await page.content()).includes('of ida alone'))
    await page.context().close()
  })
})
