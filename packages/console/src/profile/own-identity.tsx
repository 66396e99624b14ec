import { useMutation } from '@tanstack/react-query'
import { useApi } from '../server.tsx'
import { usePerson } from '../session/person.tsx'
import { useSignInMethods } from '../session/sign-in-methods.ts'
import { Button } from '../ui/button.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { Facts } from '../ui/facts.tsx'
import { Sheet } from '../ui/page.tsx'
import { Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'

const text = words.identity

/** Single sign-on of whoever is signed in: connected and disconnected by themselves. Nothing where there is none. */
export function OwnIdentity() {
  const { identity } = usePerson()
  const methods = useSignInMethods()
  if (identity === null && (methods?.single_sign_on ?? null) === null) return null
  return (
    <Sheet title={text.title}>
      {identity === null ? <Connect /> : <Connected issuer={identity.issuer} subject={identity.subject} />}
    </Sheet>
  )
}

function Connect() {
  const api = useApi()
  const connect = useMutation({
    mutationFn: () => api.accounts.connectIdentity(),
    // The provider sends the browser back to this page.
    onSuccess: ({ location: there }) => location.assign(there),
  })
  return (
    <>
      <p>{text.ownUnset}</p>
      {connect.isError && <Problem error={connect.error} />}
      <div>
        <Button isBusy={connect.isPending || connect.isSuccess} onClick={() => connect.mutate()}>
          {text.connect}
        </Button>
      </div>
    </>
  )
}

function Connected({ issuer, subject }: { issuer: string; subject: string }) {
  const api = useApi()
  const { has_password: hasPassword } = usePerson()
  return (
    <>
      <p>{text.ownSet}</p>
      <Facts
        facts={[
          [text.issuer, <code key="issuer">{issuer}</code>],
          [text.subject, <code key="subject">{subject}</code>],
        ]}
      />
      {hasPassword ? (
        <div>
          <Confirm
            name={text.disconnect}
            title={text.disconnectTitle}
            text={text.disconnectText}
            doIt={async () => {
              await api.accounts.disconnectIdentity()
              // Every session has ended, this one too.
              location.assign('/console/')
            }}
          />
        </div>
      ) : (
        <p className="muted">{text.onlyWay}</p>
      )}
    </>
  )
}
