import type { Token } from '@chatelaine/sdk'
import { isProblem } from '@chatelaine/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { useApi } from '../server.tsx'
import { Notice } from '../ui/notice.tsx'
import { Loaded } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { DeleteToken } from './delete-token.tsx'

const text = words.tokens

/** Which token it is that was pasted, wherever it belongs and also when it has ended. Only its id is asked for. */
export function Pasted({ id, onDeleted }: { id: string; onDeleted: (token: Token) => void }) {
  const api = useApi()
  const token = useQuery({
    queryKey: ['tokens', 'pasted', id],
    queryFn: async ({ signal }) => {
      try {
        return await api.tokens.get(id, { signal })
      } catch (error) {
        if (isProblem(error, 'not-found')) return null
        throw error
      }
    },
  })
  return (
    <Loaded query={token}>
      {(found) =>
        found === null ? (
          <Notice>{text.notRecognised}</Notice>
        ) : (
          <Notice action={found.status !== 'revoked' && <DeleteToken token={found} onDeleted={onDeleted} />}>
            {text.recognised(text.status[found.status])} <TokenLink token={found} />
          </Notice>
        )
      }
    </Loaded>
  )
}

/** So many projects are looked through for a token that is not in the own list. */
const projectsSearchedMax = 20

/** The tokens of one's projects that begin like this. Those are listed with their project, which a start does not name. */
export function InProjects({ start }: { start: string }) {
  const api = useApi()
  const isOfProject = /^[a-z][a-z0-9]{1,15}_prj_[0-9A-Za-z]+$/.test(start)
  const found = useQuery({
    queryKey: ['tokens', 'in-projects', start],
    queryFn: async ({ signal }) => {
      const { data: projects } = await api.projects.page({ limit: projectsSearchedMax }, { signal })
      const pages = await Promise.all(
        projects.map(({ id }) =>
          api.tokens.page({ project_id: id, q: start, status: 'active,suspended,expired,revoked' }, { signal }),
        ),
      )
      return pages.flatMap(({ data }) => data)
    },
    enabled: isOfProject,
  })
  if (!isOfProject) return null
  return (
    <Loaded query={found}>
      {(tokens) =>
        tokens.length === 0 ? (
          <p>{text.noneInProjects}</p>
        ) : (
          <ul className="plain-list">
            {tokens.map((token) => (
              <li key={token.id}>
                {text.inProject} <TokenLink token={token} /> <code className="muted">{token.start}…</code>{' '}
                {text.status[token.status]}
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  )
}

function TokenLink({ token }: { token: Token }) {
  return <Link href={`/tokens/${token.id}`}>{token.label === '' ? text.unlabelled : token.label}</Link>
}
