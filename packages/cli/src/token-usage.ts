// How much a token is used, as the commands say it.

import type { TokenUsage } from '@chatelaine/sdk'
import { counted } from './counted.ts'
import type { Column } from './list.ts'

export const addressColumns: readonly Column<TokenUsage['addresses'][number]>[] = [
  { title: 'address', text: ({ ip }) => ip ?? 'not known' },
  { title: 'client', text: ({ client }) => client },
  { title: 'accepted', text: ({ accepted }) => accepted },
  { title: 'last used', at: ({ last_used_at }) => last_used_at, none: '' },
  { title: 'old secret', at: ({ old_last_used_at }) => old_last_used_at, none: '' },
]

/** What would break if the token ended, as the end of a sentence about it. */
export function acceptedText({ codes, address_count, addresses_are_more }: TokenUsage, when: string): string {
  const accepted = codes.valid ?? 0
  if (accepted === 0) return `was not accepted ${when}`
  const addresses = counted(address_count, 'address', 'addresses')
  const from = address_count === 0 ? ', from where is not known' : `, from ${addresses}`
  return `was accepted ${counted(accepted, 'time', 'times')} ${when}${from}${addresses_are_more ? ' or more' : ''}`
}
