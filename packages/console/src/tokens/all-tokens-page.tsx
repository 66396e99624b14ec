import type { ListTokensQuery, RevokeTokensQuery } from '@chatelaine/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useSearch } from 'wouter'
import { conditions, queryFor } from '../conditions.ts'
import { useApi } from '../server.tsx'
import { Button, ButtonLink } from '../ui/button.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { SelectField, TextField } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { useNow } from '../ui/time.tsx'
import { Loaded, Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { OwnedTokens } from './owned-tokens.tsx'

const text = words.allTokens

/** Every token of the deployment, and the end of many at once. */
export function AllTokensPage() {
  const search = new URLSearchParams(useSearch())
  const accountId = search.get('account') ?? undefined
  const condition = conditions.find((known) => known === search.get('condition'))
  const now = useNow()
  const owner: ListTokensQuery = {
    ...(accountId === undefined ? {} : { account_id: accountId }),
    ...(condition === undefined ? {} : queryFor(condition, now)),
  }
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
      {isMany && <RevokeMany />}
      {condition !== undefined && (
        <Notice action={<ButtonLink href="/all-tokens">{text.showAll}</ButtonLink>}>
          {words.overview.cards[condition].title}
        </Notice>
      )}
      <OwnedTokens owner={owner} />
    </Page>
  )
}

type Lasting = 'any' | 'permanent' | 'temporary'

/** Which tokens, how many they are, and then their end, batch by batch. */
function RevokeMany() {
  const api = useApi()
  const queries = useQueryClient()
  const [label, setLabel] = useState('')
  const [kind, setKind] = useState<'any' | 'account' | 'project'>('any')
  const [lasting, setLasting] = useState<Lasting>('any')
  const filters: RevokeTokensQuery = {
    ...(label.trim() === '' ? {} : { q: label.trim() }),
    ...(kind === 'any' ? {} : { kind }),
    ...(lasting === 'any' ? {} : { permanent: lasting === 'permanent' }),
  }
  const isNarrowed = Object.keys(filters).length > 0
  const preview = useQuery({
    queryKey: ['tokens', 'many', filters],
    queryFn: ({ signal }) => api.tokens.revokeMany({ ...filters, dry_run: true }, { signal }),
    enabled: isNarrowed,
  })
  const [done, setDone] = useState(0)
  const revoke = useMutation({
    mutationFn: async () => {
      let remaining = 1
      while (remaining > 0) {
        const answer = await api.tokens.revokeMany(filters)
        remaining = answer.remaining
        setDone((before) => before + answer.revoked)
        if (answer.revoked === 0) break
      }
      await queries.invalidateQueries({ queryKey: ['tokens'] })
    },
    onMutate: () => setDone(0),
  })
  return (
    <Sheet title={text.revokeMany}>
      <p>{text.about}</p>
      <div className="row">
        <TextField label={text.label} value={label} onChange={({ target }) => setLabel(target.value)} />
        <SelectField
          label={words.tokens.kind}
          value={kind}
          onChange={({ target }) => setKind(target.value as typeof kind)}
        >
          <option value="any">{words.tokens.anyKind}</option>
          <option value="account">{words.tokens.kinds.account}</option>
          <option value="project">{words.tokens.kinds.project}</option>
        </SelectField>
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
      {isNarrowed ? (
        <Loaded query={preview}>
          {({ remaining }) => (
            <div className="row">
              <p>{text.wouldEnd(remaining)}</p>
              {remaining > 0 && (
                <Confirm
                  name={text.revokeThem(remaining)}
                  look="danger"
                  title={text.title}
                  text={text.wouldEnd(remaining)}
                  doIt={() => revoke.mutateAsync()}
                />
              )}
            </div>
          )}
        </Loaded>
      ) : (
        <p className="muted">{text.narrow}</p>
      )}
      <p role="status">{done > 0 && text.ended(done)}</p>
      {revoke.isError && <Problem error={revoke.error} />}
    </Sheet>
  )
}
