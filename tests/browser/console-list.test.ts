import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { openDeployment, secretOf, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole, picture } from './console.ts'

const daySeconds = 86_400

describe('the list of tokens in the console', { skip: noBrowser }, () => {
  let deployment: Deployment
  let browser: Browser

  before(async () => {
    deployment = await openDeployment()
    browser = await openBrowser()
    const scopes = [{ name: 'reports:read', group: 'Reports', description: 'Read reports' }]
    await deployment.ask('replaceScopes', { as: deployment.root, body: { scopes } })
  })
  after(async () => {
    await browser.close()
    await deployment.close()
  })

  const make = (body: object) => deployment.ask('createToken', { as: deployment.root, body })
  const revoke = (id: string) => deployment.ask('revokeToken', { as: deployment.root, params: { id } })
  const row = (page: Page, name: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name }) })

  test('says of each token what it is, when it ends and who used it', async () => {
    const account_id = await newPerson(deployment, 'ada')
    const used = await make({ account_id, label: 'used', lifetime_seconds: 30 * daySeconds })
    await deployment.ask('verifyToken', {
      as: deployment.root,
      body: { token: secretOf(used), client_ip: '203.0.113.7', user_agent: 'python-requests' },
    })
    await make({ account_id, label: 'soon', lifetime_seconds: 6 * daySeconds + 60, scopes: ['reports:read'] })
    const { id } = (await make({ account_id, label: 'resting', permanent: true })).body
    await deployment.ask('updateToken', { as: deployment.root, params: { id }, body: { is_active: false } })
    const { page, complaints } = await openConsole(browser, deployment, 'ada')
    await row(page, 'used').getByText('from 203.0.113.7, python-requests').waitFor()
    await row(page, 'soon').getByText('Read reports').waitFor()
    assert.match(await row(page, 'used').innerText(), /Your account\s+Everything you can do.*in 29 days/s)
    assert.match(await row(page, 'soon').innerText(), /Read reports.*in 6 days\s*soon\s*Never used/s)
    assert.match(await row(page, 'resting').innerText(), /Suspended\s*Never/)
    const exactly = await row(page, 'soon').getByText('in 6 days').getAttribute('title')
    assert.match(exactly!, /20\d\d, .*\(.* UTC\)/)
    assert.equal(await row(page, 'soon').locator('td').last().getByRole('button', { name: 'Delete soon' }).count(), 1)
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test('never hides the ended ones silently: it says that there are some, and shows them', async () => {
    const account_id = await newPerson(deployment, 'bea')
    await revoke((await make({ account_id, label: 'old' })).body.id)
    const { page } = await openConsole(browser, deployment, 'bea')
    await page.getByRole('heading', { name: 'No token is good any more' }).waitFor()
    await picture(page, 'list-ended')
    await page.getByRole('button', { name: 'Show expired and revoked ones' }).click()
    await row(page, 'old').getByText('Revoked').waitFor()
    await page.goto(`${deployment.origin}/console/tokens?q=old`)
    await page.getByText('Only expired or revoked ones fit.').waitFor()
    await page.context().close()
  })

  test('is found again as it was by the way back, and by its address', async () => {
    const account_id = await newPerson(deployment, 'cleo')
    for (const label of ['ci 2', 'ci 1', 'laptop']) await make({ account_id, label })
    const { page } = await openConsole(browser, deployment, 'cleo')
    await page.getByLabel('Search').fill('ci')
    await page.getByLabel('Sort by').selectOption('Label')
    const isAsLeft = async () => {
      await row(page, 'laptop').waitFor({ state: 'detached' })
      await row(page, 'ci 2').waitFor()
      assert.deepEqual(await page.getByRole('link', { name: /^ci/ }).allTextContents(), ['ci 1', 'ci 2'])
      assert.equal(await page.getByLabel('Search').inputValue(), 'ci')
    }
    await isAsLeft()
    await page.getByRole('link', { name: 'ci 1' }).click()
    await page.getByRole('heading', { name: 'ci 1' }).waitFor()
    await page.goBack()
    await isAsLeft()
    await page.reload()
    await isAsLeft()
    await page.getByRole('link', { name: 'API tokens' }).click()
    await row(page, 'laptop').waitFor()
    assert.equal(await page.getByLabel('Search').inputValue(), '')
    await page.context().close()
  })

  test('is narrowed to what deserves a look, and says so in its address', async () => {
    const account_id = await newPerson(deployment, 'cora')
    await make({ account_id, label: 'lasting', permanent: true })
    await make({ account_id, label: 'ending', lifetime_seconds: 3 * daySeconds })
    const used = await make({ account_id, label: 'used', lifetime_seconds: 30 * daySeconds })
    await deployment.ask('verifyToken', { as: deployment.root, body: { token: secretOf(used) } })
    const { page } = await openConsole(browser, deployment, 'cora')
    for (const [condition, labels] of [
      ['Expiring within a week', ['ending']],
      ['Never used', ['ending', 'lasting']],
      ['Permanent', ['lasting']],
      ['All', ['used', 'ending', 'lasting']],
    ] as const) {
      await page.getByLabel('Filter').selectOption(condition)
      for (const label of ['used', 'ending', 'lasting'] as const) {
        await row(page, label).waitFor({ state: labels.some((one) => one === label) ? 'visible' : 'detached' })
      }
    }
    await page.getByLabel('Filter').selectOption('Unused for 90 days')
    await page.getByText('No token fits what you are looking for.').waitFor()
    await page.reload()
    await page.getByText('No token fits what you are looking for.').waitFor()
    assert.equal(await page.getByLabel('Filter').inputValue(), 'unused')
    await page.context().close()
  })

  test('recognises a token in whatever it was pasted with, wherever it belongs, and sends nothing of its secret', async () => {
    const account_id = await newPerson(deployment, 'dora')
    const project = await deployment.ask('createProject', {
      as: deployment.root,
      body: { name: 'Atlas', owner_id: account_id },
    })
    const ofProject = await make({ kind: 'project', project_id: project.body.id, label: 'atlas build' })
    const ended = await make({ account_id, label: 'ended' })
    await revoke(ended.body.id)
    const { page } = await openConsole(browser, deployment, 'dora')
    const sent: string[] = []
    page.on('request', (request) => sent.push(request.url() + (request.postData() ?? '')))
    page.on('framenavigated', (frame) => sent.push(frame.url()))
    await page.getByRole('link', { name: 'API tokens' }).click()
    const search = page.getByLabel('Search')
    if ((await search.count()) === 0) await page.getByRole('button', { name: 'Show expired and revoked ones' }).click()
    for (const [pasted, said] of [
      [`Authorization: Bearer ${secretOf(ended)}`, /not sent\. Revoked: ended/],
      [`CHATELAINE_TOKEN="${secretOf(ofProject)}"`, /not sent\. Active: atlas build/],
      [secretOf(ofProject).slice(0, -1), /not sent\. Active: atlas build/],
      [secretOf(ended).replace(/_acc_.{16}/, '_acc_0123456789abcdef'), /none of those that you may see/],
    ] as const) {
      await search.fill(pasted)
      await page.getByText(said).waitFor()
      assert.ok(!page.url().includes(pasted.slice(-12)))
    }
    await search.fill(secretOf(ofProject).slice(-38))
    await page.getByText('This may be a secret, so it was not sent.').waitFor()
    await search.fill(ofProject.body.start)
    await page.getByText('A token of a project of yours: atlas build').waitFor()
    const secrets = [ended, ofProject].map((one) => secretOf(one).slice(30, 40))
    assert.ok(sent.length > 5 && !sent.some((text) => secrets.some((secret) => text.includes(secret))))
    await page.context().close()
  })

  test('says that a token has ended where the focus then is, and has no row of it', async () => {
    const account_id = await newPerson(deployment, 'emil')
    for (const label of ['kept', 'twin', 'twin']) await make({ account_id, label })
    const { page } = await openConsole(browser, deployment, 'emil')
    for (let left = 1; left >= 0; left -= 1) {
      await page.getByRole('button', { name: 'Delete twin' }).first().click()
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('alertdialog').waitFor({ state: 'detached' })
      await page.getByText('twin is deleted. Nothing accepts it any more.').waitFor()
      await page.locator(':focus').filter({ hasText: 'twin is deleted' }).waitFor()
      assert.equal(await row(page, 'twin').count(), left)
    }
    await page.context().close()
  })

  test("names somebody else's account and project to an administrator", async () => {
    await newPerson(deployment, 'root', { role: 'admin' })
    const account_id = await newPerson(deployment, 'fritz')
    const project = await deployment.ask('createProject', {
      as: deployment.root,
      body: { name: 'Borealis', owner_id: account_id },
    })
    await make({ account_id, label: 'of fritz' })
    await make({ kind: 'project', project_id: project.body.id, label: 'of borealis' })
    const { page } = await openConsole(browser, deployment, 'root', '/console/all-tokens')
    await row(page, 'of fritz').getByRole('link', { name: 'fritz', exact: true }).waitFor()
    await row(page, 'of borealis').getByRole('link', { name: 'Borealis', exact: true }).waitFor()
    assert.match(await row(page, 'of fritz').innerText(), /Everything there/)
    await picture(page, 'list-of-all')
    await page.setViewportSize({ width: 360, height: 740 })
    await picture(page, 'list-of-all-narrow')
    await page.getByRole('link', { name: 'of fritz' }).click()
    await page.getByRole('heading', { name: 'of fritz' }).waitFor()
    await page.getByRole('main').getByRole('link', { name: 'fritz', exact: true }).waitFor()
    await page.context().close()
  })

  test('is narrowed to one kind by an administrator, manager tokens among them', async () => {
    await newPerson(deployment, 'ruth', { role: 'admin' })
    const account_id = await newPerson(deployment, 'gerd')
    await make({ account_id, label: 'of gerd' })
    const { page } = await openConsole(browser, deployment, 'ruth', '/console/all-tokens')
    await row(page, 'of gerd').waitFor()
    await page.getByLabel('Kind').selectOption('Manager')
    await row(page, 'of gerd').waitFor({ state: 'detached' })
    await row(page, 'bootstrap').waitFor()
    await page.context().close()
  })
})
