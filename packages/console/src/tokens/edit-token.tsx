import type { Scope, Token, TokenAllowance } from '@chatelaine/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useCatalogue } from '../catalogue.ts'
import { useApi } from '../server.tsx'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { faultAt, Form } from '../ui/form.tsx'
import { Sheet } from '../ui/page.tsx'
import { useNow } from '../ui/time.tsx'
import { Loaded, Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { addressesIn, emptyDraft, endOf, lifeFaultOf, rateIn, type Life } from './draft.ts'
import { ExpiryChoice } from './expiry-choice.tsx'
import { LimitFields, type Limits } from './limit-fields.tsx'
import { ScopeChoice, withReserved } from './scope-choice.tsx'

const text = words.token

/** Changes what may be changed of a token: what it is called, until when, what it may do, from where and how often. */
export function EditToken({ token, onDone }: { token: Token; onDone: () => void }) {
  const api = useApi()
  const catalogue = useCatalogue()
  const { project_id: projectId, account_id: accountId } = token
  const owner = projectId !== null ? { project_id: projectId } : accountId !== null ? { account_id: accountId } : {}
  const allowance = useQuery({
    queryKey: ['tokens', 'allowance', owner],
    queryFn: ({ signal }) => api.tokens.allowance(owner, { signal }),
  })
  return (
    <Sheet title={text.edit}>
      <Loaded query={catalogue}>
        {(known) => (
          <Loaded query={allowance}>
            {(allowed) => <Fields token={token} catalogue={known} allowance={allowed} onDone={onDone} />}
          </Loaded>
        )}
      </Loaded>
    </Sheet>
  )
}

function Fields({
  token,
  catalogue,
  allowance,
  onDone,
}: {
  token: Token
  catalogue: readonly Scope[]
  allowance: TokenAllowance
  onDone: () => void
}) {
  const api = useApi()
  const now = useNow()
  const queries = useQueryClient()
  const [label, setLabel] = useState(token.label)
  const [life, setLife] = useState<Life>()
  const [scopes, setScopes] = useState<'all' | readonly string[]>(token.scopes.includes('*') ? 'all' : token.scopes)
  const [limits, setLimits] = useState<Limits>(() => ({
    addresses: token.allowed_ips.join('\n'),
    rateLimit: String(token.rate_limit?.limit ?? ''),
    rateWindowSeconds: String(token.rate_limit?.window_seconds ?? emptyDraft.rateWindowSeconds),
  }))
  const save = useMutation({
    mutationFn: () =>
      api.tokens.update(token.id, {
        label: label.trim(),
        ...(life === undefined ? {} : { expires_at: instantOf(endOf(life, Date.now())) }),
        scopes: scopes === 'all' ? ['*'] : scopes,
        allowed_ips: addressesIn(limits),
        rate_limit: rateIn(limits) ?? null,
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['tokens'] })
      onDone()
    },
  })
  const isPossible =
    (life === undefined || lifeFaultOf(life, allowance, now) === undefined) && (scopes === 'all' || scopes.length > 0)
  return (
    <Form onSubmit={() => save.mutate()}>
      <TextField
        label={words.create.label}
        maxLength={256}
        autoFocus
        value={label}
        fault={faultAt(save.error, '/label')}
        onChange={({ target }) => setLabel(target.value)}
      />
      <ExpiryChoice
        life={life}
        allowance={allowance}
        asItIs={{ name: text.expiryStays, onChoose: () => setLife(undefined) }}
        onChange={setLife}
      />
      <ScopeChoice chosen={scopes} catalogue={withReserved(catalogue, token.scopes)} onChange={setScopes} />
      <LimitFields
        limits={limits}
        error={save.error}
        onChange={(part) => setLimits((before) => ({ ...before, ...part }))}
      />
      {save.isError && <Problem error={save.error} />}
      <div className="row">
        <Button type="submit" look="primary" disabled={!isPossible} isBusy={save.isPending}>
          {words.app.save}
        </Button>
        <Button onClick={onDone}>{words.app.cancel}</Button>
      </div>
    </Form>
  )
}

/** `null`: never. */
function instantOf(end: number | null | undefined): string | null {
  return end === null || end === undefined ? null : new Date(end).toISOString()
}
