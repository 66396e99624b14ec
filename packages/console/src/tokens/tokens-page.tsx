import { usePerson } from '../session/person.tsx'
import { ButtonLink } from '../ui/button.tsx'
import { Page } from '../ui/page.tsx'
import { words } from '../words/words.ts'
import { OwnedTokens } from './owned-tokens.tsx'

/** A person's own tokens. */
export function TokensPage() {
  return (
    <Page
      title={words.tokens.title}
      actions={
        <ButtonLink look="primary" href="/tokens/new">
          {words.tokens.create}
        </ButtonLink>
      }
    >
      <p className="muted">{words.tokens.warning}</p>
      <OwnedTokens owner={{ account_id: usePerson().id }} createHref="/tokens/new" />
    </Page>
  )
}
