import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { openDeployment, secretOf, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole, picture } from './console.ts'
import { faultsOf } from './looked-at.ts'

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

  /** Resolves once so many uses of the token are written with the addresses that they came from. */
  async function counted(id: string, uses: number): Promise<void> {
    for (let written = 0; written < uses;) {
      const { body } = await deployment.ask('getTokenUsage', { as: deployment.root, params: { id } })
      written = body.accepted_elsewhere + body.addresses.reduce((sum, { accepted }) => sum + accepted, 0)
    }
  }

  test('changes its label and addresses, and names the address that is none', async () => {
    const { id } = await newToken('ada')
    const { page, complaints } = await openConsole(browser, deployment, 'ada', `/console/tokens/${id}`)
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Label').fill('nightly build')
    await page.getByLabel('Only from these addresses').fill('nonsense')
    // The browser mentions each refusal, sooner or later than the page shows it.
    const mentioned = page.waitForEvent('console')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('alert').waitFor()
    await mentioned
    await page.getByLabel('Only from these addresses').fill('192.0.2.7/24')
    complaints.splice(0)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'nightly build' }).waitFor()
    await page.getByText('192.0.2.0/24', { exact: true }).waitFor()
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
    await page.getByText(/^This server accepted it \d+ times? within the last 24 hours, from 1 address\.$/).waitFor()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('heading', { name: 'API tokens' }).waitFor()
    assert.deepEqual([await statusOf(renewed), await statusOf(secret)], [401, 401])
    await page.context().close()
  })

  test('says from how many addresses a token was accepted before it is deleted, and from which on its page', async () => {
    const { id, secret } = await newToken('dana')
    const { page } = await openConsole(browser, deployment, 'dana', '/console/tokens')
    const question = async () => {
      await page.getByRole('button', { name: 'Delete build' }).click()
      return page.getByRole('alertdialog')
    }
    await (await question()).getByText(/^This server did not accept it within the last 24 hours\./).waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    const verify = (body: object) =>
      deployment.ask('verifyToken', { as: deployment.root, body: { token: secret, ...body } })
    for (let index = 1; index <= 12; index += 1) {
      await verify({ client_ip: `203.0.113.${index}`, user_agent: 'python-requests/2.32.5' })
    }
    const often = Array.from({ length: 76 }, () => ({
      token: secret,
      client_ip: '2001:db8:85a3:1234:5678:8a2e:370:7334',
    }))
    for (let time = 0; time < 13; time += 1) {
      await deployment.ask('verifyTokens', { as: deployment.root, body: { tokens: often } })
    }
    await verify({})
    await counted(id, 1_001)
    await page.reload()
    const asked = await question()
    await asked.getByText('This server accepted it 1,001 times within the last 24 hours, from 13 addresses.').waitFor()
    await asked.getByText('2001:db8:85a3:1234:5678:8a2e:370:7334: 988 times', { exact: true }).waitFor()
    assert.deepEqual(await faultsOf(page, 'delete-used'), [])
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.goto(`${deployment.origin}/console/tokens/${id}`)
    const rows = page.getByRole('table', { name: 'From where it was accepted' }).getByRole('row')
    await rows.getByRole('rowheader', { name: '2001:db8:85a3:1234:5678:8a2e:370:7334' }).waitFor()
    assert.equal(await rows.count(), 1 + 8)
    await page.getByRole('button', { name: 'Show more' }).click()
    await rows.getByRole('rowheader', { name: 'Not known' }).waitFor()
    assert.equal(await rows.count(), 1 + 14)
    await page.getByText('Last 30 days').click()
    await page.getByText('Addresses are kept for a week.').waitFor()
    assert.deepEqual(await faultsOf(page, 'token-used'), [])
    await page.context().close()
  })

  test('names the addresses from which an old secret is still used', async () => {
    const { id, secret } = await newToken('edda')
    const rotated = await deployment.ask('rotateToken', { as: deployment.root, params: { id }, body: {} })
    const verify = (token: string, ip: string) =>
      deployment.ask('verifyToken', { as: deployment.root, body: { token, client_ip: ip, user_agent: 'curl/8' } })
    await verify(secretOf(rotated), '203.0.113.1')
    for (const ip of ['203.0.113.2', '203.0.113.3']) await verify(secret, ip)
    await counted(id, 3)
    const { page } = await openConsole(browser, deployment, 'edda', `/console/tokens/${id}`)
    const old = page.getByText('The old secret is still used from:').locator('..').getByRole('listitem')
    await old.nth(1).waitFor()
    const texts = (await old.allTextContents()).map((text) => text.replace(/, [^,]*$/, ''))
    assert.deepEqual(texts.toSorted(), ['203.0.113.2, curl/8', '203.0.113.3, curl/8'])
    assert.deepEqual(await faultsOf(page, 'token-rotating'), [])
    await page.context().close()
  })
})
