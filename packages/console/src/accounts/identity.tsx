import type { Account } from '@chatelaine/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../server.tsx'
import { Button } from '../ui/button.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { Facts } from '../ui/facts.tsx'
import { TextField } from '../ui/field.tsx'
import { faultAt, Form, textIn } from '../ui/form.tsx'
import { Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'

const text = words.identity

/** Who signs in to an account through single sign-on, for administrators: set by them where it is nobody, and taken away. */
export function AccountIdentity({ account: { id, identity } }: { account: Account }) {
  const api = useApi()
  const queries = useQueryClient()
  if (identity === null) return <NewIdentity id={id} />
  return (
    <>
      <p>{text.set}</p>
      <Facts
        facts={[
          [text.issuer, <code key="issuer">{identity.issuer}</code>],
          [text.subject, <code key="subject">{identity.subject}</code>],
        ]}
      />
      <div>
        <Confirm
          name={text.remove}
          look="danger"
          title={text.removeTitle}
          text={text.removeText}
          doIt={async () => {
            await api.accounts.update(id, { identity: null })
            await queries.invalidateQueries()
          }}
        />
      </div>
    </>
  )
}

function NewIdentity({ id }: { id: string }) {
  const api = useApi()
  const queries = useQueryClient()
  const set = useMutation({
    mutationFn: (form: FormData) =>
      api.accounts.update(id, {
        identity: { issuer: textIn(form, 'issuer').trim(), subject: textIn(form, 'subject').trim() },
      }),
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <Form onSubmit={(filled) => set.mutate(filled)}>
      <p>{text.unset}</p>
      <TextField
        label={text.issuer}
        hint={text.issuerHint}
        name="issuer"
        type="url"
        maxLength={512}
        fault={faultAt(set.error, '/identity/issuer')}
        required
      />
      <TextField
        label={text.subject}
        hint={text.subjectHint}
        name="subject"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={255}
        fault={faultAt(set.error, '/identity/subject')}
        required
      />
      {set.isError && <Problem error={set.error} />}
      <div>
        <Button type="submit" isBusy={set.isPending}>
          {text.submit}
        </Button>
      </div>
    </Form>
  )
}
