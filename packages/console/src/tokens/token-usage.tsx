import { useApi } from '../server.tsx'
import { Verifications } from '../verifications.tsx'
import { Addresses } from './addresses.tsx'

/** How a token's verifications ended, and from where it was accepted. */
export function TokenUsageChart({ id }: { id: string }) {
  const api = useApi()
  return (
    <Verifications queryKey={['tokens', 'usage', id]} read={(by, options) => api.tokens.usage(id, { by }, options)}>
      {(counted) => <Addresses usage={counted} />}
    </Verifications>
  )
}
