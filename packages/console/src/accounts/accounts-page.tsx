import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useApi } from '../server.tsx'
import { Button } from '../ui/button.tsx'
import { SelectField, TextField } from '../ui/field.tsx'
import { faultAt, Form, textIn } from '../ui/form.tsx'
import { Mark } from '../ui/mark.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { Paged, usePages } from '../ui/paged.tsx'
import { Instant } from '../ui/time.tsx'
import { Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'

const text = words.accounts

/** Everybody, for administrators. */
export function AccountsPage() {
  const api = useApi()
  const [search, setSearch] = useState('')
  const [isNew, setNew] = useState(false)
  const wanted = useDeferredValue(search.trim())
  const list = usePages(['accounts', 'list', wanted], (cursor, options) =>
    api.accounts.page({ limit: 100, ...(wanted === '' ? {} : { q: wanted }), ...cursor }, options),
  )
  return (
    <Page
      title={words.nav.accounts}
      actions={
        <Button look="primary" aria-expanded={isNew} onClick={() => setNew(!isNew)}>
          {text.create}
        </Button>
      }
    >
      {isNew && <NewAccount />}
      <TextField
        label={text.search}
        type="search"
        maxLength={256}
        value={search}
        onChange={({ target }) => setSearch(target.value)}
      />
      <Paged list={list} empty={text.noneFound}>
        {(accounts) => (
          <ul className="lines">
            {accounts.map((account) => (
              <li key={account.id}>
                <span className="lines-name">
                  <Link href={`/accounts/${account.id}`}>{account.username}</Link>
                  {account.name !== '' && <span>{account.name}</span>}
                  {account.role === 'admin' && <Mark>{text.roles.admin}</Mark>}
                  {account.status === 'disabled' && <Mark look="warning">{text.disabled}</Mark>}
                </span>
                <span className="muted">
                  {account.last_sign_in_at === null ? (
                    text.neverSignedIn
                  ) : (
                    <>
                      {text.signedIn} <Instant at={account.last_sign_in_at} />
                    </>
                  )}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Paged>
    </Page>
  )
}

function NewAccount() {
  const api = useApi()
  const [, go] = useLocation()
  const queries = useQueryClient()
  const create = useMutation({
    mutationFn: (form: FormData) => {
      const filled = (name: string) => {
        const value = textIn(form, name).trim()
        return value === '' ? undefined : value
      }
      return api.accounts.create({
        username: textIn(form, 'username').trim(),
        name: filled('name'),
        email: filled('email'),
        external_id: filled('external'),
        password: textIn(form, 'password') === '' ? undefined : textIn(form, 'password'),
        role: textIn(form, 'role') === 'admin' ? 'admin' : 'member',
      })
    },
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ['accounts'] })
      go(`/accounts/${id}`)
    },
  })
  return (
    <Sheet title={text.create}>
      <Form onSubmit={(filled) => create.mutate(filled)}>
        <TextField
          label={text.username}
          name="username"
          autoCapitalize="none"
          fault={faultAt(create.error, '/username')}
          required
        />
        <TextField label={text.name} name="name" fault={faultAt(create.error, '/name')} />
        <TextField label={text.email} name="email" type="email" fault={faultAt(create.error, '/email')} />
        <TextField
          label={text.external}
          hint={text.externalHint}
          name="external"
          fault={faultAt(create.error, '/external_id')}
        />
        <TextField
          label={text.password}
          hint={text.passwordHint}
          name="password"
          type="password"
          autoComplete="new-password"
          fault={faultAt(create.error, '/password')}
        />
        <SelectField label={text.role} name="role" defaultValue="member">
          <option value="member">{text.roles.member}</option>
          <option value="admin">{text.roles.admin}</option>
        </SelectField>
        {create.isError && <Problem error={create.error} />}
        <Button type="submit" look="primary" isBusy={create.isPending}>
          {text.submit}
        </Button>
      </Form>
    </Sheet>
  )
}
