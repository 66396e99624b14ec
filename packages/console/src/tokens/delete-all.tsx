import type { RevokeTokensQuery } from '@chatelaine/sdk'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../server.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { words } from '../words/words.ts'

const text = words.tokens

type Owner = Pick<RevokeTokensQuery, 'account_id' | 'project_id'>

/** Ends every token of an owner, after a question that says how many they are. */
export function DeleteAll({ owner }: { owner: Owner }) {
  const api = useApi()
  const queries = useQueryClient()
  return (
    <Confirm
      name={text.deleteAll}
      look="danger"
      title={text.deleteAllTitle}
      text={<HowMany owner={owner} />}
      doIt={async () => {
        let remaining = 1
        while (remaining > 0) {
          const answer = await api.tokens.revokeMany(owner)
          remaining = answer.revoked === 0 ? 0 : answer.remaining
        }
        await queries.invalidateQueries({ queryKey: ['tokens'] })
      }}
    />
  )
}

/** Asked for when the question is. */
function HowMany({ owner }: { owner: Owner }) {
  const api = useApi()
  const preview = useQuery({
    queryKey: ['tokens', 'many', owner],
    queryFn: ({ signal }) => api.tokens.revokeMany({ ...owner, dry_run: true }, { signal }),
  })
  return <p>{preview.data === undefined ? words.app.loading : words.allTokens.wouldEnd(preview.data.remaining)}</p>
}
