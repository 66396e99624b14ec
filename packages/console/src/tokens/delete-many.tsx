import type { RevokeTokensQuery } from '@chatelaine/sdk'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../server.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { Loaded } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'

const text = words.tokens.many

interface Progress {
  readonly deleted: number
  readonly left: number
}

/**
 * Ends every token that the filters find, after a question that says how many they are. The server ends a batch at a
 * time; whoever stops keeps the rest.
 */
export function DeleteMany({
  filters,
  name,
  title,
  onEnded,
}: {
  filters: RevokeTokensQuery
  name: string
  title: string
  /** Hears in a sentence how many ended, and how many are left. */
  onEnded: (said: string) => void
}) {
  const api = useApi()
  const queries = useQueryClient()
  const [progress, setProgress] = useState<Progress>()
  const run = async (signal: AbortSignal) => {
    let deleted = 0
    for (;;) {
      const { revoked, remaining } = await api.tokens.revokeMany(filters)
      deleted += revoked
      setProgress({ deleted, left: remaining })
      if (remaining > 0 && revoked > 0 && !signal.aborted) continue
      onEnded(text.ended(deleted, remaining))
      setProgress(undefined)
      void queries.invalidateQueries({ queryKey: ['tokens'] })
      return
    }
  }
  return (
    <Confirm
      name={name}
      look="danger"
      title={title}
      text={progress === undefined ? <HowMany filters={filters} /> : <HowFar progress={progress} />}
      {...(progress === undefined ? {} : { cancel: text.stop })}
      doIt={run}
    />
  )
}

function HowFar({ progress: { deleted, left } }: { progress: Progress }) {
  const said = text.progress(deleted, deleted + left)
  return (
    <>
      <p role="status">{said}</p>
      <progress className="progress" aria-label={said} value={deleted} max={deleted + left} />
    </>
  )
}

/** How many tokens the filters find, without ending any. */
export function useHowMany(filters: RevokeTokensQuery, isAsked = true) {
  const api = useApi()
  return useQuery({
    queryKey: ['tokens', 'many', filters],
    queryFn: async ({ signal }) => (await api.tokens.revokeMany({ ...filters, dry_run: true }, { signal })).remaining,
    enabled: isAsked,
  })
}

/** Asked for when the question is. */
function HowMany({ filters }: { filters: RevokeTokensQuery }) {
  return <Loaded query={useHowMany(filters)}>{(count) => <p>{text.wouldEnd(count)}</p>}</Loaded>
}
