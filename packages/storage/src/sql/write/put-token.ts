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
import { runOne, type Steps } from '../steps.ts'

export function* putToken(
  transaction: Transaction,
  change: Change,
  write: Extract<Write, { put: 'token' }>,
): Steps<Written | Refused> {
  const { sealer, draft } = transaction
  const isNew = write.token.changedSeq === 0
  const previous = isNew ? undefined : yield* findToken(sealer, write.token.id)
  if (!isNew && previous?.changedSeq !== write.token.changedSeq) return conflict
  const slot = yield* chooseSlot(write, previous)
  if (typeof slot === 'object' && slot !== null) return slot
  const refused = yield* checkLiveLimit(write, previous, change.at)
  if (refused !== undefined) return refused

  const token: Token = {
    ...write.token,
    serial: previous?.serial ?? (draft.tokenSerial += 1),
    changedSeq: draft.seq + 1,
    use: previous?.use ?? { ...unused, left: write.token.usesGranted },
  }
  yield* writeToken(transaction, token, slot, previous?.changedSeq)
  if (isNew && token.usesGranted !== null) {
    yield* writeUsesLeft(transaction, { tokenId: token.id, remaining: token.usesGranted })
  }
  yield* append(transaction, change, token.accountId ?? token.projectId, takenState(change))
  if (write.descendants === 'revoke') yield* revokeDescendants(transaction, change, token)
  return { type: 'token', token }
}

export function* removeToken(transaction: Transaction, change: Change, token: Token): Steps<Written | Refused> {
  if ((yield* findToken(transaction.sealer, token.id))?.changedSeq !== token.changedSeq) return conflict
  yield* runOne('DELETE FROM tokens WHERE id = ? AND changed_seq = ?', token.id, token.changedSeq)
  yield* append(transaction, change, token.accountId ?? token.projectId, undefined)
  return writtenNothing
}
