import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { picture } from './console.ts'

const widths = [360, 1_600]
const schemes = ['light', 'dark'] as const

/** What a person with poor sight, or none, could not use. Lesser findings are advice. */
const grave = new Set(['serious', 'critical'])

/**
 * Looks at a page in both schemes and at both widths, keeps a picture of each, and says what is wrong with it.
 * @param unjudged rules that are not ours to keep on this page
 */
export async function faultsOf(page: Page, name: string, unjudged: string[] = []): Promise<string[]> {
  const faults: string[] = []
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 })
      await page.evaluate('new Promise(requestAnimationFrame)')
      const where = `${name}-${colorScheme}-${width}`
      await picture(page, where)
      const { violations } = await new AxeBuilder({ page }).disableRules(unjudged).analyze()
      const found = violations.filter(({ impact }) => grave.has(impact ?? ''))
      faults.push(
        ...found.map(({ id, nodes }) => `${where}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
      )
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      if (overflow > 0) faults.push(`${where}: is ${overflow} px wider than the window`)
    }
  }
  return faults
}
