import type { Token } from '@chatelaine/core'
import { foldLabel, tokenTable } from '../tables/token-table.ts'
import type { Transaction } from './transaction.ts'
import { VersionWriter } from './version-writer.ts'
import type { Steps } from '../steps.ts'

const tokens = new VersionWriter(tokenTable, ['label_folded', 'permanent_slot'])

/**
 * Writes a token with its seal.
 * @param slot of a permanent token; `null` for others
 * @param replacedSeq the `changedSeq` of the version that this one replaces; `undefined` for a new token
 */
export function writeToken(
  { sealer }: Transaction,
  token: Token,
  slot: number | null,
  replacedSeq: number | undefined,
): Steps<void> {
  return tokens.write(sealer, token, { label_folded: foldLabel(token.label), permanent_slot: slot }, replacedSeq)
}
