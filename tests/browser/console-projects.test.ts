import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { openDeployment, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole, picture } from './console.ts'

describe('projects in the console', { skip: noBrowser }, () => {
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

  test('a person makes one, adds another, makes a token for it, and archives it, which ends the token', async () => {
    await newPerson(deployment, 'ada', { name: 'Ada Lovelace' })
    await newPerson(deployment, 'bea', { name: 'Bea' })
    const { page, complaints } = await openConsole(browser, deployment, 'ada', '/console/projects')
    await page.getByText('You belong to no project yet.').waitFor()
    await page.getByRole('button', { name: 'Create a project' }).click()
    await page.getByLabel('Name').fill('Atlas')
    await page.getByRole('button', { name: 'Create the project' }).click()
    await page.getByRole('heading', { name: 'Atlas' }).waitFor()
    await page.getByLabel('Add somebody, by user name').fill('nobody')
    await page.getByRole('button', { name: 'Add' }).click()
    await page.getByRole('alert').waitFor()
    complaints.splice(0)
    await page.getByLabel('Add somebody, by user name').fill('bea')
    await page.getByRole('button', { name: 'Add' }).click()
    await page.getByText('Bea (bea)').waitFor()

    await page.getByRole('link', { name: 'Create a token' }).click()
    await page.getByText(/reaches the project Atlas and nothing else/).waitFor()
    await page.getByRole('button', { name: 'Create the token' }).click()
    const secret = (await page.getByLabel('The token', { exact: true }).textContent())!
    const statusOf = async () => (await deployment.ask('getOwnToken', { as: secret })).status
    assert.equal(await statusOf(), 200)
    await page.getByRole('button', { name: 'I have stored it' }).click()
    await page.getByRole('link', { name: 'Projects' }).click()
    await page.getByRole('link', { name: 'Atlas' }).click()
    await page.getByRole('link', { name: 'No label' }).waitFor()
    await picture(page, 'project')
    await page.getByRole('button', { name: 'Archive' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Archive' }).click()
    await page.getByText('This project is archived').waitFor()
    assert.equal(await statusOf(), 401)
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test('a member sees the others by name, changes nothing of them, and may leave', async () => {
    const owner = await newPerson(deployment, 'cleo')
    await newPerson(deployment, 'dora')
    const project = await deployment.ask('createProject', {
      as: deployment.root,
      body: { name: 'Borealis', owner_id: owner },
    })
    const params = { id: project.body.id }
    await deployment.ask('addMember', { as: deployment.root, params, body: { username: 'dora' } })
    const { page } = await openConsole(browser, deployment, 'dora', `/console/projects/${project.body.id}`)
    await page.getByText('cleo').waitFor()
    assert.equal(await page.getByLabel('Role of cleo').count(), 0)
    await page.getByRole('button', { name: 'Leave' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click()
    await page.getByText('You belong to no project yet.').waitFor()
    const { body } = await deployment.ask('listMembers', { as: deployment.root, params })
    assert.deepEqual(
      body.data.map(({ username }) => username),
      ['cleo'],
    )
    await page.context().close()
  })

  test('the last owner stays, and reads why, once for each time of asking', async () => {
    const owner_id = await newPerson(deployment, 'emil')
    const { body } = await deployment.ask('createProject', { as: deployment.root, body: { name: 'Corona', owner_id } })
    const { page } = await openConsole(browser, deployment, 'emil', `/console/projects/${body.id}`)
    const question = page.getByRole('alertdialog')
    await page.getByRole('button', { name: 'Leave' }).click()
    await question.getByRole('button', { name: 'Leave' }).click()
    await question.getByText('This is the last owner of the project.').waitFor()
    await question.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Leave' }).click()
    await question.waitFor()
    assert.equal(await question.getByRole('alert').count(), 0)
    await page.context().close()
  })

  test('an archived one offers no new token', async () => {
    const owner_id = await newPerson(deployment, 'fritz')
    const { body } = await deployment.ask('createProject', { as: deployment.root, body: { name: 'Draco', owner_id } })
    await deployment.ask('archiveProject', { as: deployment.root, params: { id: body.id } })
    const { page } = await openConsole(browser, deployment, 'fritz', `/console/projects/${body.id}`)
    await page.getByText('This project is archived').waitFor()
    await page.getByText('No tokens yet').waitFor()
    assert.equal(await page.getByRole('link', { name: /Create/ }).count(), 0)
    await page.context().close()
  })
})
