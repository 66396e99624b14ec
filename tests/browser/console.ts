import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { goodPassword, type Deployment } from '../http/deployment.ts'
import { watchedPage, type Watched } from './browser.ts'

const pictures = fileURLToPath(new URL('../../node_modules/.cache/chatelaine-console/', import.meta.url))

/** Keeps a picture of a page as it stands, for whoever wants to look at it. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true })
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
}

/** A new person with a password. */
export async function newPerson(deployment: Deployment, username: string, more: object = {}): Promise<string> {
  const body = { username, password: goodPassword, ...more }
  return (await deployment.ask('createAccount', { as: deployment.root, body })).body.id
}

/** The console as somebody who has just signed in sees it, in a browser that shares nothing with another. */
export async function openConsole(
  browser: Browser,
  deployment: Deployment,
  username: string,
  path = '/console/',
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const watched = await watchedPage(context, deployment.origin)
  const { page } = watched
  await page.goto(deployment.origin + path)
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password').fill(goodPassword)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('navigation').waitFor()
  // That nobody is signed in is asked by a request that is refused, which the browser mentions.
  watched.complaints.splice(0)
  return watched
}

/** Presses Tab until the focus is on this control. */
export async function tabTo(page: Page, role: Parameters<Page['getByRole']>[0], name: string | RegExp): Promise<void> {
  const wanted = page.getByRole(role, { name }).first()
  await wanted.waitFor()
  for (let presses = 0; presses < 60; presses += 1) {
    if ((await wanted.and(page.locator(':focus')).count()) > 0) return
    await page.keyboard.press('Tab')
  }
  assert.fail(`Tab does not reach the ${role} ${String(name)}`)
}
