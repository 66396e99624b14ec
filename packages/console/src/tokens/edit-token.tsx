import type { Scope, Token, TokenAllowance } from '@chatelaine/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../server.tsx'
import { Button } from '../ui/button.tsx'
import { TextAreaField, TextField } from '../ui/field.tsx'
import { faultAt, Form } from '../ui/form.tsx'
import { Sheet } from '../ui/page.tsx'
import { useNow } from '../ui/time.tsx'
import { Loaded, Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { endOf, lifeFaultOf, type Life } from './draft.ts'
import { ExpiryChoice } from './expiry-choice.tsx'
import { ScopeChoice, withReserved } from './scope-choice.tsx'

const text = words.token

/** Changes what may be changed of a token: what it is called, until when, what it may do, from where and how often. */
export function EditToken({ token, onDone }: { token: Token; onDone: () => void }) {
  const api = useApi()
  const catalogue = useQuery({ queryKey: ['scopes'], queryFn: ({ signal }) => api.settings.listScopes({ signal }) })
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
  const [addresses, setAddresses] = useState(token.allowed_ips.join('\n'))
  const [rate, setRate] = useState(String(token.rate_limit?.limit ?? ''))
  const [windowSeconds, setWindowSeconds] = useState(String(token.rate_limit?.window_seconds ?? 60))
  const save = useMutation({
    mutationFn: () =>
      api.tokens.update(token.id, {
        label: label.trim(),
        ...(life === undefined ? {} : { expires_at: instantOf(endOf(life, Date.now())) }),
        scopes: scopes === 'all' ? ['*'] : scopes,
        allowed_ips: addresses.split(/[\s,]+/).filter((address) => address !== ''),
        rate_limit: rate === '' ? null : { limit: Number(rate), window_seconds: Number(windowSeconds) },
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
      <TextAreaField
        label={words.create.limits.addresses}
        hint={words.create.limits.addressesHint}
        spellCheck={false}
        value={addresses}
        fault={faultAt(save.error, '/allowed_ips')}
        onChange={({ target }) => setAddresses(target.value)}
      />
      <div className="row">
        <TextField
          label={words.create.limits.rate}
          inputMode="numeric"
          pattern="[1-9][0-9]*"
          value={rate}
          fault={faultAt(save.error, '/rate_limit/limit')}
          onChange={({ target }) => setRate(target.value)}
        />
        <TextField
          label={words.create.limits.window}
          inputMode="numeric"
          pattern="[1-9][0-9]*"
          value={windowSeconds}
          fault={faultAt(save.error, '/rate_limit/window_seconds')}
          onChange={({ target }) => setWindowSeconds(target.value)}
        />
      </div>
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
