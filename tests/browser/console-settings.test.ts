import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { openDeployment, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole, picture } from './console.ts'
import { faultsOf } from './looked-at.ts'

describe('the settings in the console', { skip: noBrowser }, () => {
  let deployment: Deployment
  let browser: Browser
  let page: Page

  before(async () => {
    deployment = await openDeployment()
    browser = await openBrowser()
    await newPerson(deployment, 'ada', { role: 'admin' })
    page = (await openConsole(browser, deployment, 'ada', '/console/settings')).page
  })
  after(async () => {
    await browser.close()
    await deployment.close()
  })

  test('scopes are named one by one, and people choose from them as the preview says', async () => {
    await write(1, { name: 'reports:read', words: 'Read reports', group: 'Reports' })
    await page.getByText('This is the first catalogue').waitFor()
    await page.getByRole('button', { name: 'Add a scope' }).click()
    assert.equal(await page.locator(':focus').getAttribute('placeholder'), 'reports:read', 'the new row is not led to')
    await write(2, { name: 'reports:write', words: 'Replace reports', group: 'Reports' })
    await scope('reports:write').getByLabel('Sensitive').check()
    await scope('reports:write').getByLabel('For tokens of').selectOption('projects')
    await page.getByText('See how people choose from them').click()
    const preview = page.getByRole('group', { name: 'Reports', exact: true })
    await preview.getByRole('checkbox', { name: 'Replace reports reports:write sensitive' }).waitFor()
    await preview.getByRole('button', { name: 'Read', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    assert.deepEqual(await catalogue(), [
      {
        name: 'reports:read',
        description: 'Read reports',
        group: 'Reports',
        kinds: ['account', 'project'],
        sensitive: false,
      },
      { name: 'reports:write', description: 'Replace reports', group: 'Reports', kinds: ['project'], sensitive: true },
    ])
    assert.deepEqual(await faultsOf(page, 'settings-scopes'), [])
  })

  test('what the server finds wrong stands at the field of its row, until that row is changed', async () => {
    await page.getByRole('button', { name: 'Add a scope' }).click()
    await write(3, { name: 'Jobs Run', words: 'Run jobs', group: '' })
    await page.getByRole('button', { name: 'Save' }).click()
    const name = scope('Jobs Run').getByRole('textbox', { name: 'Scope' })
    await page.locator('[aria-invalid]').waitFor()
    assert.equal(await name.getAttribute('aria-invalid'), 'true')
    assert.equal(await page.locator(':focus').inputValue(), 'Jobs Run', 'the field is not led to')
    const fault = page.locator(`[id="${(await name.getAttribute('aria-describedby'))!}"]`)
    assert.match(await fault.innerText(), /resource:action/)
    await picture(page, 'settings-scopes-fault')
    await name.fill('jobs:run')
    assert.equal(await page.locator('[aria-invalid]').count(), 0)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
  })

  test('a scope that is taken out is named with what it does to tokens before it is saved, and can be kept', async () => {
    await scope('jobs:run').getByRole('button', { name: 'Remove jobs:run' }).click()
    assert.equal(await page.locator(':focus').innerText(), 'Add a scope', 'the place on the page is lost')
    await scope('reports:read').getByLabel('For tokens of').selectOption('accounts')
    await page.getByText('tokens that hold these cannot use them any more').waitFor()
    await page.getByText('jobs:run from every token').waitFor()
    await page.getByText('reports:read from tokens of projects').waitFor()
    await picture(page, 'settings-scopes-taken')
    await page.getByRole('button', { name: 'Keep jobs:run' }).click()
    await page.getByRole('button', { name: 'Keep reports:read' }).click()
    await page.getByText('tokens that hold these').waitFor({ state: 'detached' })
    assert.equal(await scope('reports:read').getByLabel('For tokens of').inputValue(), 'both')
  })

  test('many scopes come in as lines of text, and what lines do not say stays as it is', async () => {
    await page.getByRole('button', { name: 'Paste as text' }).click()
    const lines = page.getByLabel('One scope a line')
    const before = await lines.inputValue()
    assert.match(before, /^reports:write \| Reports \| Replace reports \| sensitive$/m)
    await lines.fill(
      `${before}\nusers:read\tPeople\tSee who is there\nusers:remove | People | Remove people | sensitive`,
    )
    await page.getByRole('button', { name: 'Put into rows' }).click()
    await scope('users:remove').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    const held = new Map((await catalogue()).map((one) => [one.name, one]))
    assert.deepEqual([...held.keys()].toSorted(), [
      'jobs:run',
      'reports:read',
      'reports:write',
      'users:read',
      'users:remove',
    ])
    assert.deepEqual(held.get('reports:write')?.kinds, ['project'])
    assert.deepEqual(held.get('users:read')?.group, 'People')
    assert.equal(held.get('users:remove')?.sensitive, true)
  })

  test('a policy says what it would change before it is set, and a wrong number stands at its field', async () => {
    assert.equal(await page.getByRole('button', { name: 'See what this would end' }).isEnabled(), false)
    await page.getByLabel('Temporary tokens live').fill('soon')
    assert.equal(await page.getByLabel('Temporary tokens live').getAttribute('aria-invalid'), 'true')
    await page.getByLabel('Temporary tokens live').fill('12')
    await page.getByLabel('Within').fill('0')
    await page.getByLabel('At most').fill('100')
    await page.getByRole('button', { name: 'See what this would end' }).click()
    await page.locator('[aria-invalid]').waitFor()
    assert.equal(await page.getByLabel('Within').getAttribute('aria-invalid'), 'true')
    await page.getByLabel('Within').fill('30')
    await page.getByLabel('Members of a project may make tokens for it').uncheck()
    await page.getByRole('button', { name: 'See what this would end' }).click()
    await page.getByText('Temporary tokens live: 24 hours → 12 hours').waitFor()
    await page.getByText('At most: no bound → 100 verifications').waitFor()
    await page.getByText('Members of a project may make tokens for it: yes → no').waitFor()
    await picture(page, 'settings-policy')
    await page.getByRole('button', { name: 'Set this policy' }).click()
    await page.getByText('Set.').waitFor()
    const { policy } = (await deployment.ask('getSettings', { as: deployment.root })).body
    assert.equal(policy.temporary_lifetime_seconds, 43_200)
    assert.deepEqual(policy.owner_rate_limit, { limit: 100, window_seconds: 30 })
    assert.equal(policy.members_may_create, false)
  })

  function scope(name: string) {
    return page.getByRole('group', { name, exact: true })
  }

  async function write(row: number, { name, words, group }: { name: string; words: string; group: string }) {
    await scope(`Scope ${row}`).getByRole('textbox', { name: 'Scope' }).fill(name)
    await scope(name).getByLabel('In words').fill(words)
    await scope(name).getByLabel('Group').fill(group)
  }

  async function catalogue() {
    return (await deployment.ask('listScopes', { as: deployment.root })).body.data
  }
})
