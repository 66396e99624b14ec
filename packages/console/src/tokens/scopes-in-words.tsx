import type { Token } from '@chatelaine/sdk'
import { usePerson } from '../session/person.tsx'
import { words } from '../words/words.ts'
import { useScopeWords } from './scope-words.ts'

/** What a token may do, in the platform's words. With `max` so much as fits into a list. */
export function ScopesInWords({
  token: { scopes, account_id: accountId },
  max = scopes.length,
}: {
  token: Token
  max?: number
}) {
  const wordsOf = useScopeWords()
  const person = usePerson()
  if (scopes.includes('*')) {
    return accountId === person.id ? words.tokens.everything : words.tokens.everythingThere
  }
  const rest = scopes.length - max
  return (
    <span title={scopes.join('\n')}>
      {scopes.slice(0, max).map(wordsOf).join(', ')}
      {rest > 0 && ` ${words.tokens.scopesMore(rest)}`}
    </span>
  )
}
