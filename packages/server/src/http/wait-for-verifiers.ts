import type { waitHeaders } from '@chatelaine/api'
import type { Feed } from '@chatelaine/core'

/**
 * Waits until the verifiers that follow the log know of everything that has been answered here, or can no longer answer
 * from memory, and says in headers how that ended. What a request has taken away is among it once its own work is done.
 */
export async function waitForVerifiers(feed: Feed): Promise<Record<string, string>> {
  const { acknowledged, lapsed, outstanding, tookMs } = await feed.settle()
  const figures: Record<(typeof waitHeaders)[number], number> = {
    'X-Chatelaine-Verifiers-Acknowledged': acknowledged,
    'X-Chatelaine-Verifiers-Lapsed': lapsed,
    'X-Chatelaine-Verifiers-Outstanding': outstanding,
    'X-Chatelaine-Verifiers-Waited-Ms': Math.round(tookMs),
  }
  return Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name.toLowerCase(), String(figure)]))
}
