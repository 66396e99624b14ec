import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { openDeployment, secretOf, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole, picture } from './console.ts'

describe("one's own tokens in the console", { skip: noBrowser }, () => {
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

  const bearer = (token: string) => deployment.ask('getOwnToken', { as: token })

  test('a person makes a first token, sees it once, sees its first use, and ends it', async () => {
    await newPerson(deployment, 'ada', { name: 'Ada Lovelace' })
    const { page, complaints, outside } = await openConsole(browser, deployment, 'ada')
    await page.getByRole('link', { name: 'Create your first token' }).click()
    await page.getByLabel('Label').fill('laptop')
    await page.getByText('7 days').click()
    await page.getByText(/^This makes a token that reaches your account and may do everything/).waitFor()
    await picture(page, 'create')
    await page.getByRole('button', { name: 'Create the token' }).click()
    const shown = page.getByLabel('The token', { exact: true })
    const secret = (await shown.textContent())!
    await picture(page, 'secret')
    await page.getByText('Not used yet').waitFor()
    assert.equal((await bearer(secret)).status, 200)
    await page.getByText('First used').waitFor()

    const storage = await page.evaluate<string>(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state])',
    )
    assert.ok(!storage.includes(secret))
    await page.goto(`${deployment.origin}/console/tokens`)
    await page.getByRole('link', { name: 'laptop' }).waitFor()
    assert.ok(!(await page.content()).includes(secret))

    await page.getByRole('button', { name: 'Delete laptop' }).click()
    await picture(page, 'delete')
    const revoked = page.waitForResponse((response) => response.request().method() === 'DELETE')
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
    assert.equal((await revoked).status(), 204)
    assert.equal((await bearer(secret)).status, 401)
    await page.getByText('No token is good any more').waitFor()
    assert.deepEqual([complaints, outside], [[], []])
    await page.context().close()
  })

  test('a whole token that is pasted into the search is recognised and sent nowhere', async () => {
    const id = await newPerson(deployment, 'bea')
    const body = { account_id: id, label: 'notebook' }
    const made = await deployment.ask('createToken', { as: deployment.root, body })
    await deployment.ask('createToken', { as: deployment.root, body: { account_id: id, label: 'other' } })
    const secret = secretOf(made)
    const { page } = await openConsole(browser, deployment, 'bea')
    const sent: string[] = []
    page.on('request', (request) => sent.push(request.url() + (request.postData() ?? '')))
    await page.getByLabel('Search').fill(` ${secret}\n`)
    await page.getByText('recognised and not sent. Active: notebook').waitFor()
    assert.equal(await page.getByRole('link', { name: 'other' }).count(), 0)
    assert.ok(sent.length > 0 && !sent.some((request) => request.includes(secret.slice(-20))))
    await page.context().close()
  })

  test('what policy forbids is explained before anything is sent', async () => {
    const id = await newPerson(deployment, 'cleo')
    for (let count = 0; count < 5; count += 1) {
      await deployment.ask('createToken', { as: deployment.root, body: { account_id: id, permanent: true } })
    }
    const { page } = await openConsole(browser, deployment, 'cleo', '/console/tokens/new?label=ci&expires=never')
    assert.equal(await page.getByLabel('Label').inputValue(), 'ci')
    await page.getByText('5 of 5 permanent tokens are in use. Delete one of them, or choose a time.').waitFor()
    assert.ok(await page.getByRole('button', { name: 'Create the token' }).isDisabled())
    await page.getByText('In hours').click()
    await page.getByLabel('Hours', { exact: true }).fill('12')
    await page.getByRole('button', { name: 'Create the token' }).click()
    await page.getByLabel('The token', { exact: true }).waitFor()
    await page.context().close()
  })

  test('all of them end at once, after a question that says how many they are', async () => {
    const id = await newPerson(deployment, 'dora')
    const make = async () =>
      secretOf(await deployment.ask('createToken', { as: deployment.root, body: { account_id: id, label: 'ci' } }))
    const [first, second] = [await make(), await make()]
    const { page } = await openConsole(browser, deployment, 'dora')
    await page.getByRole('button', { name: 'Delete all' }).click()
    await page.getByText('2 tokens would end').waitFor()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete all' }).click()
    await page.getByText('No token is good any more').waitFor()
    assert.deepEqual([(await bearer(first)).status, (await bearer(second)).status], [401, 401])
    await page.context().close()
  })
})
