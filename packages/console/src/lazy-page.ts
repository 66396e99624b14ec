import { isProblem, type Client } from '@chatelaine/sdk'
import { lazy, type ComponentType, type LazyExoticComponent } from 'react'

const askAgainMs = 2_000
/** A window that was loaded anew so lately, and lacks a program again, would only do so for ever. */
const justLoadedMs = 10_000

/**
 * A page whose program is fetched when it is first shown. Where it cannot be had, the window is loaded anew once the
 * server answers: browsers remember for the life of a document that a module was not to be had (HTML Living Standard,
 * module map), and after an upgrade it has another name.
 */
export function lazyPage<Props>(
  api: Client,
  load: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> {
  return lazy(async () => {
    try {
      return { default: await load() }
    } catch (error) {
      while (!(await answers(api))) await new Promise((resolve) => setTimeout(resolve, askAgainMs))
      if (isJustReloaded()) throw error
      location.reload()
      // Nothing is shown any more.
      return new Promise<never>(() => undefined)
    }
  })
}

async function answers(api: Client): Promise<boolean> {
  try {
    await api.server.health()
    return true
  } catch (error) {
    return !isProblem(error, 'unavailable')
  }
}

function isJustReloaded(): boolean {
  const [navigation] = performance.getEntriesByType('navigation')
  const isReload = navigation instanceof PerformanceNavigationTiming && navigation.type === 'reload'
  return isReload && performance.now() < justLoadedMs
}
