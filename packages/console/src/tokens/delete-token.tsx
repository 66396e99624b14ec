import type { Token } from '@chatelaine/sdk'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../server.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { relatively, useNow } from '../ui/time.tsx'
import { words } from '../words/words.ts'

const text = words.tokens

/** Ends a token for good, after a question that says what it will break. */
export function DeleteToken({ token, onDeleted }: { token: Token; onDeleted?: () => void }) {
  const api = useApi()
  const queries = useQueryClient()
  const name = token.label === '' ? `${token.start}…` : token.label
  return (
    <Confirm
      name={text.delete}
      look="danger"
      label={text.deleteNamed(name)}
      title={text.deleteTitle}
      text={<WhatBreaks token={token} name={name} />}
      doIt={async () => {
        await api.tokens.revoke(token.id)
        await queries.invalidateQueries({ queryKey: ['tokens'] })
        onDeleted?.()
      }}
    />
  )
}

/** Asked for when the question is. */
function WhatBreaks({ token, name }: { token: Token; name: string }) {
  const api = useApi()
  const now = useNow()
  const usage = useQuery({
    queryKey: ['tokens', 'usage', token.id, 'hour'],
    queryFn: ({ signal }) => api.tokens.usage(token.id, { by: 'hour' }, { signal }),
  })
  const last = token.last_used_at === null ? undefined : relatively(Date.parse(token.last_used_at), now)
  return (
    <>
      <p>{text.deleteText(name)}</p>
      <p>
        {usage.data === undefined
          ? words.app.loading
          : text.breaks(usage.data.codes.valid ?? 0, last, token.last_used_ip)}
      </p>
    </>
  )
}
