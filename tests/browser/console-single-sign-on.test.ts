import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { goodPassword, openDeployment, type Deployment } from '../http/deployment.ts'
import { openProvider, type LocalProvider } from '../single-sign-on/provider.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, picture } from './console.ts'

describe('single sign-on in the console', { skip: noBrowser }, () => {
  let browser: Browser
  let directory: string
  let provider: LocalProvider
  let deployment: Deployment

  before(async () => {
    // First, since what else is open would keep the process from ending where no browser starts.
    browser = await openBrowser()
    directory = mkdtempSync(join(tmpdir(), 'chatelaine-sign-on-'))
    provider = await openProvider()
    deployment = await openDeployment({
      ...provider.environment(directory),
      CHATELAINE_OIDC_CREATE_ACCOUNTS: 'true',
    })
    provider.admit(deployment.origin, { ada: { preferred_username: 'ada', name: 'Ada Lovelace' }, bea: {} })
  })
  after(async () => {
    await browser.close()
    await deployment.close()
    await provider.close()
    rmSync(directory, { recursive: true })
  })

  async function signInThere(page: Page, login: string): Promise<void> {
    await page.locator('input[name=login]').fill(login)
    await page.locator('input[name=password]').fill('any')
    await page.locator('button[type=submit]').click()
    await page.getByRole('button', { name: /continue/i }).click()
  }

  async function signInHere(page: Page, username: string): Promise<void> {
    await page.getByLabel('User name').fill(username)
    await page.getByLabel('Password').fill(goodPassword)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  test('a person signs in through a provider and goes on where they were', async () => {
    const page = await browser.newPage()
    await page.goto(`${deployment.origin}/console/tokens/new?label=ci`)
    await page.getByRole('link', { name: 'Continue with single sign-on' }).waitFor()
    await picture(page, 'single-sign-on')
    await page.getByRole('link', { name: 'Continue with single sign-on' }).click()
    await signInThere(page, 'ada')
    await page.getByRole('link', { name: 'Ada Lovelace' }).waitFor()
    assert.equal(page.url(), `${deployment.origin}/console/tokens/new?label=ci`)
    assert.equal(await page.getByLabel('Label').inputValue(), 'ci')
    // Who came this way has no password, so that there is nothing to disconnect.
    await page.getByRole('link', { name: 'Ada Lovelace' }).click()
    await page.getByText('this is the one way in which you sign in').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Disconnect' }).count(), 0)
    await picture(page, 'profile-without-password')
    await page.close()
  })

  test('whose session ends signs in beside the page, which then goes on with what was filled in', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${deployment.origin}/console/tokens/new`)
    await page.getByRole('link', { name: 'Continue with single sign-on' }).click()
    await signInThere(page, 'ada')
    await page.getByLabel('Label').fill('half filled')
    const [cookie] = (await context.cookies(deployment.origin)).filter(({ name }) => name === 'chatelaine_session')
    const said = { cookie: `${cookie!.name}=${cookie!.value}`, query: { everywhere: 'true' } }
    await deployment.ask('signOut', said)
    await page.getByRole('button', { name: 'Create the token' }).click()
    await page.getByText('It opens beside this page').waitFor()
    await picture(page, 'session-over-single-sign-on')
    const opened = context.waitForEvent('page')
    await page.getByRole('link', { name: 'Continue with single sign-on' }).click()
    // The provider remembers who that is.
    await (await opened).getByRole('link', { name: 'Ada Lovelace' }).waitFor()
    await page.bringToFront()
    await page.getByRole('link', { name: 'Ada Lovelace' }).waitFor()
    assert.equal(await page.getByLabel('Label').inputValue(), 'half filled')
    await context.close()
  })

  test('a person with a password connects it, comes in that way too, and disconnects it again', async () => {
    const id = await newPerson(deployment, 'bea')
    const page = await browser.newPage()
    await page.goto(`${deployment.origin}/console/profile`)
    await signInHere(page, 'bea')
    await page.getByRole('button', { name: 'Connect single sign-on' }).click()
    await signInThere(page, 'bea')
    await page.getByText('You can sign in through this provider').waitFor()
    assert.equal(page.url(), `${deployment.origin}/console/profile`)
    await page.getByText(provider.issuer).waitFor()
    await picture(page, 'profile-connected')
    const { body } = await deployment.ask('getAccount', { as: deployment.root, params: { id } })
    assert.deepEqual(body.identity, { issuer: provider.issuer, subject: 'bea' })

    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('link', { name: 'Continue with single sign-on' }).click()
    await page.getByRole('link', { name: 'bea' }).click()
    await page.getByRole('button', { name: 'Disconnect' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Disconnect' }).click()
    await signInHere(page, 'bea')
    await page.getByRole('link', { name: 'bea' }).click()
    await page.getByRole('button', { name: 'Connect single sign-on' }).waitFor()
    await page.close()
  })
})
