import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { openDeployment, secretOf, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole, picture } from './console.ts'

describe("a token's page", { skip: noBrowser }, () => {
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

  async function newToken(username: string) {
    const accountId = await newPerson(deployment, username)
    const body = { account_id: accountId, label: 'build', lifetime_seconds: 86_400 * 30 }
    const made = await deployment.ask('createToken', { as: deployment.root, body })
    return { id: made.body.id, secret: secretOf(made) }
  }
  const statusOf = async (token: string) => (await deployment.ask('getOwnToken', { as: token })).status

  test('changes its label and addresses, and names the address that is none', async () => {
    const { id } = await newToken('ada')
    const { page, complaints } = await openConsole(browser, deployment, 'ada', `/console/tokens/${id}`)
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Label').fill('nightly build')
    await page.getByLabel('Only from these addresses').fill('nonsense')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Only from these addresses').fill('192.0.2.7/24')
    complaints.splice(0)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'nightly build' }).waitFor()
    await page.getByText('192.0.2.0/24').waitFor()
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test('suspends it at once, and resumes it', async () => {
    const { id, secret } = await newToken('bea')
    const { page } = await openConsole(browser, deployment, 'bea', `/console/tokens/${id}`)
    const confirm = (name: string) => page.getByRole('alertdialog').getByRole('button', { name }).click()
    await page.getByRole('button', { name: 'Suspend' }).click()
    await confirm('Suspend')
    await page.getByText('Suspended: nothing accepts it').waitFor()
    assert.equal(await statusOf(secret), 401)
    await page.getByRole('button', { name: 'Resume' }).click()
    await confirm('Resume')
    await page.getByRole('button', { name: 'Suspend' }).waitFor()
    assert.equal(await statusOf(secret), 200)
    await page.context().close()
  })

  test('rotates it, shows both secrets, and says what deleting it would break', async () => {
    const { id, secret } = await newToken('cleo')
    const { page } = await openConsole(browser, deployment, 'cleo', `/console/tokens/${id}`)
    await page.getByRole('button', { name: 'Rotate' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Rotate' }).click()
    const renewed = (await page.getByLabel('The token', { exact: true }).textContent())!
    await page.getByRole('button', { name: 'I have stored it' }).click()
    await page.getByText('New secret: not used yet').waitFor()
    assert.deepEqual([await statusOf(renewed), await statusOf(secret)], [200, 200])
    await page.getByText('Old secret: ends').waitFor()
    await page.getByText('New secret used for the first time').waitFor()
    await picture(page, 'token')
    await page.getByRole('button', { name: 'Delete build' }).click()
    await page.getByText(/It was accepted \d+ times? within the last 24 hours, last from/).waitFor()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('heading', { name: 'API tokens' }).waitFor()
    assert.deepEqual([await statusOf(renewed), await statusOf(secret)], [401, 401])
    await page.context().close()
  })
})
