import type { TokenId } from '@chatelaine/core'
import type { Row } from '../steps.ts'
import type { SealedTable } from '../seal.ts'

/** How many uses of a token can still be reserved. */
export interface UsesLeft {
  readonly tokenId: TokenId
  readonly remaining: number
}

/** Sealed, so that nobody gives spent uses back. */
export const usesLeftTable: SealedTable<UsesLeft> = {
  name: 'uses_left',
  sealed: ['token_id', 'remaining'],
  observed: [],
  key: ['token_id'],

  encode: ({ tokenId, remaining }): Row => ({ token_id: tokenId, remaining }),

  decode: ([tokenId, remaining]) => ({ tokenId, remaining }),
}
