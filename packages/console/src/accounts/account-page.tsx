import type { Account } from '@chatelaine/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useParams } from 'wouter'
import { useApi } from '../server.tsx'
import { Button } from '../ui/button.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { Facts } from '../ui/facts.tsx'
import { TextField } from '../ui/field.tsx'
import { Form, textIn } from '../ui/form.tsx'
import { LoadedPage } from '../ui/loaded-page.tsx'
import { Notice } from '../ui/notice.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { Instant } from '../ui/time.tsx'
import { Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { AccountIdentity } from './identity.tsx'

const text = words.accounts

/** One account, as administrators see it, with its tokens. */
export function AccountPage({ tokensOf }: { tokensOf: (accountId: string) => ReactNode }) {
  const api = useApi()
  const { id = '' } = useParams()
  const account = useQuery({
    queryKey: ['accounts', 'one', id],
    queryFn: ({ signal }) => api.accounts.get(id, { signal }),
  })
  return (
    <LoadedPage query={account} title={text.one}>
      {(found) => <AccountView account={found}>{tokensOf(found.id)}</AccountView>}
    </LoadedPage>
  )
}

function AccountView({ account, children }: { account: Account; children: ReactNode }) {
  const api = useApi()
  const queries = useQueryClient()
  const changed = () => queries.invalidateQueries()
  const isActive = account.status === 'active'
  return (
    <Page
      title={account.name === '' ? account.username : account.name}
      actions={
        <>
          <Confirm
            name={account.role === 'admin' ? text.unmakeAdmin : text.makeAdmin}
            title={account.role === 'admin' ? text.unmakeAdminTitle : text.makeAdminTitle}
            text={account.role === 'admin' ? text.unmakeAdminText : text.makeAdminText}
            doIt={async () => {
              await api.accounts.update(account.id, { role: account.role === 'admin' ? 'member' : 'admin' })
              await changed()
            }}
          />
          <Confirm
            name={isActive ? text.disable : text.enable}
            look={isActive ? 'danger' : 'plain'}
            title={isActive ? text.disableTitle : text.enableTitle}
            text={isActive ? text.disableText : text.enableText}
            doIt={async () => {
              await api.accounts.update(account.id, { status: isActive ? 'disabled' : 'active' })
              await changed()
            }}
          />
        </>
      }
    >
      {!isActive && <Notice kind="warning">{text.isDisabled}</Notice>}
      <Sheet>
        <Facts
          facts={[
            [text.username, account.username],
            [text.email, account.email ?? '–'],
            [text.external, account.external_id ?? '–'],
            [text.role, text.roles[account.role]],
            [text.id, <code key="id">{account.id}</code>],
            [words.tokens.columns.created, <Instant key="created" at={account.created_at} />],
            [
              text.signedIn,
              account.last_sign_in_at === null ? text.neverSignedIn : <Instant key="in" at={account.last_sign_in_at} />,
            ],
          ]}
        />
      </Sheet>
      {children}
      <Sheet title={text.setPassword}>
        <NewPassword id={account.id} />
      </Sheet>
      <Sheet title={words.identity.title}>
        <AccountIdentity account={account} />
      </Sheet>
    </Page>
  )
}

function NewPassword({ id }: { id: string }) {
  const api = useApi()
  const queries = useQueryClient()
  const set = useMutation({
    mutationFn: (form: FormData) =>
      api.accounts.changePassword(id, { new_password: textIn(form, 'password'), revoke_tokens: form.has('tokens') }),
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <Form onSubmit={(filled) => set.mutate(filled)}>
      <TextField
        label={text.password}
        hint={text.passwordHint}
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={15}
        required
      />
      <label className="tick">
        <input type="checkbox" name="tokens" />
        {text.tokensToo}
      </label>
      {set.isError && <Problem error={set.error} />}
      <div className="row">
        <Button type="submit" isBusy={set.isPending}>
          {text.setPassword}
        </Button>
        <span role="status">{set.isSuccess && text.passwordSet}</span>
      </div>
    </Form>
  )
}
