import { isProblem } from '@chatelaine/sdk'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useSyncExternalStore } from 'react'

/** Whether the server did not answer the last that was asked of it. Whatever succeeds next ends it. */
export function useIsOffline(): boolean {
  const cache = useQueryClient().getQueryCache()
  return useSyncExternalStore(
    (listener) => cache.subscribe(listener),
    () => {
      const asked = cache.getAll().filter(({ state }) => state.dataUpdatedAt > 0 || state.errorUpdatedAt > 0)
      const last = asked.toSorted((a, b) => answeredAt(b.state) - answeredAt(a.state))[0]
      return (
        last !== undefined &&
        last.state.errorUpdatedAt > last.state.dataUpdatedAt &&
        isProblem(last.state.error, 'unavailable')
      )
    },
  )
}

/** Reads all that is on the page anew when the server is back. */
export function useReadingAnew(isOffline: boolean): void {
  const queries = useQueryClient()
  const wasOffline = useRef(false)
  useEffect(() => {
    if (wasOffline.current && !isOffline) void queries.refetchQueries({ type: 'active' }, { cancelRefetch: false })
    wasOffline.current = isOffline
  }, [queries, isOffline])
}

function answeredAt({ dataUpdatedAt, errorUpdatedAt }: { dataUpdatedAt: number; errorUpdatedAt: number }): number {
  return Math.max(dataUpdatedAt, errorUpdatedAt)
}
