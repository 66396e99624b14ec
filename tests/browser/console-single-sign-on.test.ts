import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openDeployment } from '../http/deployment.ts'
import { openProvider } from '../single-sign-on/provider.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { picture } from './console.ts'

test(
  'a person signs in to the console through a provider and goes on where they were',
  { skip: noBrowser },
  async () => {
    // First, since what else is open would keep the process from ending where no browser starts.
    const browser = await openBrowser()
    const directory = mkdtempSync(join(tmpdir(), 'chatelaine-sign-on-'))
    const provider = await openProvider()
    const deployment = await openDeployment({
      ...provider.environment(directory),
      CHATELAINE_OIDC_CREATE_ACCOUNTS: 'true',
    })
    provider.admit(deployment.origin, { ada: { preferred_username: 'ada', name: 'Ada Lovelace' } })
    try {
      const page = await browser.newPage()
      await page.goto(`${deployment.origin}/console/tokens/new?label=ci`)
      await page.getByRole('link', { name: 'Continue with single sign-on' }).waitFor()
      await picture(page, 'single-sign-on')
      await page.getByRole('link', { name: 'Continue with single sign-on' }).click()
      await page.locator('input[name=login]').fill('ada')
      await page.locator('input[name=password]').fill('any')
      await page.locator('button[type=submit]').click()
      await page.getByRole('button', { name: /continue/i }).click()
      await page.getByRole('link', { name: 'Ada Lovelace' }).waitFor()
      assert.equal(page.url(), `${deployment.origin}/console/tokens/new?label=ci`)
      assert.equal(await page.getByLabel('Label').inputValue(), 'ci')
    } finally {
      await browser.close()
      await deployment.close()
      await provider.close()
      rmSync(directory, { recursive: true })
    }
  },
)
