import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { actions, noteBackup } from '@chatelaine/core'
import { en } from '../../packages/console/src/words/en.ts'
import { goodPassword, openDeployment, secretOf, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole, picture } from './console.ts'

describe('the console for administrators', { skip: noBrowser }, () => {
  let deployment: Deployment
  let browser: Browser

  before(async () => {
    deployment = await openDeployment()
    browser = await openBrowser()
    await newPerson(deployment, 'root', { role: 'admin' })
  })
  after(async () => {
    await browser.close()
    await deployment.close()
  })

  test('an account is added, signs in, and is shut out with its tokens once it is disabled', async () => {
    const { page, complaints } = await openConsole(browser, deployment, 'root', '/console/accounts')
    await page.getByRole('button', { name: 'Add an account' }).click()
    await page.getByLabel('User name', { exact: true }).fill('ada')
    await page.getByLabel('Password').fill(goodPassword)
    await page.getByRole('button', { name: 'Add the account' }).click()
    await page.getByRole('heading', { name: 'ada' }).waitFor()
    await picture(page, 'account')
    const cookie = await deployment.signIn('ada', goodPassword)
    const id = new URL(page.url()).pathname.split('/').at(-1)!
    const made = await deployment.ask('createToken', { as: deployment.root, body: { account_id: id } })
    await page.getByRole('button', { name: 'Disable' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Disable' }).click()
    await page.getByText('This account is disabled').waitFor()
    assert.equal((await deployment.ask('getSession', { cookie })).status, 401)
    assert.equal((await deployment.ask('getOwnToken', { as: secretOf(made) })).status, 401)
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test('an administrator says who signs in to an account through single sign-on, and takes that away', async () => {
    const id = await newPerson(deployment, 'gina')
    const { page, complaints } = await openConsole(browser, deployment, 'root', `/console/accounts/${id}`)
    await page.getByText('Nobody signs in to this account through single sign-on').waitFor()
    await page.getByLabel('Provider').fill('https://login.example.org')
    await page.getByLabel('Subject').fill('gina-1')
    await page.getByRole('button', { name: 'Set single sign-on' }).click()
    await page.getByText('signs in to this account.').waitFor()
    await page.getByText('gina-1').waitFor()
    await picture(page, 'account-identity')
    const other = await newPerson(deployment, 'gustav')
    await page.goto(`${deployment.origin}/console/accounts/${other}`)
    await page.getByLabel('Provider').fill('https://login.example.org')
    await page.getByLabel('Subject').fill('gina-1')
    await page.getByRole('button', { name: 'Set single sign-on' }).click()
    await page.getByText('Another account has this identity').waitFor()
    await page.goto(`${deployment.origin}/console/accounts/${id}`)
    await page.getByRole('button', { name: 'Take single sign-on away' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Take single sign-on away' }).click()
    await page.getByText('Nobody signs in to this account through single sign-on').waitFor()
    assert.equal((await deployment.ask('getAccount', { as: deployment.root, params: { id } })).body.identity, null)
    // That the name was taken is an answer that the browser mentions.
    assert.ok(
      complaints.every((complaint) => complaint.includes('409')),
      complaints.join('\n'),
    )
    await page.context().close()
  })

  test('the settings tell what runs, and the command for the first backup until there was one', async () => {
    const { page } = await openConsole(browser, deployment, 'root', '/console/settings')
    await page.getByText('npm run operate -- backup FILE').waitFor()
    await page.getByText(/^SQLite 3\./).waitFor()
    await picture(page, 'settings-server')
    await noteBackup(deployment.service.ports, 'first', {
      takenAt: Date.now(),
      file: '/mnt/backups/chatelaine.db',
      position: deployment.service.ports.freshness.position,
    })
    await page.reload()
    await page.getByText('/mnt/backups/chatelaine.db').waitFor()
    assert.equal(await page.getByText('npm run operate').count(), 0)
    await page.context().close()
  })

  test('many tokens are counted before they end, and all of those end and no other', async () => {
    const id = await newPerson(deployment, 'bea')
    const make = async (label: string) =>
      secretOf(await deployment.ask('createToken', { as: deployment.root, body: { account_id: id, label } }))
    const gone = await Promise.all(['ci 1', 'ci 2', 'ci 3'].map(make))
    const kept = await make('laptop')
    const { page } = await openConsole(browser, deployment, 'root', '/console/all-tokens')
    await page.getByRole('button', { name: 'Delete many' }).click()
    await page.getByText('Choose at least one of these.').waitFor()
    await page.getByLabel('Label or start contains').fill('ci ')
    await page.getByText('3 tokens would end').waitFor()
    await picture(page, 'delete-many')
    await page.getByRole('button', { name: 'Delete 3 tokens' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete 3 tokens' }).click()
    await page.getByText('3 tokens deleted.').waitFor()
    const statusOf = async (token: string) => (await deployment.ask('getOwnToken', { as: token })).status
    assert.deepEqual(await Promise.all(gone.map(statusOf)), [401, 401, 401])
    assert.equal(await statusOf(kept), 200)
    await page.context().close()
  })

  test('a person changes the own name and password, and then signs in with the new one', async () => {
    await newPerson(deployment, 'cleo')
    const { page } = await openConsole(browser, deployment, 'cleo', '/console/profile')
    await page.getByLabel('Name', { exact: true }).fill('Cleo')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('link', { name: 'Cleo' }).waitFor()
    const newPassword = 'quite another long password'
    await page.getByLabel('Current password').fill(goodPassword)
    await page.getByLabel('New password').fill(newPassword)
    await picture(page, 'profile')
    await page.getByRole('button', { name: 'Change the password' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    assert.notEqual(await deployment.signIn('cleo', newPassword), '')
    await page.context().close()
  })

  test('the overview counts what deserves a look, and leads to it', async () => {
    const id = await newPerson(deployment, 'dora')
    const body = { account_id: id, label: 'forever', permanent: true }
    await deployment.ask('createToken', { as: deployment.root, body })
    const { page, complaints } = await openConsole(browser, deployment, 'root', '/console/overview')
    await page.getByRole('heading', { name: 'Permanent' }).waitFor()
    await page
      .getByText(/verifications? in this time/)
      .first()
      .waitFor()
    await picture(page, 'overview')
    await page.getByRole('link', { name: 'See which, and prefer temporary ones' }).click()
    await page.getByRole('link', { name: 'forever' }).waitFor()
    assert.equal(await page.getByRole('link', { name: 'laptop' }).count(), 0)
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test('a tighter policy says what it would end before it does', async () => {
    const id = await newPerson(deployment, 'emil')
    const body = { account_id: id, label: 'old', permanent: true }
    const made = await deployment.ask('createToken', { as: deployment.root, body })
    const { page } = await openConsole(browser, deployment, 'root', '/console/settings')
    await page.getByLabel('Permanent tokens').fill('0')
    await page.getByRole('button', { name: 'See what this would end' }).click()
    await page.getByText(/would end at once/).waitFor()
    await picture(page, 'settings')
    assert.equal((await deployment.ask('getOwnToken', { as: secretOf(made) })).status, 200)
    await page.getByRole('button', { name: 'Set this policy' }).click()
    await page.getByText('Set.').waitFor()
    assert.equal((await deployment.ask('getOwnToken', { as: secretOf(made) })).status, 401)
    await page.context().close()
  })

  test('the log shows what happens as it happens, narrowed to what is looked for, at an address of its own', async () => {
    const { page, complaints } = await openConsole(browser, deployment, 'root', '/console/audit')
    const entries = page.getByRole('main').getByRole('list').first().locator('> li')
    await entries.filter({ hasText: 'Account added' }).first().waitFor()
    await page.getByLabel('What happened').selectOption('Account added')
    const fritz = await newPerson(deployment, 'fritz')
    await entries.filter({ hasText: fritz }).waitFor()
    await entries.filter({ hasText: 'Token created' }).first().waitFor({ state: 'detached' })
    await picture(page, 'audit')
    await page.getByLabel('Done to').pressSequentially(fritz.slice(0, 9))
    await page.getByText('This is no whole id yet').waitFor()
    await page.getByLabel('Done to').fill(fritz)
    await entries.nth(1).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: fritz }).click()
    await page.getByRole('heading', { name: 'fritz' }).waitFor()
    await page.goBack()
    assert.equal(await page.getByLabel('Done to').inputValue(), fritz)
    const newest = (await deployment.ask('listAuditEntries', { as: deployment.root, query: { limit: '1' } })).body
      .data[0]!
    await page.getByText(newest.seq, { exact: true }).waitFor()
    await page.goto(`${deployment.origin}/console/audit?from=nonsense&actor=nonsense`)
    await page.getByText('Account added').last().waitFor()
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test('an entry of the log is told in words, with who did it by name, and with what it holds one by one', async () => {
    const id = await newPerson(deployment, 'hanna')
    const made = await deployment.ask('createToken', { as: deployment.root, body: { account_id: id, label: 'press' } })
    const { page } = await openConsole(browser, deployment, 'root', `/console/tokens/${made.body.id}`)
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Label').fill('printing press')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'printing press' }).waitFor()
    await page.goto(`${deployment.origin}/console/audit?subject=${made.body.id}&action=token.updated`)
    const entry = page.getByRole('main').getByRole('list').first().locator('> li')
    await entry.getByText('Token changed', { exact: true }).waitFor()
    await entry.getByRole('link', { name: `printing press ${made.body.id}` }).waitFor()
    await entry.getByText(/^root · 127\.0\.0\.1/).waitFor()
    await entry.getByText('Details').click()
    await entry.getByText('token.updated', { exact: true }).waitFor()
    await entry.getByText('press → printing press').waitFor()
    assert.equal(await entry.getByText('{').count(), 0)
    await page.context().close()
  })

  test('the state of the log is told in a sentence: how many entries it has, since when, and who signed it', async () => {
    const { page } = await openConsole(browser, deployment, 'root', '/console/audit')
    const { keys } = (await deployment.ask('getAuditKeys', {})).body
    await page
      .getByText(new RegExp(`^The log has \\d+ entries, .+ signed with the key ${keys[0]!.key_id}\\.$`))
      .waitFor()
    await page.context().close()
  })
})

test('everything that can happen has words in the console, and the console knows of nothing else', () => {
  assert.deepEqual(Object.keys(en.audit.actions), Object.keys(actions))
  const groups = new Set(Object.keys(actions).map((action) => action.split('.')[0]))
  assert.deepEqual(Object.keys(en.audit.groups), [...groups])
})
