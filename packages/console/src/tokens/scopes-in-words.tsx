import { words } from '../words/words.ts'

const shownMax = 3

/** What a token may do, short enough for a list. */
export function ScopesInWords({ scopes }: { scopes: readonly string[] }) {
  if (scopes.includes('*')) return <>{words.tokens.everything}</>
  const shown = scopes.slice(0, shownMax)
  const rest = scopes.length - shown.length
  return (
    <span title={scopes.join('\n')}>
      {shown.join(', ')}
      {rest > 0 && ` ${words.tokens.scopesMore(rest)}`}
    </span>
  )
}
