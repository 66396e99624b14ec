import type { ListTokensQuery } from '@chatelaine/sdk'

const dayMs = 86_400_000

/** What a token may deserve a look for. */
export const conditions = ['expiring', 'never_used', 'unused', 'permanent'] as const
/** One of them. */
export type Condition = (typeof conditions)[number]

/** What finds those tokens. To the hour, so that the same question is asked for a while. */
export function queryFor(condition: Condition, now: number): ListTokensQuery {
  const hour = now - (now % 3_600_000)
  switch (condition) {
    case 'expiring':
      return { expires_before: new Date(hour + 7 * dayMs).toISOString() }
    case 'never_used':
      return { never_used: 'true' }
    case 'unused':
      return { unused_since: new Date(hour - 90 * dayMs).toISOString() }
    case 'permanent':
      return { permanent: true }
  }
}
