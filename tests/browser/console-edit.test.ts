import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { openDeployment, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole, picture } from './console.ts'

const dayMs = 86_400_000

describe('changing a token in the console', { skip: noBrowser }, () => {
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

  const make = async (body: object) =>
    (await deployment.ask('createToken', { as: deployment.root, body: { label: 'build', ...body } })).body
  const read = async (id: string) => (await deployment.ask('getToken', { as: deployment.root, params: { id } })).body

  test('gives it another end and a rate, and leaves what was not touched', async () => {
    const account_id = await newPerson(deployment, 'ada')
    const made = await make({ account_id, scopes: ['reports:read'], allowed_ips: ['192.0.2.7'] })
    const { page } = await openConsole(browser, deployment, 'ada', `/console/tokens/${made.id}`)
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Label').and(page.locator(':focus')).waitFor()
    await page.getByLabel('At most so many uses').fill('10')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('10 uses in 60 seconds').waitFor()
    const rated = await read(made.id)
    assert.deepEqual(
      [rated.label, rated.expires_at, rated.scopes, rated.allowed_ips, rated.rate_limit],
      [made.label, made.expires_at, made.scopes, made.allowed_ips, { limit: 10, window_seconds: 60 }],
    )
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByText('30 days', { exact: true }).click()
    await picture(page, 'edit')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('in 29 days').waitFor()
    const left = Date.parse((await read(made.id)).expires_at!) - Date.now()
    assert.ok(left > 29 * dayMs && left <= 30 * dayMs)
    await page.context().close()
  })

  test('says why it is not let live longer than policy has it meanwhile', async () => {
    const account_id = await newPerson(deployment, 'bea')
    const made = await make({ account_id })
    const { page } = await openConsole(browser, deployment, 'bea', `/console/tokens/${made.id}`)
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByText('90 days', { exact: true }).click()
    const { body } = await deployment.ask('getSettings', { as: deployment.root })
    const policy = { ...body.policy, longest_lifetime_seconds: 14 * 86_400 }
    await deployment.ask('replaceSettings', { as: deployment.root, body: { policy } })
    await page.getByRole('button', { name: 'Save' }).click()
    assert.match(await page.getByRole('alert').innerText(), /Tokens may live for .* here/)
    assert.equal((await read(made.id)).expires_at, made.expires_at)
    await page.context().close()
  })
})
