import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { openDeployment, type Deployment } from '../http/deployment.ts'
import { noBrowser, openBrowser } from './browser.ts'
import { newPerson, openConsole, picture } from './console.ts'

const run = promisify(execFile)

describe('a new secret in the console', { skip: noBrowser }, () => {
  let deployment: Deployment
  let browser: Browser
  let people = 0

  before(async () => {
    deployment = await openDeployment()
    browser = await openBrowser()
  })
  after(async () => {
    await browser.close()
    await deployment.close()
  })

  /** The page on which somebody sees a new token. */
  async function newSecret(label: string): Promise<{ page: Page; secret: string }> {
    const name = `person-${(people += 1)}`
    await newPerson(deployment, name)
    const { page } = await openConsole(browser, deployment, name, '/console/projects')
    await page.getByRole('link', { name: 'API tokens' }).click()
    await page.getByRole('link', { name: 'Create your first token' }).click()
    await page.getByLabel('Label').fill(label)
    await page.getByRole('button', { name: 'Create the token' }).click()
    const shown = page.getByLabel('The token', { exact: true })
    await shown.waitFor()
    return { page, secret: (await shown.textContent())! }
  }

  test('is not left by a link or the way back without a click that says so', async () => {
    const { page, secret } = await newSecret('kept')
    const shown = page.getByLabel('The token', { exact: true })
    const question = page.getByRole('alertdialog', { name: 'Leave without the token?' })
    await page.getByRole('link', { name: 'Projects' }).click()
    await picture(page, 'leaving')
    await question.getByRole('button', { name: 'Stay here' }).click()
    assert.equal(await shown.textContent(), secret)
    for (const stays of [true, false]) {
      await page.goBack()
      await question.getByRole('button', { name: stays ? 'Stay here' : 'Leave' }).click()
      if (stays) assert.equal(await shown.textContent(), secret)
    }
    await page.getByRole('heading', { name: 'API tokens' }).waitFor()
    assert.equal(await shown.count(), 0)
    await page.context().close()
  })

  test('is left by a link once the person has said so, and by the button without a question', async () => {
    const { page } = await newSecret('left')
    await page.getByRole('link', { name: 'Projects' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click()
    await page.getByRole('heading', { name: 'Projects' }).waitFor()
    await page.context().close()
    const { page: other } = await newSecret('stored')
    await other.getByRole('button', { name: 'I have stored it' }).click()
    await other.getByRole('heading', { name: 'stored' }).waitFor()
    await other.getByRole('link', { name: 'Projects' }).click()
    await other.getByRole('heading', { name: 'Projects' }).waitFor()
    await other.context().close()
  })

  test('is asked for before the window is closed or loaded again', async () => {
    const { page } = await newSecret('closed')
    // Browsers ask only for the sake of somebody who has done something on the page.
    await page.getByRole('heading', { name: 'Your new token' }).click()
    const asked = page.waitForEvent('dialog')
    await page.close({ runBeforeUnload: true })
    const dialog = await asked
    assert.equal(dialog.type(), 'beforeunload')
    await dialog.dismiss()
    assert.equal(await page.getByLabel('The token', { exact: true }).count(), 1)
    await page.context().close()
  })

  test('is downloaded under a name that nothing takes for anything else', async () => {
    const { page } = await newSecret('first')
    for (const [label, file] of [
      ['laptop', 'laptop.token'],
      ['--help', 'help.token'],
      ['../../etc/passwd; rm -rf ~ #', 'etc-passwd-rm-rf.token'],
      ['$(reboot)', 'reboot.token'],
      ['日本', 'chatelaine.token'],
    ] as const) {
      await page.getByRole('button', { name: 'I have stored it' }).click()
      await page.goto(`${deployment.origin}/console/tokens/new?label=${encodeURIComponent(label)}`)
      await page.getByRole('button', { name: 'Create the token' }).click()
      const secret = await page.getByLabel('The token', { exact: true }).textContent()
      const downloading = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Download as a .token file' }).click()
      const download = await downloading
      assert.equal(download.suggestedFilename(), file)
      assert.equal(readFileSync(await download.path(), 'utf8'), `${secret}\n`)
      await page.getByRole('tab', { name: 'File' }).click()
      assert.ok((await page.getByRole('tabpanel', { name: 'File' }).innerText()).includes(`chmod 600 ${file}`))
    }
    await page.context().close()
  })

  test('is put to use by each snippet as it stands there', async (t) => {
    const { page, secret } = await newSecret('snippets')
    const snippet = async (name: string) => {
      await page.getByRole('tab', { name, exact: true }).click()
      return page.getByRole('tabpanel', { name, exact: true }).locator('pre').innerText()
    }
    const directory = mkdtempSync(join(tmpdir(), 'chatelaine-snippets-'))
    const env = { ...process.env, HOME: directory, CHATELAINE_TOKEN: secret }
    const here = { cwd: directory, env }
    try {
      for (const name of ['Linux', 'macOS']) {
        await t.test(name, { skip: without('bash') }, async () => {
          const script = `${await snippet(name)}; printenv CHATELAINE_TOKEN`
          const reading = run('bash', ['-c', script], { ...here, env: { ...env, CHATELAINE_TOKEN: '' } })
          reading.child.stdin!.end(`${secret}\n`)
          assert.equal((await reading).stdout, `${secret}\n`)
        })
      }
      await t.test('File', { skip: without('git') }, async () => {
        mkdirSync(join(directory, 'Downloads'))
        writeFileSync(join(directory, 'Downloads/snippets.token'), `${secret}\n`, { mode: 0o644 })
        await run('sh', ['-ec', await snippet('File')], here)
        assert.equal(statSync(join(directory, 'snippets.token')).mode & 0o777, 0o600)
        await run('git', ['init', '--quiet'], here)
        assert.match((await run('git', ['check-ignore', 'snippets.token'], here)).stdout, /snippets\.token/)
      })
      await t.test('curl', { skip: without('curl') }, async () => {
        const { stdout } = await run('sh', ['-c', await snippet('curl')], here)
        assert.equal((JSON.parse(stdout) as { label: string }).label, 'snippets')
      })
      await t.test('Python', { skip: without('python3') }, async () => {
        assert.equal((await run('python3', ['-c', await snippet('Python')], here)).stdout, '200\n')
      })
      await t.test('TypeScript', async () => {
        symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(directory, 'node_modules'))
        writeFileSync(join(directory, 'program.mts'), await snippet('TypeScript'))
        assert.match((await run(process.execPath, ['program.mts'], here)).stdout, /label: 'snippets'/)
      })
    } finally {
      rmSync(directory, { recursive: true })
    }
    await page.context().close()
  })
})

/** Why what needs this program is skipped; `false` where it is there. */
function without(program: string): string | false {
  return spawnSync(program, ['--version']).error === undefined ? false : `there is no ${program} here`
}
