import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { makeSetUpCode } from '@chatelaine/core'
import type { Browser, Page } from 'playwright-core'
import { goodPassword, openDeployment, type Deployment } from '../http/deployment.ts'
import { Visitor } from '../http/visitor.ts'
import { openProvider, type LocalProvider } from '../single-sign-on/provider.ts'
import { noBrowser, openBrowser, watchedPage } from './browser.ts'
import { newPerson } from './console.ts'
import { faultsOf } from './looked-at.ts'

const asked = new URLSearchParams({
  response_type: 'code',
  client_id: 'report-writer',
  label: 'report writer on my laptop',
  redirect_uri: 'http://127.0.0.1:53682/callback',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
  scope: 'reports:read reports:write',
  lifetime_seconds: '2592000',
})

const consent = `/oauth/authorize?${asked.toString()}`

describe('every page that the server draws itself', { skip: noBrowser }, () => {
  let deployment: Deployment
  let provider: LocalProvider
  let directory: string
  let browser: Browser

  before(async () => {
    browser = await openBrowser()
    directory = mkdtempSync(join(tmpdir(), 'chatelaine-pages-'))
    provider = await openProvider()
    deployment = await openDeployment(provider.environment(directory))
    await newPerson(deployment, 'ada', { name: 'Ada Lovelace' })
    const scopes = [
      { name: 'reports:read', description: 'Read reports', group: 'Reports' },
      { name: 'reports:write', description: 'Write reports', group: 'Reports' },
    ]
    await deployment.ask('replaceScopes', { as: deployment.root, body: { scopes } })
    // So that it has a key already when it asks again.
    const application = new Visitor(deployment.origin)
    const fields = { username: 'ada', password: goodPassword, expires: '90 days' }
    await application.press(await application.get('/app?get_api_key=myapp'), 'sign-in', { fields })
  })
  after(async () => {
    await browser.close()
    await deployment.close()
    await provider.close()
    rmSync(directory, { recursive: true })
  })

  async function deviceCode(): Promise<string> {
    const { body } = await deployment.ask('authorizeDevice', { form: { client_id: 'chatelaine-cli' } })
    return body.user_code
  }

  async function signIn(page: Page, password = goodPassword): Promise<void> {
    await page.getByLabel('User name').fill('ada')
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: /^Sign in/ }).click()
  }

  /** Each by the name of its pictures: where it begins, and the way from there. */
  const pagesOf: Record<string, { path: string; heading: string | RegExp; way?: (page: Page) => Promise<void> }> = {
    home: { path: '/', heading: 'API tokens that end when you say so' },
    documents: { path: '/docs/index', heading: /Documents|Chatelaine/ },
    document: { path: '/docs/reference/audit-export', heading: 'The audit export' },
    reference: {
      path: '/docs',
      heading: /Chatelaine/,
      way: async (page) => {
        await page.getByRole('button', { name: 'post /api/v1/portal-sessions', exact: true }).waitFor()
        // A short section stands for all, since looking at every route takes most of a minute.
        await page.evaluate(
          `for (const section of document.querySelectorAll('.opblock-tag-section:not(:has(#operations-tag-portal))')) section.hidden = true`,
        )
      },
    },
    'set-up-without-code': { path: '/setup', heading: 'The first administrator' },
    'set-up': { path: '/setup#code', heading: 'The first administrator' },
    'set-up-refused': {
      path: '/setup#code',
      heading: 'The first administrator',
      way: async (page) => {
        await page.getByLabel('Password', { exact: true }).fill(goodPassword)
        await page.getByLabel('Password, again').fill('another')
        await page.getByRole('button').click()
        await page.getByText('The two passwords differ.').waitFor()
      },
    },
    'sign-in': { path: consent, heading: 'Sign in to Chatelaine' },
    'sign-in-refused': {
      path: consent,
      heading: 'Sign in to Chatelaine',
      way: async (page) => {
        await signIn(page, 'not the password at all')
        await page.getByRole('alert').waitFor()
      },
    },
    consent: { path: consent, heading: 'Give report-writer access to Chatelaine?', way: signIn },
    'consent-of-long-names': {
      path: `${consent}&client_id=${'c'.repeat(64)}`.replace('client_id=report-writer&', ''),
      heading: /^Give c{64} access/,
      way: signIn,
    },
    'device-code': { path: '/device', heading: 'Sign in on a device', way: signIn },
    'device-code-refused': { path: '/device?user_code=BCDF-GHJK', heading: 'Sign in on a device', way: signIn },
    device: {
      path: '/device',
      heading: 'Give chatelaine-cli access to Chatelaine?',
      way: async (page) => {
        await signIn(page)
        await page.getByLabel('Code').fill(await deviceCode())
        await page.keyboard.press('Enter')
      },
    },
    'device-done': {
      path: '/device',
      heading: 'Refused',
      way: async (page) => {
        await signIn(page)
        await page.getByLabel('Code').fill(await deviceCode())
        await page.keyboard.press('Enter')
        await page.getByRole('button', { name: 'Refuse' }).click()
      },
    },
    'cocalc-sign-in': { path: '/app?get_api_key=myapp', heading: 'Chatelaine API Key Access for Myapp' },
    'cocalc-consent': {
      path: '/app?get_api_key=myapp',
      heading: 'Chatelaine API Key Access for Myapp',
      way: async (page) => {
        await page.goto(deployment.origin + consent)
        await signIn(page)
        await page.goto(`${deployment.origin}/app?get_api_key=myapp`)
        await page.getByText('has these keys already').waitFor()
      },
    },
    'cogniac-consent': {
      path: '/app/cli-auth?port=53682&state=s',
      heading: 'Give Cogniac command line access to Chatelaine?',
      way: signIn,
    },
    refused: { path: '/oauth/authorize?redirect_uri=https://evil.example/', heading: 'This did not work' },
    'single-sign-on-refused': { path: '/auth/oidc/callback?code=x&state=y', heading: 'You are not signed in' },
  }
  const withScripts = ['reference', 'set-up-without-code', 'set-up', 'set-up-refused']

  for (const [name, { path, heading, way }] of Object.entries(pagesOf)) {
    test(`${name} can be used by everybody, light and dark, on a telephone and a wide screen`, async () => {
      const context = await browser.newContext()
      const { page, outside, complaints } = await watchedPage(context, deployment.origin)
      await page.goto(deployment.origin + path)
      await way?.(page)
      await page.getByRole('heading', { level: 1, name: heading }).waitFor()
      // Swagger UI puts the button that copies a path into the one that unfolds it.
      const unjudged = name === 'reference' ? ['nested-interactive'] : []
      assert.deepEqual(await faultsOf(page, `server-${name}`, unjudged), [])
      if (!withScripts.includes(name)) assert.equal(await page.evaluate('document.scripts.length'), 0)
      const ours = complaints.filter((text) => !text.startsWith('Failed to load resource'))
      assert.deepEqual([outside, ours], [[], []])
      await context.close()
    })
  }

  test('the first administrator is made by the keyboard alone, and led on', async () => {
    const context = await browser.newContext()
    const { page, complaints } = await watchedPage(context, deployment.origin)
    const { keyboard } = page
    await page.goto(`${deployment.origin}/setup#${makeSetUpCode(deployment.service.ports).reveal()}`)
    await page.getByLabel('User name').and(page.locator(':focus')).waitFor()
    await keyboard.type('root')
    await keyboard.press('Tab')
    await keyboard.type('too short')
    await keyboard.press('Tab')
    await keyboard.type('too short')
    await keyboard.press('Enter')
    const password = page.getByRole('textbox', { name: 'Password', exact: true, description: /at least 15/i })
    await password.and(page.locator('[aria-invalid=true]:focus')).waitFor()
    await keyboard.press('Control+A')
    await keyboard.type(goodPassword)
    await keyboard.press('Tab')
    await keyboard.press('Control+A')
    await keyboard.type(goodPassword)
    await keyboard.press('Enter')
    await page.getByText('root is the administrator').waitFor()
    assert.deepEqual(await faultsOf(page, 'server-set-up-done'), [])
    await keyboard.press('Tab')
    assert.equal(await page.locator(':focus').textContent(), 'The reference')
    await keyboard.press('Tab')
    await keyboard.press('Enter')
    await page.waitForURL(/\/console\//)
    assert.deepEqual(
      complaints.filter((text) => !text.startsWith('Failed to load resource')),
      [],
    )
    await context.close()
  })
})
