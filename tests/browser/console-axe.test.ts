import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { openDeployment, secretOf, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole } from './console.ts'
import { faultsOf } from './looked-at.ts'

describe('every page of the console', { skip: noBrowser }, () => {
  let deployment: Deployment
  let browser: Browser
  let page: Page
  const paths: Record<string, string> = {}

  before(async () => {
    deployment = await openDeployment()
    browser = await openBrowser()
    const id = await newPerson(deployment, 'ada', { role: 'admin', name: 'Ada Lovelace', email: 'ada@example.org' })
    const create = (body: object) => deployment.ask('createToken', { as: deployment.root, body })
    const made = await create({ account_id: id, label: 'laptop', lifetime_seconds: 86_400 * 6 })
    await create({ account_id: id, label: 'build server', permanent: true, scopes: ['reports:read'] })
    await create({ account_id: id, label: 'x'.repeat(120), allowed_ips: ['192.0.2.0/24', '2001:db8::/32'] })
    await deployment.ask('verifyToken', {
      as: deployment.root,
      body: { token: secretOf(made), client_ip: '192.0.2.7' },
    })
    const project = await deployment.ask('createProject', {
      as: deployment.root,
      body: { name: 'Engine', owner_id: id },
    })
    await create({ kind: 'project', project_id: project.body.id, label: 'engine' })
    Object.assign(paths, {
      tokens: '/tokens',
      create: '/tokens/new?label=ci&expires=never',
      token: `/tokens/${made.body.id}`,
      projects: '/projects',
      project: `/projects/${project.body.id}`,
      overview: '/overview',
      accounts: '/accounts',
      account: `/accounts/${id}`,
      'all-tokens': '/all-tokens',
      audit: '/audit',
      settings: '/settings',
      profile: '/profile',
      nothing: '/nothing-here',
    })
    page = (await openConsole(browser, deployment, 'ada')).page
  })
  after(async () => {
    await browser.close()
    await deployment.close()
  })

  const names = ['tokens', 'create', 'token', 'projects', 'project', 'overview', 'accounts', 'account']
  for (const name of [...names, 'all-tokens', 'audit', 'settings', 'profile', 'nothing']) {
    test(`${name} can be used by everybody, light and dark, on a telephone and a wide screen`, async () => {
      await page.goto(`${deployment.origin}/console${paths[name]!}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.waitForLoadState('networkidle')
      assert.deepEqual(await faultsOf(page, `page-${name}`), [])
    })
  }

  test('on a telephone the section that is shown is in sight among the others', async () => {
    await page.setViewportSize({ width: 360, height: 900 })
    for (const [path, name] of [
      ['/audit', 'Audit log'],
      ['/tokens', 'API tokens'],
    ] as const) {
      await page.goto(`${deployment.origin}/console${path}`)
      const section = page.getByRole('navigation').getByRole('link', { name, exact: true })
      await section.waitFor()
      const { x, width } = (await section.boundingBox())!
      assert.ok(x >= 0 && x + width <= 360, `${name} is from ${x} to ${x + width}`)
    }
  })

  test('signing in, a new secret and the question before deleting can be used by everybody', async () => {
    const { page: own } = await openConsole(browser, deployment, 'ada', '/console/tokens/new?label=ci')
    await own.getByRole('button', { name: 'Create the token' }).click()
    await own.getByLabel('The token', { exact: true }).waitFor()
    assert.deepEqual(await faultsOf(own, 'page-secret'), [])
    await own.getByRole('button', { name: /stored it/i }).click()
    await own.goto(`${deployment.origin}/console/tokens`)
    await own.getByRole('button', { name: 'Delete ci' }).click()
    await own.getByRole('alertdialog').waitFor()
    assert.deepEqual(await faultsOf(own, 'page-delete'), [])
    await own.context().clearCookies()
    await own.goto(`${deployment.origin}/console/`)
    await own.getByLabel('User name').waitFor()
    assert.deepEqual(await faultsOf(own, 'page-sign-in'), [])
    await own.context().close()
  })
})
