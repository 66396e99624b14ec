import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { openDeployment, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole, picture } from './console.ts'

describe('making a token in the console', { skip: noBrowser }, () => {
  let deployment: Deployment
  let browser: Browser

  before(async () => {
    deployment = await openDeployment()
    browser = await openBrowser()
    const scopes = [
      { name: 'reports:read', group: 'Reports', description: 'Read reports' },
      { name: 'reports:write', group: 'Reports', description: 'Write reports' },
      { name: 'builds:start', group: 'Builds', description: 'Start builds', sensitive: true },
      { name: 'builds:stop', group: 'Builds', description: 'Stop builds' },
    ]
    await deployment.ask('replaceScopes', { as: deployment.root, body: { scopes } })
  })
  after(async () => {
    await browser.close()
    await deployment.close()
  })

  const tokensCalled = async (label: string) =>
    (await deployment.ask('listTokens', { as: deployment.root, query: { q: label } })).body.data

  test('makes one, however often the form is sent', async () => {
    await newPerson(deployment, 'ada')
    const { page } = await openConsole(browser, deployment, 'ada', '/console/tokens/new?label=once')
    await page.getByLabel('Label').waitFor()
    await page.evaluate(
      '(() => { const form = document.querySelector("form"); form.requestSubmit(); form.requestSubmit(); document.querySelector("button[type=submit]").click() })()',
    )
    await page.getByLabel('The token', { exact: true }).waitFor()
    await page.waitForLoadState('networkidle')
    assert.equal((await tokensCalled('once')).length, 1)
    await page.context().close()
  })

  test('says in one sentence what each choice makes, and makes that', async () => {
    const owner_id = await newPerson(deployment, 'bea')
    await deployment.ask('createProject', { as: deployment.root, body: { name: 'Atlas', owner_id } })
    const { page } = await openConsole(browser, deployment, 'bea', '/console/tokens/new?label=said')
    const says = (text: string | RegExp) => page.getByText(text).waitFor()
    await says(/^This makes a token that reaches your account and may do everything that you can do there, until /)
    await page.getByText('Only what I choose').click()
    await says('Choose at least one.')
    assert.ok(await page.getByRole('button', { name: 'Create the token' }).isDisabled())
    const reports = page.getByRole('group', { name: 'Of Reports' })
    await reports.getByRole('button', { name: 'Read', exact: true }).click()
    await says(/may do nothing there but “Read reports”, until /)
    await reports.getByRole('button', { name: 'Read and write' }).click()
    await says(/may do nothing there but “Read reports” and “Write reports”, until /)
    await reports.getByRole('button', { name: 'None' }).click()
    const builds = page.getByRole('group', { name: 'Of Builds' })
    assert.deepEqual(await builds.getByRole('button').allTextContents(), ['None', 'All'])
    await builds.getByRole('button', { name: 'All' }).click()
    await page.getByText('One project', { exact: true }).click()
    await page.getByText('In hours').click()
    await page.getByLabel('Hours', { exact: true }).fill('0')
    await says('It never expires: it is good until somebody deletes it.')
    await says('0 of 5 permanent in use')
    await page.getByText('Limits: addresses, rate, number of uses').click()
    await page.getByLabel('Only from these addresses').fill('192.0.2.0/24')
    await page.getByLabel('At most so many uses').fill('10')
    await page.getByLabel('Good for so many uses in all').fill('1')
    await says(
      'This makes a token that reaches the project Atlas and nothing else and may do nothing there but “Start builds” and “Stop builds”, from the addresses above alone, at most 10 times in 60 seconds, 1 time in all, until somebody deletes it.',
    )
    await picture(page, 'create-narrow')
    await page.getByRole('button', { name: 'Create the token' }).click()
    await page.getByLabel('The token', { exact: true }).waitFor()
    const [made] = await tokensCalled('said')
    assert.deepEqual(
      [made!.kind, made!.permanent, made!.scopes, made!.allowed_ips, made!.rate_limit, made!.uses_remaining],
      ['project', true, ['builds:start', 'builds:stop'], ['192.0.2.0/24'], { limit: 10, window_seconds: 60 }, 1],
    )
    await page.context().close()
  })

  test('leaves what is forbidden in sight, and says why it is', async () => {
    await newPerson(deployment, 'cleo')
    const { body } = await deployment.ask('getSettings', { as: deployment.root })
    const policy = { ...body.policy, longest_lifetime_seconds: 14 * 86_400 }
    await deployment.ask('replaceSettings', { as: deployment.root, body: { policy } })
    const { page } = await openConsole(browser, deployment, 'cleo', '/console/tokens/new')
    await page.getByRole('radio', { name: '90 days not allowed here' }).check()
    await page.getByText('Tokens here live at most 14 days. Choose a shorter time.').waitFor()
    await picture(page, 'create-forbidden')
    await page.getByRole('radio', { name: 'Never not allowed here' }).check()
    await page.getByText('Every token here expires, after at most 14 days. Choose a time.').waitFor()
    assert.ok(await page.getByRole('button', { name: 'Create the token' }).isDisabled())
    await page.getByRole('radio', { name: '7 days' }).check()
    assert.ok(await page.getByRole('button', { name: 'Create the token' }).isEnabled())
    const shorter = { ...policy, temporary_lifetime_seconds: 3_600, longest_lifetime_seconds: 12 * 3_600 }
    await deployment.ask('replaceSettings', { as: deployment.root, body: { policy: shorter } })
    await page.reload()
    await page.getByText('Tokens here live at most 12 hours. Choose a shorter time.').waitFor()
    await deployment.ask('replaceSettings', { as: deployment.root, body: { policy: body.policy } })
    await page.context().close()
  })

  test('opens the limits where one of them is no number', async () => {
    await newPerson(deployment, 'dora')
    const { page } = await openConsole(browser, deployment, 'dora', '/console/tokens/new?label=limits')
    const limits = page.getByText('Limits: addresses, rate, number of uses')
    await limits.click()
    await page.getByLabel('Good for so many uses in all').fill('many')
    await limits.click()
    await page.getByRole('button', { name: 'Create the token' }).click()
    await page.getByLabel('Good for so many uses in all').and(page.locator(':focus')).waitFor()
    assert.equal((await tokensCalled('limits')).length, 0)
    await page.context().close()
  })
})
