import type { Account } from '@chatelaine/sdk'
import { useMutation } from '@tanstack/react-query'
import { useApi } from '../server.tsx'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Form, textIn } from '../ui/form.tsx'
import { Gate } from '../ui/gate.tsx'
import { Notice } from '../ui/notice.tsx'
import { Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { useSignInMethods } from './sign-in-methods.ts'

/** Name and password. `isAgain`: for somebody whose session is over, and whose page waits. */
export function SignIn({ isAgain, onSignedIn }: { isAgain: boolean; onSignedIn: (person: Account) => void }) {
  const api = useApi()
  const signIn = useMutation({
    mutationFn: async (form: FormData) => {
      const { account } = await api.session.signIn({
        username: textIn(form, 'username'),
        password: textIn(form, 'password'),
      })
      return account
    },
    onSuccess: onSignedIn,
  })
  return (
    <Gate title={words.signIn.title}>
      {isAgain && <Notice>{words.signIn.ended}</Notice>}
      <Form onSubmit={(filled) => signIn.mutate(filled)}>
        <TextField
          label={words.signIn.username}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          required
        />
        <TextField
          label={words.signIn.password}
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
        {signIn.isError && <Problem error={signIn.error} />}
        <Button type="submit" look="primary" isBusy={signIn.isPending}>
          {words.signIn.submit}
        </Button>
      </Form>
      <SingleSignOn isAgain={isAgain} />
    </Gate>
  )
}

/** Nothing where there is none, or while that is not known: name and password serve meanwhile. */
function SingleSignOn({ isAgain }: { isAgain: boolean }) {
  const start = useSignInMethods()?.single_sign_on
  if (start === undefined || start === null) return null
  const here = new URLSearchParams({ return_to: location.pathname + location.search })
  const href = `${start}?${here.toString()}`
  if (!isAgain) {
    return (
      <a className="button" href={href}>
        {words.signIn.sso}
      </a>
    )
  }
  // To leave this page would be to lose what waits on it; when its window is looked at again, it goes on.
  return (
    <>
      <a className="button" href={href} target="_blank" rel="noopener">
        {words.signIn.sso}
      </a>
      <p className="muted">{words.signIn.ssoElsewhere}</p>
    </>
  )
}
