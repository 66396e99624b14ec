import type { Token } from '@chatelaine/sdk'
import { Mark } from '../ui/mark.tsx'
import { Instant, useNow } from '../ui/time.tsx'
import { words } from '../words/words.ts'

const soonMs = 7 * 86_400_000

/** When a token ends, or how it ended; within a week with a word of warning. */
export function Expiry({ token: { status, expires_at: expiresAt } }: { token: Token }) {
  const now = useNow()
  const isOver = status === 'revoked' || status === 'expired'
  const isSoon = expiresAt !== null && !isOver && Date.parse(expiresAt) - now < soonMs
  return (
    <span className={isSoon ? 'token-soon' : undefined}>
      {status !== 'active' && <Mark>{words.tokens.status[status]}</Mark>}{' '}
      {!isOver && (expiresAt === null ? words.tokens.never : <Instant at={expiresAt} />)}{' '}
      {isSoon && <Mark look="warning">{words.tokens.expiresSoon}</Mark>}
    </span>
  )
}
