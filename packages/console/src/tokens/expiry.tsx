import type { Token } from '@chatelaine/sdk'
import { Instant, useNow } from '../ui/time.tsx'
import { words } from '../words/words.ts'

const soonMs = 7 * 86_400_000

/** When a token ends, or how it ended; within a week with a word of warning. */
export function Expiry({ token }: { token: Token }) {
  const now = useNow()
  const { status, expires_at: expiresAt } = token
  if (status === 'revoked' || status === 'expired' || status === 'suspended') {
    return <span className="token-status">{words.tokens.status[status]}</span>
  }
  if (expiresAt === null) return <>{words.tokens.never}</>
  const isSoon = Date.parse(expiresAt) - now < soonMs
  return (
    <span className={isSoon ? 'token-soon' : undefined}>
      <Instant at={expiresAt} />
      {isSoon && <span className="token-mark">{words.tokens.expiresSoon}</span>}
    </span>
  )
}
