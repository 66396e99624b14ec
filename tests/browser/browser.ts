import binary from '@sparticuz/chromium'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

/** Why there is no browser here, for the announcement of a skipped test; `false` where there is one. */
export const noBrowser =
  process.platform === 'linux' && process.arch === 'x64' ? false : 'the browser that the tests bring is for x64 Linux'

/** A browser without a window. Whoever opens it closes it. */
export async function openBrowser(): Promise<Browser> {
  // Its own sandbox needs rights that containers and root do not give; it opens nothing but our own pages.
  return chromium.launch({ executablePath: await binary.executablePath(), args: ['--no-sandbox'] })
}

/** What a page did that it should not have. */
export interface Watched {
  readonly page: Page
  /** Requests that went elsewhere; they were not let through. */
  readonly outside: string[]
  /** Everything that the browser complained of: errors, what the policy forbade, files that were not there. */
  readonly complaints: string[]
}

const viewport = { width: 1280, height: 1000 }

/** A new page that reaches these origins and nobody else. */
export async function watchedPage(browser: Browser | BrowserContext, ...origins: readonly string[]): Promise<Watched> {
  const page = 'newContext' in browser ? await browser.newPage({ viewport }) : await browser.newPage()
  const outside: string[] = []
  const complaints: string[] = []
  await page.route('**', async (route) => {
    const url = route.request().url()
    if (origins.includes(new URL(url).origin)) return route.continue()
    outside.push(url)
    return route.abort()
  })
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return { page, outside, complaints }
}
