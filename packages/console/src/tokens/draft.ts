import type { TokenAllowance, TokenCreate } from '@chatelaine/sdk'

/** What a person has chosen of a token so far. */
export interface Draft {
  readonly label: string
  readonly life: Life
  /** The one project that it reaches; empty: the whole account. */
  readonly projectId: string
  /** `all`: everything that the maker may give. */
  readonly scopes: 'all' | readonly string[]
  /** One address or block a line. */
  readonly addresses: string
  /** How often it may be verified in how many seconds, as it was written; empty: as often as one likes. */
  readonly rateLimit: string
  readonly rateWindowSeconds: string
  /** How many times it is good for, as it was written; empty: no end. */
  readonly uses: string
}

/** How long a token is to live, as it was chosen. */
export type Life =
  | { readonly in: 'days'; readonly days: number }
  | { readonly in: 'hours'; readonly hours: string }
  | { readonly in: 'date'; readonly date: string }
  | { readonly in: 'never' }

/** What is chosen where nobody has chosen anything. */
export const emptyDraft: Draft = {
  label: '',
  life: { in: 'days', days: 1 },
  projectId: '',
  scopes: 'all',
  addresses: '',
  rateLimit: '',
  rateWindowSeconds: '60',
  uses: '',
}

const dayMs = 86_400_000
const hourMs = 3_600_000

/** When a token of this life ends; `null`: never; `undefined`: that cannot be said of what stands there. */
export function endOf(life: Life, now: number): number | null | undefined {
  switch (life.in) {
    case 'days':
      return now + life.days * dayMs
    case 'hours':
      if (!/^\d{1,7}$/.test(life.hours)) return undefined
      // As in systems that count in hours: 0 means until deleted.
      return Number(life.hours) === 0 ? null : now + Number(life.hours) * hourMs
    case 'date': {
      // The end of that day, where the person is.
      const at = new Date(`${life.date}T23:59:59`).getTime()
      return Number.isNaN(at) ? undefined : at
    }
    case 'never':
      return null
  }
}

/** What can be wrong with a life; the words for each stand in the catalogue. */
export type LifeFault = 'unreadable' | 'past' | 'too-long' | 'no-permanent' | 'permanent-limit'

/** Why a life is not possible here; `undefined`: it is. */
export function lifeFaultOf(life: Life, allowance: TokenAllowance, now: number): LifeFault | undefined {
  const end = endOf(life, now)
  if (end === undefined) return 'unreadable'
  const longest = allowance.longest_lifetime_seconds
  if (end === null) {
    if (longest !== null) return 'no-permanent'
    return allowance.permanent.in_use >= allowance.permanent.max ? 'permanent-limit' : undefined
  }
  if (end <= now) return 'past'
  return longest !== null && end > now + longest * 1_000 ? 'too-long' : undefined
}

/** The draft as the API is asked for it. */
export function creationOf(draft: Draft, accountId: string, now: number): TokenCreate {
  const end = endOf(draft.life, now)
  const allowedIps = addressesIn(draft)
  const rate = rateIn(draft)
  return {
    label: draft.label.trim(),
    ...(draft.projectId === '' ? { account_id: accountId } : { project_id: draft.projectId }),
    ...lifeOf(draft.life, end),
    ...(draft.scopes === 'all' ? {} : { scopes: draft.scopes }),
    ...(allowedIps.length === 0 ? {} : { allowed_ips: allowedIps }),
    ...(draft.uses === '' ? {} : { uses_remaining: Number(draft.uses) }),
    ...(rate === undefined ? {} : { rate_limit: rate }),
  }
}

/** The addresses and blocks, each by itself. */
export function addressesIn({ addresses }: Pick<Draft, 'addresses'>): string[] {
  return addresses.split(/[\s,]+/).filter((address) => address !== '')
}

/** The rate as the API has it; `undefined` where none was written. */
export function rateIn({ rateLimit, rateWindowSeconds }: Pick<Draft, 'rateLimit' | 'rateWindowSeconds'>) {
  if (rateLimit === '') return undefined
  return { limit: Number(rateLimit), window_seconds: Number(rateWindowSeconds) }
}

/** Whole spans are asked for as such, so that a clock that is off does not shorten them. */
function lifeOf(
  life: Life,
  end: number | null | undefined,
): Pick<TokenCreate, 'permanent' | 'lifetime_seconds' | 'expires_at'> {
  if (end === null || end === undefined) return { permanent: true }
  if (life.in === 'days') return { lifetime_seconds: (life.days * dayMs) / 1_000 }
  if (life.in === 'hours') return { lifetime_seconds: (Number(life.hours) * hourMs) / 1_000 }
  return { expires_at: new Date(end).toISOString() }
}
