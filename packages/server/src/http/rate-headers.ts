import type { RateStanding } from '@chatelaine/core'

/** How much a token is admitted, and what is left of that, as draft-ietf-httpapi-ratelimit-headers-11 writes it. */
export function rateHeaders(standing: RateStanding | undefined): Record<string, string> {
  if (standing === undefined) return {}
  const { rate, remaining, resetSeconds } = standing
  return {
    'ratelimit-policy': `"default";q=${rate.limit};w=${rate.windowSeconds}`,
    ratelimit: `"default";r=${remaining};t=${resetSeconds}`,
  }
}
