import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { openDeployment, secretOf, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole, picture } from './console.ts'

describe('what the console tells of verifications', { skip: noBrowser }, () => {
  let deployment: Deployment
  let browser: Browser
  let page: Page
  let complaints: string[]
  let account: string

  before(async () => {
    deployment = await openDeployment()
    browser = await openBrowser()
    account = await newPerson(deployment, 'ada', { role: 'admin' })
    ;({ page, complaints } = await openConsole(browser, deployment, 'ada', '/console/overview'))
  })
  after(async () => {
    await browser.close()
    await deployment.close()
  })

  test('whoever looks at a new deployment is led to its first verification, and not any more once there was one', async () => {
    await page.getByRole('heading', { name: 'First steps' }).waitFor()
    await page.getByText('No token lies idle so long.').waitFor()
    await picture(page, 'overview-new')
    await page.getByRole('link', { name: 'Name what tokens may do' }).click()
    await page.getByRole('heading', { name: 'Scopes of the platform' }).waitFor()
    const laptop = await make({ label: 'laptop', scopes: ['reports:read'] })
    await verify(laptop, { scopes: ['reports:read'] })
    await verify(laptop, { scopes: ['reports:write'] })
    await verify(laptop, { scopes: ['reports:write'] })
    await verify('no token at all')
    await overviewShows('It lacks a scope that was asked for')
    await page.getByRole('link', { name: 'laptop' }).waitFor()
    await page.getByRole('heading', { name: 'First steps' }).waitFor({ state: 'detached' })
  })

  test('refusals are told in words beside their codes, the most frequent first', async () => {
    await overviewShows('What was presented is no token')
    const rows = await page
      .locator('section', { hasText: 'Refused, by reason' })
      .last()
      .getByRole('listitem')
      .allInnerTexts()
    assert.deepEqual(
      rows.map((row) => row.split(/\s*\n\s*/).filter((part) => part !== '')),
      [
        ['It lacks a scope that was asked for', 'insufficient_scope', '2'],
        ['What was presented is no token, or one with a typing error', 'malformed', '1'],
      ],
    )
  })

  test('the tokens that are used most stand with their owners, who are a click away', async () => {
    const row = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'laptop' }) })
    assert.match(await row.innerText(), /laptop\s+ada\s+3/)
    await row.getByRole('link', { name: 'ada' }).click()
    await page.getByRole('heading', { level: 1, name: 'ada' }).waitFor()
    await page.goBack()
  })

  test('each step of the chart is read by pointing at it, with the arrow keys, and in a table', async () => {
    await overviewShows('laptop')
    const chart = page.getByRole('figure')
    const steps = chart.getByRole('slider')
    await steps.focus()
    const last = await steps.getAttribute('aria-valuetext')
    assert.match(last ?? '', /^.+ UTC\): \d+ accepted, 3 refused$/)
    await chart.locator('figcaption').getByText(last!).waitFor()
    await page.keyboard.press('ArrowLeft')
    assert.match((await steps.getAttribute('aria-valuetext')) ?? '', /: 0 accepted, 0 refused$/)
    await page.keyboard.press('Home')
    await chart
      .locator('figcaption')
      .getByText(/: 0 accepted, 0 refused$/)
      .waitFor()
    await steps.blur()
    await chart
      .locator('figcaption')
      .getByText(/^\d+ verifications in this time/)
      .waitFor()
    const plot = (await steps.boundingBox())!
    await page.mouse.move(plot.x + plot.width - 3, plot.y + 5)
    await chart
      .locator('figcaption')
      .getByText(/: \d+ accepted, 3 refused$/)
      .waitFor()
    await chart.getByText('Show as a table').click()
    const rows = chart.getByRole('table').getByRole('row')
    assert.equal(await rows.count(), 25)
    assert.match(await rows.nth(1).innerText(), /UTC\)\s+\d+\s+3$/)
    assert.deepEqual(complaints, [])
  })

  test('the axis names a few steps, which do not touch each other on a telephone', async () => {
    await page.setViewportSize({ width: 360, height: 900 })
    for (const span of ['Last 24 hours', 'Last 30 days']) {
      await page.getByText(span).click()
      await page
        .locator('figure tbody tr')
        .nth(span === 'Last 30 days' ? 29 : 23)
        .waitFor({ state: 'attached' })
      const places = await Promise.all((await page.locator('figure text').all()).map((name) => name.boundingBox()))
      const edges = places.map((place) => ({ left: place!.x, right: place!.x + place!.width }))
      assert.ok(edges.length >= 4 && edges.length <= 6, `${span}: ${edges.length} steps are named`)
      for (const [index, { left, right }] of edges.entries()) {
        assert.ok(left >= (edges[index - 1]?.right ?? -4) + 4, `${span}: the name ${index} touches what is before it`)
        assert.ok(right <= 360, `${span}: the name ${index} is cut off`)
      }
    }
    await page.setViewportSize({ width: 1280, height: 900 })
  })

  async function make(body: object): Promise<string> {
    return secretOf(
      await deployment.ask('createToken', { as: deployment.root, body: { account_id: account, ...body } }),
    )
  }

  async function verify(token: string, more: object = {}): Promise<void> {
    await deployment.ask('verifyToken', { as: deployment.root, body: { token, ...more } })
  }

  /** What was counted is written each second, and asked for again by a page that stands open. */
  async function overviewShows(words: string): Promise<void> {
    await page.goto(`${deployment.origin}/console/overview`)
    await page.getByText(words).first().waitFor()
  }
})
