import type { Token } from '@chatelaine/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../server.tsx'
import { Button } from '../ui/button.tsx'
import { TextAreaField, TextField } from '../ui/field.tsx'
import { faultAt, Form } from '../ui/form.tsx'
import { Sheet } from '../ui/page.tsx'
import { Loaded, Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { ScopeChoice } from './scope-choice.tsx'

const text = words.token

/** Changes what may be changed of a token: what it is called, what it may do, and from where. */
export function EditToken({ token, onDone }: { token: Token; onDone: () => void }) {
  const api = useApi()
  const queries = useQueryClient()
  const catalogue = useQuery({ queryKey: ['scopes'], queryFn: ({ signal }) => api.settings.listScopes({ signal }) })
  const [label, setLabel] = useState(token.label)
  const [scopes, setScopes] = useState<'all' | readonly string[]>(token.scopes.includes('*') ? 'all' : token.scopes)
  const [addresses, setAddresses] = useState(token.allowed_ips.join('\n'))
  const save = useMutation({
    mutationFn: () =>
      api.tokens.update(token.id, {
        label: label.trim(),
        scopes: scopes === 'all' ? ['*'] : scopes,
        allowed_ips: addresses.split(/[\s,]+/).filter((address) => address !== ''),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['tokens'] })
      onDone()
    },
  })
  return (
    <Sheet title={text.edit}>
      <Loaded query={catalogue}>
        {(known) => (
          <Form onSubmit={() => save.mutate()}>
            <TextField
              label={words.create.label}
              maxLength={256}
              value={label}
              fault={faultAt(save.error, '/label')}
              onChange={({ target }) => setLabel(target.value)}
            />
            <ScopeChoice chosen={scopes} catalogue={known} onChange={setScopes} />
            <TextAreaField
              label={words.create.limits.addresses}
              hint={words.create.limits.addressesHint}
              spellCheck={false}
              value={addresses}
              fault={faultAt(save.error, '/allowed_ips')}
              onChange={({ target }) => setAddresses(target.value)}
            />
            {save.isError && <Problem error={save.error} />}
            <div className="row">
              <Button
                type="submit"
                look="primary"
                disabled={scopes !== 'all' && scopes.length === 0}
                isBusy={save.isPending}
              >
                {words.app.save}
              </Button>
              <Button onClick={onDone}>{words.app.cancel}</Button>
            </div>
          </Form>
        )}
      </Loaded>
    </Sheet>
  )
}
