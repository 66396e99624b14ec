import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { openDeployment, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole } from './console.ts'

/** What a page asks the server for, but for who is signed in. */
const asked = /\/api\/v1\/(?!session)/

/** Presses what is there to try again, one that failed perhaps before another; true once nothing has failed or waits. */
const tryAgain = `(() => {
  const main = document.querySelector('main')
  const buttons = main.querySelectorAll('[role=alert] button')
  for (const button of buttons) button.click()
  return buttons.length === 0 && !main.textContent.includes('One moment…')
})()`
describe('every page of the console that asks the server', { skip: noBrowser }, () => {
  let deployment: Deployment
  let browser: Browser
  let page: Page
  const paths: Record<string, string> = {}

  before(async () => {
    deployment = await openDeployment()
    browser = await openBrowser()
    const id = await newPerson(deployment, 'root', { role: 'admin', name: 'Root' })
    const as = deployment.root
    const token = await deployment.ask('createToken', { as, body: { account_id: id, label: 'ci' } })
    const project = await deployment.ask('createProject', { as, body: { name: 'Atlas', owner_id: id } })
    Object.assign(paths, {
      tokens: 'tokens',
      create: 'tokens/new',
      token: `tokens/${token.body.id}`,
      projects: 'projects',
      project: `projects/${project.body.id}`,
      accounts: 'accounts',
      account: `accounts/${id}`,
      'all-tokens': 'all-tokens',
      overview: 'overview',
      audit: 'audit',
      settings: 'settings',
    })
    page = (await openConsole(browser, deployment, 'root')).page
  })
  after(async () => {
    await browser.close()
    await deployment.close()
  })

  const waiting = () => page.getByRole('main').getByText('One moment…')

  const names = ['tokens', 'create', 'token', 'projects', 'project', 'accounts', 'account', 'all-tokens', 'overview']
  for (const name of [...names, 'audit', 'settings']) {
    test(`${name} says that it waits, what went wrong, and then what there is`, async () => {
      const answer = Promise.withResolvers<void>()
      await page.route(asked, async (route) => {
        await answer.promise
        const body = { type: '/docs/errors/internal', title: 'Broken', status: 500, detail: 'Something broke here.' }
        await route.fulfill({ status: 500, contentType: 'application/problem+json', json: body })
      })
      await page.goto(`${deployment.origin}/console/${paths[name]!}`)
      await waiting().first().waitFor()
      assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1)
      answer.resolve()
      const faults = page.getByRole('main').getByRole('alert').filter({ hasText: 'Something broke here.' })
      await faults.first().waitFor()
      await page.unroute(asked)
      while (!(await page.evaluate<boolean>(tryAgain)));
      assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1)
      assert.equal(await page.getByRole('alert').count(), 0)
    })
  }

  test('says that there is nothing where a token, a project or an account is not', async () => {
    for (const path of [
      'tokens/tok_0123456789abcdef',
      'projects/prj_0123456789abcdef',
      'accounts/acc_0123456789abcdef',
    ]) {
      await page.goto(`${deployment.origin}/console/${path}`)
      await page.getByRole('main').getByRole('alert').waitFor()
      assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1)
    }
  })

  test('is arrived at with its heading in focus, and begins with a way past the sections', async () => {
    const { page: own } = await openConsole(browser, deployment, 'root')
    const focused = (name: string) => own.getByRole('heading', { level: 1, name }).and(own.locator(':focus'))
    await focused('API tokens').waitFor()
    for (const section of ['Projects', 'Audit log', 'API tokens']) {
      await own.getByRole('link', { name: section, exact: true }).click()
      await focused(section).waitFor()
      assert.match(await own.title(), new RegExp(`^${section} `))
    }
    await own.getByRole('link', { name: 'ci', exact: true }).click()
    await focused('ci').waitFor()
    await own.reload()
    await own.getByRole('heading', { level: 1, name: 'ci' }).waitFor()
    await own.keyboard.press('Tab')
    await own.getByRole('link', { name: 'Skip to the content' }).and(own.locator(':focus')).waitFor()
    await own.keyboard.press('Enter')
    await own.keyboard.press('Tab')
    await own.getByRole('button', { name: 'Edit' }).and(own.locator(':focus')).waitFor()
    await own.context().close()
  })
})
