import type { Token } from '@chatelaine/sdk'
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../server.tsx'
import { usePerson } from '../session/person.tsx'
import { PageLink } from '../ui/page-link.tsx'
import { words } from '../words/words.ts'

const text = words.tokens

/** Names change rarely, and each is read once for all of its tokens. */
const nameStaysMs = 300_000

/** What a token reaches: the own account, somebody else's, a project, or the management API. */
export function Reach({ token: { kind, account_id: accountId, project_id: projectId } }: { token: Token }) {
  const person = usePerson()
  if (projectId !== null) {
    return (
      <PageLink href={`/projects/${projectId}`}>
        <ProjectName id={projectId} />
      </PageLink>
    )
  }
  if (accountId === null) return text.kinds[kind]
  if (accountId === person.id) return text.ownAccount
  return (
    <PageLink href={`/accounts/${accountId}`}>
      <AccountName id={accountId} />
    </PageLink>
  )
}

function ProjectName({ id }: { id: string }) {
  const api = useApi()
  const project = useQuery({
    queryKey: ['projects', 'one', id],
    queryFn: ({ signal }) => api.projects.get(id, { signal }),
    staleTime: nameStaysMs,
  })
  return project.data?.name ?? text.kinds.project
}

function AccountName({ id }: { id: string }) {
  const api = useApi()
  const account = useQuery({
    queryKey: ['accounts', 'one', id],
    queryFn: ({ signal }) => api.accounts.get(id, { signal }),
    staleTime: nameStaysMs,
  })
  return account.data?.username ?? text.kinds.account
}
