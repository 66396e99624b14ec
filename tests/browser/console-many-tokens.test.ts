import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { changePolicy, defaultPolicy, issueToken, operatorCaller } from '@chatelaine/core'
import type { Browser } from 'playwright-core'
import { openDeployment, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole } from './console.ts'

const tokenCount = 10_000
const atOnce = 500
/** Loose, since a machine that is busy with other tests is slower than a person's. */
const firstRowsMsMax = 5_000
const longTaskMsMax = 1_000

describe('the console of somebody with 10 000 tokens', { skip: noBrowser }, () => {
  let deployment: Deployment
  let browser: Browser

  before(async () => {
    deployment = await openDeployment()
    browser = await openBrowser()
    const accountId = (await newPerson(deployment, 'ada')) as `acc_${string}`
    const { ports } = deployment.service
    await changePolicy(ports, operatorCaller, { ...defaultPolicy, tokensPerOwnerMax: tokenCount })
    for (let made = 0; made < tokenCount; made += atOnce) {
      const labels = Array.from({ length: atOnce }, (_, index) => `token ${made + index}`)
      await Promise.all(labels.map((label) => issueToken(ports, operatorCaller, { accountId, label, origin: 'api' })))
    }
  })
  after(async () => {
    await browser.close()
    await deployment.close()
  })

  test('shows the first rows at once, and scrolls to more without standing still', async (t) => {
    const { page } = await openConsole(browser, deployment, 'ada')
    await page.addInitScript(
      'globalThis.longest = 0; new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration) }).observe({ type: "longtask", buffered: true })',
    )
    const answered = page.waitForResponse((response) => response.url().includes('/api/v1/tokens?'))
    await page.reload()
    await answered
    const beganMs = performance.now()
    await page
      .getByRole('link', { name: /^token \d+$/ })
      .first()
      .waitFor()
    const firstRowsMs = performance.now() - beganMs
    for (let turns = 0; turns < 40; turns += 1) await page.mouse.wheel(0, 3_000)
    await page.waitForLoadState('networkidle')
    const shown = await page.getByRole('link', { name: /^token \d+$/ }).count()
    const lowest = await page
      .getByRole('link', { name: /^token \d+$/ })
      .last()
      .textContent()
    const longestMs = await page.evaluate<number>('globalThis.longest')
    t.diagnostic(
      `first rows ${Math.round(firstRowsMs)} ms after their data; longest task ${Math.round(longestMs)} ms; ${shown} rows drawn`,
    )
    assert.ok(firstRowsMs < firstRowsMsMax && longestMs < longTaskMsMax)
    assert.ok(Number(lowest!.split(' ')[1]) < tokenCount - 60, `scrolling came only to ${lowest}`)
    assert.ok(shown > 0 && shown < 1_000, 'rows that nobody sees are not drawn')
    await page.context().close()
  })
})
