import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { changePolicy, defaultPolicy, issueToken, operatorCaller } from '@chatelaine/core'
import type { Browser } from 'playwright-core'
import { openDeployment, secretOf, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole, picture } from './console.ts'

/** Three batches and a part of one. */
const tokenCount = 1_600

describe('the end of many tokens in the console', { skip: noBrowser }, () => {
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

  test('says how far it has come, is stopped half way, and goes on from there', async () => {
    const accountId = (await newPerson(deployment, 'ada')) as `acc_${string}`
    const { ports } = deployment.service
    await changePolicy(ports, operatorCaller, { ...defaultPolicy, tokensPerOwnerMax: tokenCount })
    const labels = Array.from({ length: tokenCount }, (_, index) => `ci ${index}`)
    await Promise.all(labels.map((label) => issueToken(ports, operatorCaller, { accountId, label, origin: 'api' })))
    const left = async () => {
      const query = { q: 'ci ', dry_run: 'true' }
      return (await deployment.ask('revokeTokens', { as: deployment.root, query })).body.remaining
    }

    const { page } = await openConsole(browser, deployment, 'root', '/console/all-tokens')
    // The second batch waits until the person has pressed Stop, so that it is the last.
    const stopped = Promise.withResolvers<void>()
    let batches = 0
    await page.route(/\/api\/v1\/tokens\?(?!.*dry_run)/, async (route) => {
      if (route.request().method() === 'DELETE' && (batches += 1) === 2) await stopped.promise
      await route.continue()
    })
    await page.getByRole('button', { name: 'Delete many' }).click()
    await page.getByLabel('Label or start contains').fill('ci ')
    await page.getByRole('button', { name: 'Delete 1,600 tokens' }).click()
    const question = page.getByRole('alertdialog')
    await question.getByText('1,600 tokens would end, everywhere and for good.').waitFor()
    await question.getByRole('button', { name: 'Delete 1,600 tokens' }).click()
    await question.getByRole('status').getByText('500 of 1,600 tokens deleted').waitFor()
    assert.equal(await question.getByRole('progressbar').getAttribute('value'), '500')
    await picture(page, 'delete-many-progress')
    await question.getByRole('button', { name: 'Stop' }).click()
    stopped.resolve()
    await page.locator(':focus').getByText('1,000 tokens deleted. 600 are left.').waitFor()
    assert.equal(await left(), 600)

    await page.getByRole('button', { name: 'Delete 600 tokens' }).click()
    await question.getByRole('button', { name: 'Delete 600 tokens' }).click()
    await page.locator(':focus').getByText('600 tokens deleted.').waitFor()
    assert.equal(await left(), 0)
    await page.context().close()
  })

  test('begins where a card of the overview leads', async () => {
    const account_id = await newPerson(deployment, 'bea')
    const make = (label: string) => deployment.ask('createToken', { as: deployment.root, body: { account_id, label } })
    const used = await make('used')
    await make('forgotten')
    assert.equal((await deployment.ask('getOwnToken', { as: secretOf(used) })).status, 200)
    const { page } = await openConsole(browser, deployment, 'root', '/console/overview')
    await page.getByRole('link', { name: 'See which, and delete those that nobody needs' }).click()
    await page.getByRole('link', { name: 'forgotten' }).waitFor()
    await page.getByRole('button', { name: 'Delete many' }).click()
    await page.getByRole('button', { name: 'Delete 1 token', exact: true }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete 1 token' }).click()
    await page.getByText('1 token deleted.').waitFor()
    const { body } = await deployment.ask('listTokens', { as: deployment.root, query: { account_id } })
    assert.deepEqual(
      body.data.map(({ label }) => label),
      ['used'],
    )
    await page.context().close()
  })
})
