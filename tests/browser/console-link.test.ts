import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { goodPassword, openDeployment, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser, watchedPage } from './browser.ts'
import { newPerson, openConsole, picture } from './console.ts'

describe('a link to a token that fits', { skip: noBrowser }, () => {
  let deployment: Deployment
  let browser: Browser

  before(async () => {
    deployment = await openDeployment()
    browser = await openBrowser()
    await newPerson(deployment, 'ada')
  })
  after(async () => {
    await browser.close()
    await deployment.close()
  })

  const saysOfScopes = 'some of its scopes are not known here'
  const saysOfExpires = 'its end is no day and no span'
  const saysOfProject = 'there is no such project that is open to you'
  const saysOfLabel = 'its label is too long, or holds what no label can'

  test('whatever it asks for, the form is there, with a sentence about what could not be had', async () => {
    const stranger = await newPerson(deployment, 'stranger')
    const foreign = await deployment.ask('createProject', {
      as: deployment.root,
      body: { name: 'Foreign', owner_id: stranger },
    })
    const { page } = await openConsole(browser, deployment, 'ada')
    for (const [query, says] of [
      [{ project: 'nonsense' }, saysOfProject],
      [{ project: '../accounts/me' }, saysOfProject],
      [{ project: 'prj_0000000000000000' }, saysOfProject],
      [{ project: foreign.body.id }, saysOfProject],
      [{ label: 'x'.repeat(257) }, saysOfLabel],
      [{ label: 'a\u0007b' }, saysOfLabel],
      [{ scopes: 'data:read, Nonsense' }, saysOfScopes],
      [{ expires: 'banana' }, saysOfExpires],
      [{ expires: '2026-02-31' }, saysOfExpires],
      [{ expires: '0d' }, saysOfExpires],
    ] as const) {
      await page.goto(`${deployment.origin}/console/tokens/new?${new URLSearchParams(query).toString()}`)
      await page.getByText(says).waitFor()
      await page.getByRole('button', { name: 'Create the token' }).waitFor()
      assert.equal(await page.getByRole('alert').count(), 0, says)
    }
    const all = { project: '?', label: 'x'.repeat(300), scopes: '<b>', expires: '-1d' }
    await page.goto(`${deployment.origin}/console/tokens/new?${new URLSearchParams(all).toString()}`)
    const notice = await page.getByText('Not all that the link asks for').textContent()
    for (const says of [saysOfLabel, saysOfProject, saysOfScopes, saysOfExpires])
      assert.ok(notice?.includes(says), says)
    assert.ok(await page.getByRole('button', { name: 'Create the token' }).isDisabled(), 'no scope is chosen')
    await picture(page, 'link-not-taken')
    await page.context().close()
  })

  test('with what can be had it is filled in, and nothing is said', async () => {
    const id = await newPerson(deployment, 'bea')
    const project = await deployment.ask('createProject', {
      as: deployment.root,
      body: { name: 'Imaging', owner_id: id },
    })
    const scopes = [
      { name: 'data:read', description: 'Read data' },
      { name: 'data:write', description: 'Write data' },
      { name: 'jobs:run', description: 'Run jobs' },
    ]
    await deployment.ask('replaceScopes', { as: deployment.root, body: { scopes } })
    const link = { label: 'nightly', project: project.body.id, scopes: 'data:*,chatelaine.tokens:read', expires: '12h' }
    const path = `/console/tokens/new?${new URLSearchParams(link).toString()}`
    const { page } = await openConsole(browser, deployment, 'bea', path)
    await page.getByRole('checkbox', { name: 'Read data' }).waitFor()
    assert.equal(await page.getByText('Not all that the link').count(), 0)
    const checked = await page.getByRole('checkbox', { checked: true }).evaluateAll((boxes) => boxes.length)
    assert.equal(checked, 3)
    await page.getByRole('button', { name: 'Create the token' }).click()
    await page.getByText('nightly is made').waitFor()
    const { body } = await deployment.ask('listTokens', { as: deployment.root, query: { q: 'nightly' } })
    const [made] = body.data
    assert.deepEqual(
      [made?.project_id, made?.scopes],
      [project.body.id, ['chatelaine.tokens:read', 'data:read', 'data:write']],
    )
    assert.equal(Date.parse(made!.expires_at!) - Date.parse(made!.created_at), 12 * 3_600_000)
    await page.close()
  })

  describe('ends where the person is', () => {
    async function openIn(timezoneId: string, path: string): Promise<Page> {
      const context = await browser.newContext({ timezoneId, viewport: { width: 1280, height: 900 } })
      const { page } = await watchedPage(context, deployment.origin)
      await page.goto(deployment.origin + path)
      await page.getByLabel('User name').fill('ada')
      await page.getByLabel('Password').fill(goodPassword)
      await page.getByRole('button', { name: 'Sign in' }).click()
      return page
    }

    // 14 March 2027 is the day on which clocks are set forward in New York.
    for (const [timezoneId, expected, utcDay] of [
      ['America/New_York', '2027-03-15T03:59:59.000Z', 'Mar 15, 2027'],
      ['Asia/Kolkata', '2027-03-14T18:29:59.000Z', 'Mar 14, 2027'],
      ['Pacific/Kiritimati', '2027-03-14T09:59:59.000Z', 'Mar 14, 2027'],
    ] as const) {
      test(`a last day ends at its midnight in ${timezoneId}, and says when that is in UTC`, async () => {
        const label = `day in ${timezoneId}`
        const query = new URLSearchParams({ label, expires: '2027-03-14' }).toString()
        const page = await openIn(timezoneId, `/console/tokens/new?${query}`)
        const end = page.locator('time', { hasText: 'It ends on Mar 14, 2027, 11:59' })
        await end.waitFor()
        assert.equal(await end.getAttribute('datetime'), expected)
        const hover = (await end.getAttribute('title')) ?? ''
        assert.match(hover, /^Mar 14, 2027, 11:59:59.PM \S+ \(.+ UTC\)$/)
        assert.ok(hover.includes(`(${utcDay}`), hover)
        await page.getByRole('button', { name: 'Create the token' }).click()
        await page.getByText('is made. Copy it now.').waitFor()
        const { body } = await deployment.ask('listTokens', { as: deployment.root, query: { q: label } })
        assert.equal(body.data[0]?.expires_at, expected)
        await page.context().close()
      })
    }

    test('a span is as long as it says also where clocks are set in between, and is told by the new ones', async () => {
      const page = await openIn('America/New_York', '/console/tokens/new?label=spring&expires=365d')
      const end = page.locator('time', { hasText: 'It ends on' })
      await end.waitFor()
      const told = Date.parse((await end.getAttribute('datetime'))!)
      await page.getByRole('button', { name: 'Create the token' }).click()
      await page.getByText('spring is made').waitFor()
      const { body } = await deployment.ask('listTokens', { as: deployment.root, query: { q: 'spring' } })
      const { created_at, expires_at } = body.data[0]!
      assert.equal(Date.parse(expires_at!) - Date.parse(created_at), 365 * 86_400_000)
      assert.ok(Math.abs(told - Date.parse(expires_at!)) < 60_000)
      await page.context().close()
    })

    test('what was, is and was counted is told in the zone of the person, with UTC beside it', async () => {
      const page = await openIn('Pacific/Kiritimati', '/console/tokens/new?label=island')
      await page.getByRole('button', { name: 'Create the token' }).click()
      await page.getByRole('button', { name: 'I have stored it' }).click()
      const { body } = await deployment.ask('listTokens', { as: deployment.root, query: { q: 'island' } })
      await page.goto(`${deployment.origin}/console/tokens/${body.data[0]!.id}`)
      await page.getByRole('heading', { name: 'What happened' }).waitFor()
      const isTold = (await page.locator('time').evaluateAll((times) => times.map((time) => time.title))).map((title) =>
        /GMT\+14 \(.+ UTC\)$/.test(title),
      )
      assert.ok(isTold.length >= 3 && isTold.every(Boolean), String(isTold))
      const hour = await page.locator('figure th[scope=row]').first().textContent()
      assert.match(hour ?? '', /^\w{3} \d+, \d{4}, \d+:00.[AP]M \(\d+:00.[AP]M UTC\)$/)
      await page.getByText('Last 30 days').click()
      await page
        .locator('figure th[scope=row]', { hasText: /^\w{3} \d+, \d{4} UTC$/ })
        .first()
        .waitFor({ state: 'attached' })
      await page.context().close()
    })
  })
})
