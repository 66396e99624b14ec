import { takenState, unused, type Change, type Token, type Write, type Written } from '@chatelaine/core'
import { findToken } from '../tables/find.ts'
import { append } from './append.ts'
import { writeUsesLeft } from './bookkeeping.ts'
import { conflict, type Refused } from './refused.ts'
import { revokeDescendants } from './ended-with.ts'
import { chooseSlot, checkLiveLimit } from './limits.ts'
import { writtenNothing } from './put-nothing.ts'
import { writeToken } from './token-row.ts'
import type { Transaction } from './transaction.ts'

export function putToken(
  transaction: Transaction,
  change: Change,
  write: Extract<Write, { put: 'token' }>,
): Written | Refused {
  const { draft } = transaction
  const isNew = write.token.changedSeq === 0
  const previous = isNew ? undefined : findToken(transaction, write.token.id)
  if (!isNew && previous?.changedSeq !== write.token.changedSeq) return conflict
  const slot = chooseSlot(transaction, write, previous)
  if (typeof slot === 'object' && slot !== null) return slot
  const refused = checkLiveLimit(transaction, write, previous, change.at)
  if (refused !== undefined) return refused

  const token: Token = {
    ...write.token,
    serial: previous?.serial ?? (draft.tokenSerial += 1),
    changedSeq: draft.seq + 1,
    use: previous?.use ?? { ...unused, left: write.token.usesGranted },
  }
  writeToken(transaction, token, slot, previous?.changedSeq)
  if (isNew && token.usesGranted !== null) {
    writeUsesLeft(transaction, { tokenId: token.id, remaining: token.usesGranted })
  }
  append(transaction, change, token.accountId ?? token.projectId, takenState(change))
  if (write.descendants === 'revoke') revokeDescendants(transaction, change, token)
  return { type: 'token', token }
}

export function removeToken(transaction: Transaction, change: Change, token: Token): Written | Refused {
  const { connection } = transaction
  if (findToken(transaction, token.id)?.changedSeq !== token.changedSeq) return conflict
  connection.runOne('DELETE FROM tokens WHERE id = ? AND changed_seq = ?', token.id, token.changedSeq)
  append(transaction, change, token.accountId ?? token.projectId, undefined)
  return writtenNothing
}
