import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { routes } from '@chatelaine/api'
import type { Browser } from 'playwright-core'
import { openDeployment, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser, watchedPage } from './browser.ts'

describe('the API reference in a browser', { skip: noBrowser }, () => {
  let deployment: Deployment
  let browser: Browser

  before(async () => {
    deployment = await openDeployment()
    browser = await openBrowser()
  })
  after(async () => {
    await browser.close()
    await deployment.close()
  })

  test('draws every route, asks nobody but the server, and keeps to its policy', async () => {
    const { page, outside, complaints } = await watchedPage(browser, deployment.origin)
    await page.goto(`${deployment.origin}/docs`)
    const createToken = page.getByRole('button', { name: 'post /api/v1/tokens', exact: true })
    await createToken.click()
    await page.getByText(routes.createToken.description).waitFor()
    assert.equal(await page.locator('.opblock').count(), Object.keys(routes).length)
    assert.deepEqual(outside, [])
    assert.deepEqual(complaints, [])
    await page.close()
  })

  test('tries a request out with a token, and is answered', async () => {
    const { page, outside, complaints } = await watchedPage(browser, deployment.origin)
    await page.goto(`${deployment.origin}/docs#/tokens/getOwnToken`)
    await page.getByRole('button', { name: 'Authorize' }).click()
    await page.getByLabel('auth-bearer-value').fill(deployment.root)
    await page.getByRole('button', { name: 'Apply credentials' }).first().click()
    await page.getByRole('button', { name: 'Close' }).first().click()
    await page.getByRole('button', { name: 'Try it out' }).click()
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/v1/tokens/self'))
    await page.getByRole('button', { name: 'Execute' }).click()
    assert.equal((await answered).status(), 200)
    await page.locator('.live-responses-table').getByText('"kind"').waitFor()
    assert.deepEqual([outside, complaints], [[], []])
    await page.close()
  })
})
