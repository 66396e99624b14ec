import { useMutation, useQueryClient } from '@tanstack/react-query'
import { sessionKey } from '../queries.ts'
import { useApi } from '../server.tsx'
import { usePerson } from '../session/person.tsx'
import { useSignOut } from '../session/session.tsx'
import { Button } from '../ui/button.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { TextField } from '../ui/field.tsx'
import { faultAt, Form, textIn } from '../ui/form.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { OwnIdentity } from './own-identity.tsx'

const text = words.profile

/** What people may change of themselves. */
export function ProfilePage() {
  const person = usePerson()
  const signOut = useSignOut()
  return (
    <Page title={words.nav.profile} isNarrow>
      <Sheet title={text.about}>
        <AboutForm />
      </Sheet>
      <Sheet title={text.password}>{person.has_password ? <PasswordForm /> : <p>{text.noPassword}</p>}</Sheet>
      <OwnIdentity />
      <Sheet title={text.sessions}>
        <p>{text.sessionsText}</p>
        <div>
          <Confirm
            name={text.everywhere}
            title={text.everywhereTitle}
            text={text.everywhereText}
            doIt={() => signOut({ everywhere: true })}
          />
        </div>
      </Sheet>
    </Page>
  )
}

function AboutForm() {
  const api = useApi()
  const person = usePerson()
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: (form: FormData) => {
      const email = textIn(form, 'email').trim()
      return api.accounts.updateOwn({ name: textIn(form, 'name').trim(), email: email === '' ? null : email })
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionKey }),
  })
  return (
    <Form onSubmit={(filled) => save.mutate(filled)}>
      <p className="muted">{text.username(person.username)}</p>
      <TextField label={text.name} name="name" maxLength={256} autoComplete="name" defaultValue={person.name} />
      <TextField
        label={text.email}
        name="email"
        type="email"
        maxLength={254}
        autoComplete="email"
        defaultValue={person.email ?? ''}
      />
      {save.isError && <Problem error={save.error} />}
      <div className="row">
        <Button type="submit" look="primary" isBusy={save.isPending}>
          {words.app.save}
        </Button>
        <span role="status">{save.isSuccess && text.saved}</span>
      </div>
    </Form>
  )
}

function PasswordForm() {
  const api = useApi()
  const person = usePerson()
  const change = useMutation({
    mutationFn: (form: FormData) =>
      api.accounts.changePassword(person.id, {
        current_password: textIn(form, 'current'),
        new_password: textIn(form, 'new'),
        revoke_tokens: form.has('tokens'),
      }),
    // Every session has ended, this one too.
    onSuccess: () => location.assign('/console/'),
  })
  return (
    <Form onSubmit={(filled) => change.mutate(filled)}>
      <input type="text" name="username" autoComplete="username" defaultValue={person.username} hidden readOnly />
      <TextField
        label={text.current}
        name="current"
        type="password"
        autoComplete="current-password"
        fault={faultAt(change.error, '/current_password')}
        required
      />
      <TextField
        label={text.new}
        hint={text.newHint}
        name="new"
        type="password"
        autoComplete="new-password"
        minLength={15}
        fault={faultAt(change.error, '/new_password')}
        required
      />
      <label className="tick">
        <input type="checkbox" name="tokens" />
        {text.tokensToo}
      </label>
      <p className="muted">{text.passwordEnds}</p>
      {change.isError && <Problem error={change.error} />}
      <Button type="submit" look="primary" isBusy={change.isPending}>
        {text.change}
      </Button>
    </Form>
  )
}
