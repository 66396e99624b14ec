import type { RevokeTokensQuery } from '@chatelaine/sdk'
import { useState } from 'react'
import { useSearch } from 'wouter'
import { queryFor } from '../conditions.ts'
import { Button } from '../ui/button.tsx'
import { SelectField, TextField } from '../ui/field.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { Said } from '../ui/said.tsx'
import { useNow } from '../ui/time.tsx'
import { Loaded } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { DeleteMany, useHowMany } from './delete-many.tsx'
import { KindField } from './kind-field.tsx'
import { OwnedTokens } from './owned-tokens.tsx'
import { useTokenFilters, type KindFilter } from './token-filters.ts'

const text = words.allTokens
const { many } = words.tokens

/** Every token of the deployment, and the end of many at once. */
export function AllTokensPage() {
  const search = new URLSearchParams(useSearch())
  const accountId = search.get('account') ?? undefined
  const [{ condition }] = useTokenFilters()
  const now = useNow()
  const owner = accountId === undefined ? {} : { account_id: accountId }
  const [isMany, setMany] = useState(false)
  return (
    <Page
      title={words.nav.allTokens}
      actions={
        <Button look="danger" aria-expanded={isMany} onClick={() => setMany(!isMany)}>
          {text.revokeMany}
        </Button>
      }
    >
      {isMany && <Many within={{ ...owner, ...(condition === 'any' ? {} : queryFor(condition, now)) }} />}
      <OwnedTokens owner={owner} />
    </Page>
  )
}

type Lasting = 'any' | 'permanent' | 'temporary'

/** Which of these tokens, how many they are, and then their end. */
function Many({ within }: { within: RevokeTokensQuery }) {
  const [label, setLabel] = useState('')
  const [kind, setKind] = useState<KindFilter>('any')
  const [lasting, setLasting] = useState<Lasting>('any')
  const [said, setSaid] = useState<string>()
  const filters: RevokeTokensQuery = {
    ...within,
    ...(label.trim() === '' ? {} : { q: label.trim() }),
    ...(kind === 'any' ? {} : { kind }),
    ...(lasting === 'any' ? {} : { permanent: lasting === 'permanent' }),
  }
  const isNarrowed = Object.keys(filters).length > 0
  const found = useHowMany(filters, isNarrowed)
  return (
    <Sheet title={text.revokeMany}>
      <p>{text.about}</p>
      <div className="row">
        <TextField label={text.label} value={label} onChange={({ target }) => setLabel(target.value)} />
        <KindField kind={kind} onChange={setKind} />
        <SelectField
          label={text.lasting}
          value={lasting}
          onChange={({ target }) => setLasting(target.value as Lasting)}
        >
          {Object.entries(text.lastings).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </SelectField>
      </div>
      {said !== undefined && <Said key={said}>{said}</Said>}
      {isNarrowed ? (
        <Loaded query={found}>
          {(count) => (
            <div className="row">
              <p>{many.wouldEnd(count)}</p>
              <div hidden={count === 0}>
                <DeleteMany filters={filters} name={text.revokeThem(count)} title={text.title} onEnded={setSaid} />
              </div>
            </div>
          )}
        </Loaded>
      ) : (
        <p className="muted">{text.narrow}</p>
      )}
    </Sheet>
  )
}
